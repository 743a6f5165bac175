/**
 * What must never happen in an explored world: *exclusive*, *fenced*, *agreed*, and the others by
 * whoever sees them.
 *
 * Owns what was accepted by whom so far, and the highest token: both are part of a state's key,
 * so that a verdict follows from a state, in whatever order it was reached.
 */
import { compareBallots, sameBallot } from '../../src/core/ballot.ts';
import type { Configuration, RegisterName, Token } from '../../src/core/types.ts';
import { Agreed } from '../checkers/agreed.ts';
import { type InvariantName, Verdict, type Violation } from '../checkers/verdict.ts';
import { Voters } from '../checkers/voters.ts';
import { Scheduler } from '../scheduler.ts';
import type { ExploredClient } from './explored-client.ts';
import type { Stored } from './local-peer.ts';

interface Acceptance extends Stored {
  readonly voter: number;
}

/** The checkers of one explored world. */
export class Watch {
  readonly #first: Configuration;
  #accepted: readonly Acceptance[] = [];
  /** Their names, in order. */
  #names = '';
  violation: Violation | null = null;
  /** The highest token that was answered. */
  highest: Token = 0;

  constructor(first: Configuration) {
    this.#first = first;
  }

  /** Another in the same state, which has found nothing yet. */
  copy(): Watch {
    const copy = new Watch(this.#first);
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

  #judge(name: RegisterName): void {
    const verdict = new Verdict(new Scheduler());
    const agreed = new Agreed(verdict, new Voters(this.#first));
    for (const { voter, register, ballot, record } of this.#accepted) {
      if (register === name) agreed.accepted(this.#first.voters[voter]!, register, ballot, record);
    }
    this.violation ??= verdict.violations[0] ?? null;
  }
}

/** By register, ballot and voter: no two acceptances are equal in all three. */
function inOrder(a: Acceptance, b: Acceptance): number {
  if (a.register !== b.register) return a.register < b.register ? -1 : 1;
  return compareBallots(a.ballot, b.ballot) || a.voter - b.voter;
}
