/**
 * Durable registers in one LMDB file: what is written in one turn of the loop is one commit.
 *
 * Owns the file and the order of commits; what is read back is checked in `store-contents.ts`. At
 * most one commit is under way; writes that come meanwhile make the next one, so the busier the
 * peer, the more writes share a sync. After a commit that failed nothing is written any more: a
 * later write may rest on the lost one. Never looks into records; decides nothing about damage
 * but to refuse.
 *
 * @see rules 1, 2 and 7
 */
import type { Change, DurableState } from '../core/event.ts';
import { assertNever } from '../core/invariant.ts';
import { ElockError } from '../errors.ts';
import { STORE_RESERVE_PUTS } from '../limits.ts';
import type { OpenedStore } from '../runtime/ports.ts';
import { encodeFloor, encodeRegisterState } from '../wire/durable-codec.ts';
import { EMPTY_STORE, readContents, type StoreContents } from './store-contents.ts';
import {
  encodeIncarnation,
  registerKey,
  registerPayload,
  rememberedKey,
  Sealer,
  SINGLE,
} from './store-entry.ts';
import { type Database, messageOf, openDatabase, readPayload, refuseDamage } from './store-file.ts';
import { StoreReserve } from './store-reserve.ts';

/** What LMDB tells of its pages. */
interface PageStatistics {
  readonly lastPageNumber: number;
  readonly pageSize: number;
}

type Done = (error: Error | null) => void;

interface Write {
  readonly changes: readonly Change[];
  readonly done: Done;
}

/**
 * `gathering`: the turn in which the next commit is filled; it starts when the turn ends.
 *
 *     idle ── write ──▶ gathering ── end of turn ──▶ committing ── durable ──▶ idle | gathering
 *                                                        └────── error ──────▶ failed
 */
type Phase = 'idle' | 'gathering' | 'committing' | 'failed';

/** A voter's memory on disk. */
export class LmdbRegisterStore implements OpenedStore {
  readonly #path: string;
  readonly #database: Database;
  readonly #reserve: StoreReserve;
  readonly #sealer = new Sealer();
  #contents: StoreContents = EMPTY_STORE;
  #phase: Phase = 'idle';
  #failure: Error | null = null;
  /** Since the reserve was last looked at. */
  #puts = STORE_RESERVE_PUTS;
  /** Callbacks of the commit that is being filled or written. */
  #waiting: Done[] = [];
  /** Writes for the commit after that. */
  #queued: Write[] = [];

  private constructor(path: string, database: Database) {
    this.#path = path;
    this.#database = database;
    this.#reserve = new StoreReserve(path);
  }

  /**
   * Opens the file, or makes an empty one, and reads it.
   *
   * @param claim - run before anything is read, by one process at a time; may refuse by throwing
   * @throws ElockError `storeDamaged` when the file is not what was written, or of a newer version
   */
  static async open(path: string, claim: () => void = () => {}): Promise<LmdbRegisterStore> {
    refuseDamage(path);
    const store = new LmdbRegisterStore(path, openDatabase(path));
    try {
      store.#exclusively(claim);
      store.#contents = readContents(path, store.#database);
      return store;
    } catch (error) {
      store.#reserve.close();
      await store.#database.close();
      throw error;
    }
  }

  /**
   * Reads one entry, whoever has the file open.
   *
   * @param checked - false while another process is at work: what it writes looks like damage
   */
  static async peek(path: string, key: string, checked: boolean): Promise<Buffer | null> {
    if (checked) refuseDamage(path);
    const database = openDatabase(path);
    try {
      const value = database.get(key);
      return value === undefined ? null : readPayload(path, key, value);
    } finally {
      await database.close();
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
    this.#exclusively(() => {
      for (const [key, payload] of entries) this.#put(key, payload);
    });
  }

  /** Runs `action` in a transaction, which one process has at a time; LMDB's lock dies with it. */
  #exclusively(action: () => void): void {
    try {
      this.#database.transactionSync(action);
    } catch (cause) {
      if (cause instanceof ElockError) throw cause;
      throw this.#writeFailure(cause);
    }
  }

  /** While no commit is under way. */
  #keepReserve(): void {
    const { lastPageNumber, pageSize } = this.#database.getStats() as PageStatistics;
    this.#puts = 0;
    try {
      this.#reserve.ensure((lastPageNumber + 1) * pageSize);
    } catch (cause) {
      throw this.#writeFailure(cause);
    }
  }

  #writeFailure(cause: unknown): ElockError {
    const message = `cannot write ${this.#path}: ${messageOf(cause)}`;
    return new ElockError('storeFailed', message, { cause });
  }

  write(changes: readonly Change[], done: Done): void {
    this.#contents = EMPTY_STORE;
    if (this.#failure !== null) {
      const failure = this.#failure;
      queueMicrotask(() => done(failure));
    } else if (this.#phase === 'idle' || this.#phase === 'gathering') {
      this.#gather(changes, done);
    } else {
      this.#queued.push({ changes, done });
    }
  }

  /** Closes the file when everything written is durable, or has failed. */
  async close(): Promise<void> {
    if (this.#failure === null)
      await new Promise<void>((resolve) => this.write([], () => resolve()));
    this.#reserve.close();
    await this.#database.close();
  }

  #gather(changes: readonly Change[], done: Done): void {
    if (this.#phase === 'idle') {
      const [first, ...rest] = changes;
      if (first === undefined) {
        queueMicrotask(() => done(null));
        return;
      }
      this.#phase = 'gathering';
      // Before the first put: LMDB starts its commit in the immediate that this put asks for.
      setImmediate(() => {
        this.#phase = 'committing';
      });
      this.#apply(first).then(this.#committed, this.#rejected);
      for (const change of rest) this.#apply(change);
    } else {
      for (const change of changes) this.#apply(change);
    }
    this.#waiting.push(done);
  }

  /** Puts a change into the commit that is being filled; the promise is that commit's. */
  #apply(change: Change): Promise<boolean> {
    switch (change.kind) {
      case 'register': {
        const key = registerKey(change.name);
        if (change.state === null) return this.#database.remove(key);
        return this.#put(key, registerPayload(change.name, encodeRegisterState(change.state)));
      }
      case 'floor':
        return this.#put(SINGLE.floor, encodeFloor(change.floor));
      case 'remember':
        return this.#put(rememberedKey(change.peer), encodeIncarnation(change.incarnation));
      default:
        return assertNever(change);
    }
  }

  #put(key: string, payload: Uint8Array): Promise<boolean> {
    this.#puts += 1;
    return this.#database.put(key, this.#sealer.seal(key, payload));
  }

  readonly #committed = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#phase = 'idle';
    try {
      if (this.#puts >= STORE_RESERVE_PUTS) this.#keepReserve();
      for (const { changes, done } of this.#queued.splice(0)) this.#gather(changes, done);
    } catch (error) {
      this.#phase = 'failed';
      queueMicrotask(() => this.#fail(error));
    }
    for (const done of waiting) done(null);
  };

  readonly #rejected = (error: unknown): void => {
    this.#phase = 'failed';
    // The error says only that the commit failed; its cause comes as a promise that rejects.
    const cause: unknown = (error as { commitError?: unknown }).commitError;
    Promise.resolve(cause).then(
      () => this.#fail(error),
      (reason) => this.#fail(reason),
    );
  };

  #fail(cause: unknown): void {
    const failure = cause instanceof ElockError ? cause : this.#writeFailure(cause);
    this.#failure = failure;
    const waiting = [...this.#waiting, ...this.#queued.map((write) => write.done)];
    this.#waiting = [];
    this.#queued = [];
    for (const done of waiting) done(failure);
  }
}
