/**
 * The claim that voters refused last, for its session has left its home (rules 2 and 3).
 *
 * A grant to it may stand at a voter that does not know of the move. Whoever reads it would have to
 * write it again, in vain, unless the promises of more voters prove that it is not chosen: those
 * are given a bounded time to come. Without proof it is left for a while to the home that has the
 * session now, which takes the lock along, or to the voters, who end that session.
 */
import type { Timer } from './agenda.ts';
import type { ClaimQueue } from './claim-queue.ts';
import type { Context } from './context.ts';
import { emptyLock, isHeldBy } from './lock.ts';
import type { Read } from './read.ts';
import type { LockRecord, Stamp } from './types.ts';
import type { Write } from './writer.ts';

/** What a keeper knows of a claim to which it can grant nothing. */
export class PassedOver {
  readonly #context: Context;
  #stamp: Stamp | null = null;
  #proof: Timer | null = null;
  #retry: Timer | null = null;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Whether more promises may still prove what was read unchosen. */
  get isProving(): boolean {
    return this.#proof !== null;
  }

  /** A grant was refused: its claim waits here no longer, and asks again if it lives. */
  note({ record }: Write, queue: ClaimQueue): void {
    this.#stamp = (record as LockRecord).holder?.stamp ?? null;
    if (this.#stamp !== null) queue.remove(this.#stamp);
  }

  /** Tells `take` what is to be taken for the record: at once, or when no more promises came. */
  read({ record, possible, certain, floorToken }: Read, take: (record: LockRecord) => void): void {
    const { agenda, settings } = this.#context;
    const read = (record as LockRecord | null) ?? emptyLock(floorToken);
    agenda.cancel(this.#proof);
    this.#proof = null;
    if (certain || !this.#isGrant(read)) take(read);
    else if (possible !== record) take((possible as LockRecord | null) ?? emptyLock(floorToken));
    else this.#proof = this.#context.after(settings.askMs, () => this.#takeUnproven(read, take));
  }

  #takeUnproven(read: LockRecord, take: (record: LockRecord) => void): void {
    this.#proof = null;
    take(read);
  }

  /** Whether to write that again is in vain for now; `retry` is called when it may be no more. */
  holdsUp(record: LockRecord, retry: () => void): boolean {
    if (!this.#isGrant(record)) return false;
    this.#retry ??= this.#context.after(this.#context.settings.reaskMs, () => {
      this.#retry = null;
      this.#stamp = null;
      retry();
    });
    return true;
  }

  #isGrant(record: LockRecord): boolean {
    return this.#stamp !== null && isHeldBy(record, this.#stamp);
  }
}
