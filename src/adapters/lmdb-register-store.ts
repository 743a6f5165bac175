/**
 * Durable registers in one LMDB file: what is written in one turn of the loop is one commit.
 *
 * Owns the file, the order of commits and the check of everything that is read back. At most one
 * commit is under way; writes that come meanwhile make the next one, so the busier the peer, the
 * more writes share a sync. After a commit that failed nothing is written any more: a later write
 * may rest on the lost one. Never looks into records; decides nothing about damage but to refuse.
 *
 * @see rules 1, 2 and 7
 */
import type { Change, DurableState, Floor, RegisterState } from '../core/event.ts';
import { assertNever } from '../core/invariant.ts';
import type { Incarnation, PeerId, RegisterName } from '../core/types.ts';
import { ElockError } from '../errors.ts';
import type { OpenedStore } from '../runtime/ports.ts';
import {
  decodeFloor,
  decodeRegisterState,
  encodeFloor,
  encodeRegisterState,
} from '../wire/durable-codec.ts';
import {
  decodeIncarnation,
  encodeIncarnation,
  kindOf,
  nameIn,
  registerKey,
  registerPayload,
  rememberedKey,
  Sealer,
  SINGLE,
  splitHashed,
} from './store-entry.ts';
import {
  type Database,
  damaged,
  messageOf,
  openDatabase,
  readPayload,
  refuseDamage,
  show,
} from './store-file.ts';

/** The form of entries; a store of a higher one is refused. */
export const STORE_FORMAT = 1;

const NO_FLOOR: Floor = { round: 0, token: 0 };
/** Below every prefix of a key. */
const FIRST_KEY = '\u0001';

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
  readonly #sealer = new Sealer();
  readonly #singles = new Map<string, Buffer>();
  #durable: DurableState = { registers: [], floor: NO_FLOOR, remembered: [] };
  #phase: Phase = 'idle';
  #failure: Error | null = null;
  /** Callbacks of the commit that is being filled or written. */
  #waiting: Done[] = [];
  /** Writes for the commit after that. */
  #queued: Write[] = [];

  private constructor(path: string, database: Database) {
    this.#path = path;
    this.#database = database;
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
      store.#durable = store.#load();
      return store;
    } catch (error) {
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

  /** What was on disk when the store was opened. */
  get durable(): DurableState {
    return this.#durable;
  }

  /** What was under that key when the store was opened. */
  single(key: string): Buffer | null {
    return this.#singles.get(key) ?? null;
  }

  /** Writes entries that exist once, and returns when they are durable. */
  writeSingles(entries: readonly (readonly [string, Uint8Array])[]): void {
    this.#exclusively(() => {
      for (const [key, payload] of entries) this.#put(key, payload);
    });
    for (const [key, payload] of entries) this.#singles.set(key, Buffer.from(payload));
  }

  /** Runs `action` in a transaction, which one process has at a time; LMDB's lock dies with it. */
  #exclusively(action: () => void): void {
    try {
      this.#database.transactionSync(action);
    } catch (cause) {
      if (cause instanceof ElockError) throw cause;
      throw new ElockError('storeFailed', `cannot write ${this.#path}: ${messageOf(cause)}`, {
        cause,
      });
    }
  }

  write(changes: readonly Change[], done: Done): void {
    if (this.#failure !== null) {
      const failure = this.#failure;
      queueMicrotask(() => done(failure));
    } else if (this.#phase === 'committing') {
      this.#queued.push({ changes, done });
    } else {
      this.#gather(changes, done);
    }
  }

  /** Closes the file when everything written is durable, or has failed. */
  async close(): Promise<void> {
    if (this.#failure === null)
      await new Promise<void>((resolve) => this.write([], () => resolve()));
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
    return this.#database.put(key, this.#sealer.seal(key, payload));
  }

  readonly #committed = (): void => {
    const waiting = this.#waiting;
    const queued = this.#queued;
    this.#waiting = [];
    this.#queued = [];
    this.#phase = 'idle';
    for (const { changes, done } of queued) this.#gather(changes, done);
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

  #fail(reason: unknown): void {
    const failure = new Error(`cannot write ${this.#path}: ${messageOf(reason)}`, {
      cause: reason,
    });
    this.#failure = failure;
    const waiting = [...this.#waiting, ...this.#queued.map((write) => write.done)];
    this.#waiting = [];
    this.#queued = [];
    for (const done of waiting) done(failure);
  }

  #load(): DurableState {
    const registers: [RegisterName, RegisterState][] = [];
    const remembered: [PeerId, Incarnation][] = [];
    for (const { key, value } of this.#database.getRange({ start: FIRST_KEY })) {
      const payload = readPayload(this.#path, key, value);
      switch (kindOf(key)) {
        case 'register':
          registers.push([nameIn(key) as RegisterName, this.#state(key, payload)]);
          break;
        case 'hashed-register': {
          const split = splitHashed(key, payload);
          if (split === null) throw damaged(this.#path, `the entry ${show(key)} has another name`);
          registers.push([split.name, this.#state(key, split.state)]);
          break;
        }
        case 'remembered-peer':
          remembered.push([nameIn(key) as PeerId, decodeIncarnation(payload)]);
          break;
        case 'single':
          this.#singles.set(key, Buffer.from(payload));
      }
    }
    this.#checkFormat(registers.length + remembered.length);
    return { registers, floor: this.#floor(), remembered };
  }

  #state(key: string, payload: Buffer): RegisterState {
    const state = decodeRegisterState(payload);
    if (state === null) throw damaged(this.#path, `the entry ${show(key)} is no register`);
    return state;
  }

  #floor(): Floor {
    const payload = this.#singles.get(SINGLE.floor);
    if (payload === undefined) return NO_FLOOR;
    const floor = decodeFloor(payload);
    if (floor === null) throw damaged(this.#path, 'the floor is unreadable');
    return floor;
  }

  #checkFormat(entries: number): void {
    const format = this.#singles.get(SINGLE.format)?.readUInt32LE(0) ?? null;
    if (format === null && entries + this.#singles.size > 0) {
      throw damaged(this.#path, 'it holds entries, but not the version of their form');
    }
    if (format !== null && format > STORE_FORMAT) {
      throw new ElockError(
        'storeDamaged',
        `${this.#path} has format ${format}, and this elock reads up to ${STORE_FORMAT}: ` +
          'it was written by a newer elock; start that one, or give this peer another directory',
      );
    }
  }
}
