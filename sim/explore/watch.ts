/**
 * What must never happen in an explored world: *exclusive*, *fenced*, *agreed*, and the others by
 * whoever sees them.
 *
 * Owns what was accepted by whom so far, and the highest token: both are part of a state's key,
 * so that a verdict follows from a state, in whatever order it was reached.
 */
import { compareBallots, sameBallot } from '../../src/core/ballot.ts';
import { CONFIGURATION_REGISTER } from '../../src/core/names.ts';
import type { RegisterName, Token } from '../../src/core/types.ts';
import { Agreed } from '../checkers/agreed.ts';
import { Carried, type Holder } from '../checkers/carried.ts';
import { type InvariantName, Verdict, type Violation } from '../checkers/verdict.ts';
import { Voters } from '../checkers/voters.ts';
import { Scheduler } from '../scheduler.ts';
import type { ExploredClient } from './explored-client.ts';
import type { Stored } from './local-peer.ts';
import type { Scope } from './scope.ts';

interface Acceptance extends Stored {
  readonly voter: number;
}

/** The checkers of one explored world. */
export class Watch {
  readonly #scope: Scope;
  #accepted: readonly Acceptance[] = [];
  /** Their names, in order. */
  #names = '';
  violation: Violation | null = null;
  /** The highest token that was answered. */
  highest: Token = 0;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** Another in the same state, which has found nothing yet. */
  copy(): Watch {
    const copy = new Watch(this.#scope);
    copy.#accepted = this.#accepted;
    copy.#names = this.#names;
    copy.highest = this.highest;
    return copy;
  }

  /** All that it remembers, as text. */
  state(): string {
    return `${this.highest} ${this.#names}`;
  }

  fail(invariant: InvariantName, detail: string): void {
    this.violation ??= { invariant, at: 0, detail };
  }

  /** That is durable at a voter. */
  stored(voter: number, stored: Stored): void {
    const { register, ballot } = stored;
    const isKnown = this.#accepted.some(
      (one) => one.voter === voter && one.register === register && sameBallot(one.ballot, ballot),
    );
    if (isKnown) return;
    this.#accepted = [...this.#accepted, { ...stored, voter }].sort(inOrder);
    this.#names = this.#accepted.map(({ name }) => name).join();
    this.#judge(register);
  }

  /** A client was told that it has the lock. */
  acquired(client: ExploredClient, others: readonly ExploredClient[], nowMs: number): void {
    const { name, token, floor } = client;
    const owner = others.find((other) => other !== client && other.token === token);
    if (owner !== undefined)
      this.fail('fenced', `token ${token} was given to ${owner.name} and ${name}`);
    if (token <= floor) this.fail('fenced', `${name} asked after token ${floor} and got ${token}`);
    this.highest = Math.max(this.highest, token);
    const rival = others.find((other) => other !== client && other.believes(nowMs));
    if (rival !== undefined && client.believes(nowMs)) {
      this.fail('exclusive', `${rival.name} and ${name} both believe in the lock`);
    }
  }

  /** A voter takes part in its epoch from now on, with what it holds. */
  served(holder: Holder): void {
    const verdict = new Verdict(new Scheduler());
    const agreed = this.#agreed(verdict, new Set(this.#accepted.map(({ register }) => register)));
    new Carried(verdict, agreed, () => []).serves(holder);
    this.violation ??= verdict.violations[0] ?? null;
  }

  #judge(name: RegisterName): void {
    const verdict = new Verdict(new Scheduler());
    this.#agreed(verdict, new Set([name]));
    this.violation ??= verdict.violations[0] ?? null;
  }

  /** What was accepted of these, the configurations first: they say whose votes count. */
  #agreed(verdict: Verdict, names: ReadonlySet<RegisterName>): Agreed {
    const agreed = new Agreed(verdict, new Voters(this.#scope.configuration));
    for (const each of new Set([CONFIGURATION_REGISTER, ...names])) {
      for (const { voter, register, ballot, record } of this.#accepted) {
        if (register === each) agreed.accepted(this.#scope.ids[voter]!, register, ballot, record);
      }
    }
    return agreed;
  }
}

/** By register, ballot and voter: no two acceptances are equal in all three. */
function inOrder(a: Acceptance, b: Acceptance): number {
  if (a.register !== b.register) return a.register < b.register ? -1 : 1;
  return compareBallots(a.ballot, b.ballot) || a.voter - b.voter;
}
