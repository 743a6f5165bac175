/**
 * Durable registers: what is written in one turn of the loop is one commit to a journal, whose
 * contents LMDB takes in by and by.
 *
 * One synced write makes a vote durable; LMDB needs two for a commit, and is spared every state of
 * a register but the last. Owns the order of commits, and what changed since LMDB took in the last
 * half of the journal. At most one commit is under way; writes that come meanwhile make the next
 * one, so the busier the peer, the more writes share a sync. After a write that failed nothing is
 * written any more: a later one may rest on the lost one. Never looks into records; decides
 * nothing about damage but to refuse.
 *
 * @see rules 1, 2 and 7
 */
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Change, DurableState } from '../core/event.ts';
import { assertNever } from '../core/invariant.ts';
import { COMMIT_BYTES_MAX } from '../limits.ts';
import type { OpenedStore } from '../runtime/ports.ts';
import { encodeEpochState, encodeFloor, encodeRegisterState } from '../wire/durable-codec.ts';
import { createJournal, Journal, type JournalMark, readJournal } from './journal.ts';
import { CommitWriter, type JournalEntry } from './journal-commit.ts';
import { LmdbEntries, writeFailure } from './lmdb-entries.ts';
import { EMPTY_STORE, FORMAT_ENTRY, type StoreContents } from './store-contents.ts';
import {
  decodeMark,
  encodeIncarnation,
  encodeMark,
  registerKey,
  registerPayload,
  rememberedKey,
  SINGLE,
} from './store-entry.ts';
import { damaged, syncDirectory } from './store-file.ts';

/** Ids of journals are below this. */
const JOURNAL_IDS = 2 ** 31;

type Done = (error: Error | null) => void;

interface Write {
  readonly changes: readonly Change[];
  readonly done: Done;
}

/**
 * `gathering`: the turn in which the next commit is filled; it starts when the turn ends.
 * `turning`: a half of the journal is full, and LMDB has not yet taken in the other.
 *
 *     idle ── write ──▶ gathering ── end of turn ──▶ committing ── durable ──▶ idle | gathering
 *                           │  ▲                      ▲  │  │
 *                           ▼  └── taken in ──────────┘  │  └── error ──▶ failed
 *                        turning ◀── half full ──────────┘
 */
type Phase = 'idle' | 'gathering' | 'turning' | 'committing' | 'failed';

/** A voter's memory on disk. */
export class DurableRegisterStore implements OpenedStore {
  readonly #entries: LmdbEntries;
  readonly #journal: Journal;
  readonly #commit = new CommitWriter();
  #contents: StoreContents;
  #phase: Phase = 'idle';
  #failure: Error | null = null;
  /** Callbacks of the commit under way. */
  #committing: readonly Done[] = [];
  /** For the commits after it, in order. */
  #queue: Write[] = [];
  /** What the half of the journal in use says; LMDB does not know it yet. */
  #changed = new Map<string, Uint8Array | null>();
  /** LMDB takes in the other half; ends well in any case. */
  #checkpoint: Promise<void> | null = null;

  private constructor(entries: LmdbEntries, journal: Journal, contents: StoreContents) {
    this.#entries = entries;
    this.#journal = journal;
    this.#contents = contents;
  }

  /**
   * Opens the store, or makes an empty one, and reads it.
   *
   * @param claim - run before anything is read, by one process at a time; may refuse by throwing
   * @throws ElockError `storeDamaged` when it is not what was written, or of a newer version
   */
  static async open(path: string, claim: () => void = () => {}): Promise<DurableRegisterStore> {
    const entries = new LmdbEntries(path);
    try {
      entries.exclusively(claim);
      const contents = entries.read();
      const { journal, replayed } = openJournal(entries, contents.singles);
      return new DurableRegisterStore(entries, journal, replayed ? entries.read() : contents);
    } catch (error) {
      await entries.close();
      throw error;
    }
  }

  /** What was on disk when the store was opened; let go of at the first write. */
  get durable(): DurableState {
    return this.#contents.durable;
  }

  /** What was under that key when the store was opened. */
  single(key: string): Buffer | null {
    return this.#contents.singles.get(key) ?? null;
  }

  /** Writes entries that exist once, and returns when they are durable. */
  writeSingles(entries: readonly (readonly [string, Uint8Array])[]): void {
    this.#entries.putAtOnce(entries);
  }

  /** Writes changes and entries, all or nothing, and returns when they are durable. */
  writeAtOnce(
    changes: readonly Change[],
    entries: readonly (readonly [string, Uint8Array | null])[],
  ): void {
    this.#entries.putAtOnce([...changes.map(entryOf), ...entries]);
    this.#contents = EMPTY_STORE;
  }

  write(changes: readonly Change[], done: Done): void {
    this.#contents = EMPTY_STORE;
    if (this.#failure !== null) {
      const failure = this.#failure;
      queueMicrotask(() => done(failure));
      return;
    }
    this.#queue.push({ changes, done });
    if (this.#phase === 'idle') this.#commitAtEndOfTurn();
  }

  /** Closes the files when everything written is durable, or has failed. */
  async close(): Promise<void> {
    if (this.#failure === null)
      await new Promise<void>((resolve) => this.write([], () => resolve()));
    await this.#checkpoint;
    // What LMDB does not take in now, it takes in at the next start.
    if (this.#failure === null) await this.#takeIn();
    this.#journal.close();
    await this.#entries.close();
  }

  /** What this turn still brings goes along: the fuller the commits, the fewer there are. */
  #commitAtEndOfTurn(): void {
    this.#phase = 'gathering';
    setImmediate(this.#commitNext);
  }

  readonly #commitNext = (): void => {
    if (this.#failure !== null) return;
    this.#committing = this.#gather();
    if (this.#committing.length === 0) {
      this.#turn();
      return;
    }
    this.#phase = 'committing';
    if (this.#commit.length === 0) queueMicrotask(() => this.#committed(null));
    else this.#journal.commit(this.#commit.bytes, this.#committed);
  };

  /** Takes from the queue what goes into one commit; nothing: no more goes into this half. */
  #gather(): readonly Done[] {
    this.#commit.truncate(0);
    const dones: Done[] = [];
    for (const { changes, done } of this.#queue) {
      const before = this.#commit.length;
      const entries = changes.map(entryOf);
      for (const entry of entries) this.#commit.add(entry);
      if (!this.#journal.hasRoom(this.#commit.length)) {
        this.#commit.truncate(before);
        break;
      }
      for (const [key, payload] of entries) this.#changed.set(key, payload);
      dones.push(done);
      if (this.#commit.length >= COMMIT_BYTES_MAX) break;
    }
    this.#queue.splice(0, dones.length);
    return dones;
  }

  readonly #committed = (error: Error | null): void => {
    if (error !== null) this.#fail(writeFailure(journalPath(this.#entries.path), error));
    if (this.#failure !== null) return;
    const dones = this.#committing;
    this.#phase = 'idle';
    if (this.#queue.length > 0) this.#commitAtEndOfTurn();
    for (const done of dones) done(null);
  };

  /** The half is full: LMDB takes it in, while the other, once taken in, is written. */
  #turn(): void {
    this.#phase = 'turning';
    if (this.#checkpoint !== null) return;
    this.#checkpoint = this.#takeIn().finally(() => {
      this.#checkpoint = null;
      if (this.#phase === 'turning') this.#commitNext();
    });
    this.#journal.turn();
    this.#commitNext();
  }

  /** LMDB takes in what changed, and then notes how far it got. */
  async #takeIn(): Promise<void> {
    const changed = this.#changed;
    this.#changed = new Map();
    changed.set(SINGLE.journal, encodeMark(this.#journal.mark));
    try {
      await this.#entries.putGently(changed);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #fail(failure: Error): void {
    if (this.#failure !== null) return;
    this.#phase = 'failed';
    this.#failure = failure;
    const dones = [...this.#committing, ...this.#queue.map((write) => write.done)];
    this.#queue = [];
    for (const done of dones) done(failure);
  }
}

/** Where the journal of a store is. */
export function journalPath(path: string): string {
  return `${path}-journal`;
}

/** Opens the journal, makes it if there never was one, and has LMDB take in what it says. */
function openJournal(
  entries: LmdbEntries,
  singles: StoreContents['singles'],
): { readonly journal: Journal; readonly replayed: boolean } {
  const path = journalPath(entries.path);
  const bytes = singles.get(SINGLE.journal);
  const mark = bytes === undefined ? makeJournal(entries, path) : decodeMark(bytes);
  if (!existsSync(path)) throw damaged(entries.path, `its journal ${path} is missing`);
  const contents = readJournal(path, mark);
  if (typeof contents === 'string') throw damaged(path, contents);
  const reached = { id: mark.id, sequence: contents.nextSequence - 1 };
  entries.putAtOnce([...contents.entries, [SINGLE.journal, encodeMark(reached)]]);
  const journal = new Journal(path, mark.id, contents.nextSequence);
  return { journal, replayed: contents.entries.length > 0 };
}

function makeJournal(entries: LmdbEntries, path: string): JournalMark {
  const mark = { id: randomInt(JOURNAL_IDS), sequence: 0 };
  try {
    createJournal(path);
    syncDirectory(dirname(path));
  } catch (cause) {
    throw writeFailure(path, cause);
  }
  entries.putAtOnce([FORMAT_ENTRY, [SINGLE.journal, encodeMark(mark)]]);
  return mark;
}

/** What stands in the store for a change. */
function entryOf(change: Change): JournalEntry {
  switch (change.kind) {
    case 'register': {
      const { name, state } = change;
      const payload = state === null ? null : registerPayload(name, encodeRegisterState(state));
      return [registerKey(name), payload];
    }
    case 'floor':
      return [SINGLE.floor, encodeFloor(change.floor)];
    case 'epoch':
      return [SINGLE.epoch, encodeEpochState(change.state)];
    case 'remember':
      return [rememberedKey(change.peer), encodeIncarnation(change.incarnation, change.nonce)];
    default:
      return assertNever(change);
  }
}
