/**
 * *majority*: no peer that is cut off from the majority says a definite thing.
 *
 * A grant rests on a record that a quorum of voters holds durably, and that names the session and
 * the token. A definite *no* (`held`) is said only by a keeper, and a wait in vain answered 409
 * only by a home, that heard a quorum of voters lately; else it is 503 (rule 11, P6).
 */
import { nthLargest, quorumOf } from '../../src/core/quorum.ts';
import type { LockName, LockRecord, SessionId, Token } from '../../src/core/types.ts';
import type { Machine } from '../machine.ts';
import type { Verdict } from './verdict.ts';

/** Chosen tokens of a lock that are remembered: those that may still be answered are the newest. */
const TOKENS_REMEMBERED = 256;
/** A peer's clock may be slow, and counts whole ms: what it calls lately is this much longer. */
const SLOWER_PERMILLE = 30;

/** Watches what peers say for certain. */
export class Majority {
  readonly #verdict: Verdict;
  readonly #quorum: number;
  readonly #latelyUs: number;
  readonly #chosen = new Map<LockName, Map<Token, SessionId>>();
  /** By machine, then by voter: when it last answered a heartbeat (µs). */
  readonly #heard: number[][] = [];

  /** @param suspectMs - silence after which a peer counts as not reached, by a peer's clock */
  constructor(verdict: Verdict, voters: number, suspectMs: number) {
    this.#verdict = verdict;
    this.#quorum = quorumOf(voters);
    this.#latelyUs = suspectMs * (1_000 + SLOWER_PERMILLE) + 2_000;
  }

  /** A quorum of voters holds that record. */
  chosen(lock: LockName, { token, holder }: LockRecord): void {
    if (holder === null) return;
    const tokens = this.#chosen.get(lock) ?? new Map<Token, SessionId>();
    this.#chosen.set(lock, tokens);
    tokens.set(token, holder.session);
    tokens.delete(token - TOKENS_REMEMBERED);
  }

  /** A session was told that it has a lock. */
  granted(where: string, lock: LockName, token: Token, isTheirs: (id: SessionId) => boolean): void {
    const session = this.#chosen.get(lock)?.get(token);
    if (session !== undefined && isTheirs(session)) return;
    const instead =
      session === undefined ? 'nothing of it was chosen' : 'it was chosen for another';
    this.#verdict.fail('majority', `${where} granted ${lock} with token ${token}, ${instead}`);
  }

  /** A voter answered a heartbeat of that machine's. */
  heard(machine: Machine, voter: Machine): void {
    const heard = this.#heardBy(machine);
    heard[voter.index] = this.#verdict.now;
  }

  /** That machine says for certain that it cannot be had. */
  refuses(machine: Machine, what: string): void {
    const since = nthLargest(this.#heardBy(machine), this.#quorum, Number.NEGATIVE_INFINITY);
    if (this.#verdict.now - since <= this.#latelyUs) return;
    this.#verdict.fail('majority', `${machine.name} ${what}, and hears no quorum`);
  }

  #heardBy({ index }: Machine): number[] {
    let heard = this.#heard[index];
    if (heard === undefined) {
      heard = [];
      this.#heard[index] = heard;
    }
    return heard;
  }
}
