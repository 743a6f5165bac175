/**
 * *majority*: no peer that is cut off from the majority says a definite thing.
 *
 * A grant rests on a record that a quorum of voters holds durably, and that names the session and
 * the token. A definite *no* (`held`) is said only by a keeper, and a wait in vain answered 409
 * only by a home, that heard a quorum of voters of its epoch lately; else it is 503 (rule 11, P6).
 * Who heard one when a new epoch began has as long once more: its voters may not all have merged.
 */
import { nthLargest } from '../../src/core/quorum.ts';
import type {
  Epoch,
  LockName,
  LockRecord,
  PeerId,
  SessionId,
  Token,
} from '../../src/core/types.ts';
import { entryOf } from '../entry-of.ts';
import type { Machine } from '../machine.ts';
import { Newest } from './newest.ts';
import type { Verdict } from './verdict.ts';
import type { Voters } from './voters.ts';

/**
 * Chosen tokens of a lock that are remembered: more than are given while a home sleeps, which is
 * told of its grant when it wakes.
 */
const TOKENS_REMEMBERED = 2_048;
/** A peer's clock may be slow, and counts whole ms: what it calls lately is this much longer. */
const SLOWER_PERMILLE = 30;

/** To whom a token was given, and when that was chosen first (µs). */
interface Grant {
  readonly session: SessionId;
  readonly at: number;
}

/** What one machine's peer heard in the epoch that it is in. */
interface Hearing {
  readonly epoch: Epoch;
  /** By voter: when it last answered a heartbeat (µs). */
  readonly heard: number[];
  /** Until when it need not have heard a quorum (µs). */
  readonly graceUntil: number;
}

/** Watches what peers say for certain. */
export class Majority {
  readonly #verdict: Verdict;
  readonly #voters: Voters;
  readonly #latelyUs: number;
  readonly #chosen = new Map<LockName, Newest<Grant>>();
  readonly #hearings = new Map<Machine, Hearing>();

  /** @param suspectMs - silence after which a peer counts as not reached, by a peer's clock */
  constructor(verdict: Verdict, voters: Voters, suspectMs: number) {
    this.#verdict = verdict;
    this.#voters = voters;
    this.#latelyUs = suspectMs * (1_000 + SLOWER_PERMILLE) + 2_000;
  }

  /** A quorum of voters holds that record. */
  chosen(lock: LockName, { token, holder }: LockRecord): void {
    if (holder === null) return;
    const tokens = entryOf(this.#chosen, lock, () => new Newest<Grant>(TOKENS_REMEMBERED));
    const { session } = holder;
    const before = tokens.get(token);
    if (before?.session !== session) tokens.set(token, { session, at: this.#verdict.now });
  }

  /** When that token was given (µs); 0: long ago. */
  chosenAt(lock: LockName, token: Token): number {
    return this.#chosen.get(lock)?.get(token)?.at ?? 0;
  }

  /** A session was told that it has a lock. */
  granted(where: string, lock: LockName, token: Token, isTheirs: (id: SessionId) => boolean): void {
    const session = this.#chosen.get(lock)?.get(token)?.session;
    if (session !== undefined && isTheirs(session)) return;
    const instead =
      session === undefined ? 'nothing of it was chosen' : 'it was chosen for another';
    this.#verdict.fail('majority', `${where} granted ${lock} with token ${token}, ${instead}`);
  }

  /** A voter answered a heartbeat of that machine's. */
  heard(machine: Machine, epoch: Epoch, voter: PeerId): void {
    const index = this.#voters.indexIn(epoch, voter);
    const hearing = this.#hearings.get(machine);
    if (index >= 0 && hearing?.epoch === epoch) hearing.heard[index] = this.#verdict.now;
  }

  /** An epoch begins at that machine, or a life of its peer in one. */
  enters(machine: Machine, epoch: Epoch, isNewLife: boolean): void {
    const before = this.#hearings.get(machine);
    const had = !isNewLife && before !== undefined && this.#hearsQuorum(before);
    const graceUntil = had ? this.#verdict.now + this.#latelyUs : Number.NEGATIVE_INFINITY;
    const voters = this.#voters.of(epoch)?.voters ?? [];
    const heard = voters.map(() => Number.NEGATIVE_INFINITY);
    this.#hearings.set(machine, { epoch, heard, graceUntil });
  }

  /** That machine says for certain that it cannot be had. */
  refuses(machine: Machine, what: string): void {
    const hearing = this.#hearings.get(machine);
    if (hearing !== undefined && this.#hearsQuorum(hearing)) return;
    this.#verdict.fail('majority', `${machine.name} ${what}, and hears no quorum`);
  }

  #hearsQuorum({ epoch, heard, graceUntil }: Hearing): boolean {
    const { now } = this.#verdict;
    const since = nthLargest(heard, this.#voters.quorum(epoch), Number.NEGATIVE_INFINITY);
    return now - since <= this.#latelyUs || now <= graceUntil;
  }
}
