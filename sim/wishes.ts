/**
 * Makes a plan's wishes to change the voters, and sees to it that each is answered truly.
 *
 * Owns which peers a change of machines is about, and what came of each wish. Leaves marks, as
 * scripts do (`script.ts`); wishes are numbered from 1. What is agreed on is for the checkers.
 */

import {
  isFulfilled,
  type MembershipChange,
  sameConfiguration,
} from '../src/core/configuration.ts';
import type { MembershipOutcome } from '../src/core/event.ts';
import { assertNever } from '../src/core/invariant.ts';
import type { Configuration, PeerId } from '../src/core/types.ts';
import type { Verdict } from './checkers/verdict.ts';
import type { Voters } from './checkers/voters.ts';
import type { Life, Machine } from './machine.ts';
import { machineName } from './names.ts';
import type { PlannedChange, PlannedWish } from './plan.ts';
import type { World } from './world.ts';

/** A wish that has been made and not been answered. */
export interface PendingWish {
  readonly number: number;
  readonly machine: Machine;
  readonly life: Life | null;
  /** When it was made (µs). */
  readonly since: number;
}

/** All wishes of one world. */
export class Wishes {
  readonly #world: World;
  readonly #verdict: Verdict;
  readonly #voters: Voters;
  readonly #pending = new Map<number, PendingWish>();
  readonly #answers = new Map<MembershipOutcome['kind'], number>();

  constructor(world: World, verdict: Verdict, voters: Voters) {
    this.#world = world;
    this.#verdict = verdict;
    this.#voters = voters;
  }

  /** Puts all wishes of the plan on the scheduler. */
  schedule(): void {
    const { plan, scheduler } = this.#world;
    for (const [index, wish] of (plan.wishes ?? []).entries()) {
      scheduler.at(wish.at * 1_000, () => this.#make(index + 1, wish));
    }
  }

  /** Those that wait for an answer of a life that runs. */
  get pending(): readonly PendingWish[] {
    return [...this.#pending.values()].filter(({ machine, life }) => machine.life === life);
  }

  /** How many were answered, by what came of them. */
  get counts(): Record<string, number> {
    return {
      wishesChanged: this.#answers.get('changed') ?? 0,
      wishesChosen: this.#answers.get('chosen') ?? 0,
      wishesRefused: this.#answers.get('refused') ?? 0,
      wishesIndeterminate: this.#answers.get('indeterminate') ?? 0,
    };
  }

  #make(number: number, { machine: index, change: planned }: PlannedWish): void {
    const { machines, journal, scheduler } = this.#world;
    const machine = machines[index]!;
    const change = this.#about(planned);
    journal.note('wish', machine.name, '', describeWish(planned));
    this.#pending.set(number, { number, machine, life: machine.life, since: scheduler.now });
    machine.wish(change, (outcome) => this.#answered(number, machine, change, outcome));
  }

  #answered(
    number: number,
    machine: Machine,
    change: MembershipChange,
    outcome: MembershipOutcome,
  ): void {
    const { journal, marks } = this.#world;
    journal.note('wish', machine.name, '', `${number} ${JSON.stringify(outcome)}`);
    this.#pending.delete(number);
    this.#answers.set(outcome.kind, (this.#answers.get(outcome.kind) ?? 0) + 1);
    marks.leave(`wish ${number} ${outcome.kind}`);
    if (outcome.kind !== 'changed' && outcome.kind !== 'chosen') return;
    const problem = this.#problemOf(change, outcome.configuration);
    if (problem === null) return;
    const told = `${machine.name} said that wish ${number} is ${outcome.kind}`;
    this.#verdict.fail('answered', `${told}, and ${problem}`);
  }

  #problemOf(change: MembershipChange, told: Configuration): string | null {
    const chosen = this.#voters.of(told.epoch);
    if (chosen === null || !sameConfiguration(chosen, told)) return 'nothing of it was agreed on';
    return isFulfilled(change, told) ? null : `it is not so in epoch ${told.epoch}`;
  }

  // Which peers it is about

  #about(planned: PlannedChange): MembershipChange {
    switch (planned.kind) {
      case 'add':
        return { kind: 'add', peers: planned.peers.map((machine) => this.#living(machine)) };
      case 'remove':
        return { kind: 'remove', peers: planned.peers.map((machine) => this.#voting(machine)) };
      case 'replace':
        return {
          ...planned,
          peer: this.#voting(planned.peer),
          by: this.#living(planned.by),
        };
      case 'set':
        return { kind: 'set', voters: planned.voters.map((machine) => this.#living(machine)) };
      case 'expel':
        return { kind: 'expel', peer: this.#voting(planned.peer) };
      case 'want':
        return planned;
      default:
        return assertNever(planned);
    }
  }

  #living(machine: number): PeerId {
    return this.#world.machines[machine]!.id;
  }

  /** A peer that lost its directory may have a vote still: it is that one which has to go. */
  #voting(machine: number): PeerId {
    const { voters } = this.#voters.latest;
    const { ids, id } = this.#world.machines[machine]!;
    return ids.find((each) => voters.includes(each)) ?? id;
  }
}

/** The machines that a change is about. */
export function machinesOf(change: PlannedChange): readonly number[] {
  if (change.kind === 'add' || change.kind === 'remove') return change.peers;
  if (change.kind === 'replace') return [change.peer, change.by];
  if (change.kind === 'expel') return [change.peer];
  return change.kind === 'set' ? change.voters : [];
}

/** A wish in a few words. */
export function describeWish(change: PlannedChange): string {
  const names = (machines: readonly number[]) => machines.map(machineName).join(' ');
  switch (change.kind) {
    case 'add':
    case 'remove':
      return `${change.kind} ${names(change.peers)}`;
    case 'replace':
      return `replace ${machineName(change.peer)} by ${machineName(change.by)}`;
    case 'set':
      return `set ${names(change.voters)}`;
    case 'expel':
      return `expel ${machineName(change.peer)}`;
    case 'want':
      return `want ${change.voters}`;
    default:
      return assertNever(change);
  }
}
