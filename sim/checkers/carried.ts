/**
 * *carried*: what was chosen in an epoch is known to every voter that takes part in a later one.
 *
 * Fed with what becomes durable. A voter that says that it has merged holds, of every register,
 * what was chosen in the epochs before, or something of a higher ballot; or it has forgotten it by
 * rule 7: free locks, at its floor, and sessions that are over. It votes in no epoch before that,
 * and once it has accepted the next configuration it promises and accepts nothing more, and
 * answers no heartbeat.
 *
 * @see rules 17 and 18; Lamport, Malkhi, Zhou, "Vertical Paxos" (2009)
 */
import { compareBallots } from '../../src/core/ballot.ts';
import type { Change, RegisterState } from '../../src/core/event.ts';
import type { Message } from '../../src/core/message.ts';
import { CONFIGURATION_REGISTER } from '../../src/core/names.ts';
import type { Ballot, Epoch, RegisterName, RegisterRecord } from '../../src/core/types.ts';
import { NOBODY } from '../../src/core/types.ts';
import { describeBallot, describeRecord } from '../describe.ts';
import type { Machine } from '../machine.ts';
import type { SimulatedDisk } from '../store.ts';
import type { Agreed, Chosen } from './agreed.ts';
import type { Verdict } from './verdict.ts';

/** What only voters say that take part. */
const VOTES: ReadonlySet<Message['kind']> = new Set(['promise', 'accepted', 'alive', 'confirmed']);

type RegisterChange = Extract<Change, { kind: 'register' }>;

/** A voter, as far as what it holds is concerned. */
export interface Holder {
  readonly name: string;
  readonly disk: Pick<SimulatedDisk, 'epoch' | 'floor' | 'register'>;
}

/** Watches what goes from one epoch to the next. */
export class Carried {
  readonly #verdict: Verdict;
  readonly #agreed: Agreed;
  readonly #machines: () => Iterable<Machine>;
  /** The highest ballot of each register that a voter has forgotten. */
  readonly #forgotten = new Map<RegisterName, Ballot>();

  constructor(verdict: Verdict, agreed: Agreed, machines: () => Iterable<Machine>) {
    this.#verdict = verdict;
    this.#agreed = agreed;
    this.#machines = machines;
  }

  /** That voter takes part in its epoch from now on. */
  serves(machine: Holder): void {
    const { epoch } = machine.disk.epoch.configuration;
    for (const [name, chosen] of this.#agreed.allChosen())
      this.#knows(machine, epoch, name, chosen);
  }

  /** Something was chosen in an epoch: those that take part in a later one have to know it. */
  chosen(name: RegisterName, chosen: Chosen): void {
    if (name === CONFIGURATION_REGISTER) return;
    for (const machine of this.#machines()) {
      const { configuration, standing } = machine.disk.epoch;
      if (standing === 'serving') this.#knows(machine, configuration.epoch, name, chosen);
    }
  }

  #knows(machine: Holder, epoch: Epoch, name: RegisterName, chosen: Chosen): void {
    const { ballot, record } = chosen;
    if (ballot.epoch >= epoch) return;
    const held = machine.disk.register(name)?.accepted ?? null;
    const isKnown =
      held === null
        ? this.#mayForget(machine, name, chosen)
        : compareBallots(held.ballot, ballot) >= 0 || isSameEnd(held.record, record);
    if (isKnown) return;
    const knows = held === null ? 'nothing of it' : `only ${describeBallot(held.ballot)}`;
    this.#verdict.fail(
      'carried',
      `${machine.name} takes part in epoch ${epoch} and knows ${knows}: ` +
        `${describeRecord(record)} of ${name} was chosen under ${describeBallot(ballot)}`,
    );
  }

  /** A register has changed on a disk. */
  stored(machine: Machine, change: RegisterChange, before: RegisterState | null): void {
    if (isVote(change)) this.votes(machine, change);
    else if (change.state === null && before !== null) this.forgets(machine, change.name, before);
  }

  /**
   * A voter forgets a register. What every voter holds may be forgotten (rule 7), though it was
   * carried over, and chosen nowhere: there is nothing else that anybody could read.
   */
  forgets({ disk }: Machine, name: RegisterName, { accepted }: RegisterState): void {
    if (accepted === null || disk.epoch.standing !== 'serving' || !isOver(accepted.record)) return;
    const known = this.#forgotten.get(name);
    if (known === undefined || compareBallots(accepted.ballot, known) > 0) {
      this.#forgotten.set(name, accepted.ballot);
    }
  }

  #mayForget({ disk }: Holder, name: RegisterName, { ballot, record }: Chosen): boolean {
    const forgotten = this.#forgotten.get(name);
    if (record.kind === 'lock' && disk.floor.token < record.token) return false;
    return isOver(record) || (forgotten !== undefined && compareBallots(forgotten, ballot) > 0);
  }

  /** A voter's register changed by a vote of its own. */
  votes(machine: Machine, { name, state }: RegisterChange): void {
    if (state === null) return;
    const { configuration, standing } = machine.disk.epoch;
    const { epoch } = configuration;
    if (state.promised.epoch !== epoch) {
      this.#fails(machine, name, state, `in epoch ${epoch}`);
    } else if (standing !== 'serving') {
      this.#fails(machine, name, state, 'before it has merged what was chosen');
    } else if (name !== CONFIGURATION_REGISTER && isSealed(machine)) {
      this.#fails(machine, name, state, 'though it is sealed');
    }
  }

  #fails(
    { name: who }: Machine,
    name: RegisterName,
    { promised }: RegisterState,
    but: string,
  ): void {
    const promises = `${who} promises ${describeBallot(promised)} for ${name}`;
    this.#verdict.fail('carried', `${promises}, ${but}`);
  }

  /** A voter says that it lives: who is sealed lets nobody count on it any more. */
  lives(machine: Machine, epoch: Epoch): void {
    if (epoch !== machine.disk.epoch.configuration.epoch || !isSealed(machine)) return;
    const says = `${machine.name} answers a heartbeat of epoch ${epoch}`;
    this.#verdict.fail('carried', `${says}, though it is sealed`);
  }

  /** Nor does who has not merged: whatever a voter is heard to say, it takes part for certain. */
  hears(voter: Machine, epoch: Epoch, message: Message): void {
    const { configuration, standing } = voter.disk.epoch;
    if (standing === 'serving' || configuration.epoch !== epoch) return;
    const { kind } = message;
    if (!VOTES.has(kind)) return;
    const says = `${voter.name} says ${kind} in epoch ${epoch}`;
    this.#verdict.fail('carried', `${says}, and has not merged what was chosen before`);
  }
}

/** Whether that change is a vote, and no taking over of what others held: that is nobody's. */
export function isVote({ state }: RegisterChange): boolean {
  return state !== null && state.promised.peer !== NOBODY;
}

/** Whether that voter has accepted the next configuration, durably. */
export function isSealed({ disk }: Machine): boolean {
  const record = disk.register(CONFIGURATION_REGISTER)?.accepted?.record;
  if (record?.kind !== 'configuration') return false;
  return record.configuration.epoch > disk.epoch.configuration.epoch;
}

/**
 * *Expired* is final, whoever wrote it: one voter may keep an older write of it than the others
 * that have forgotten theirs, for a lock that it holds names the session (rule 7).
 */
function isSameEnd(held: RegisterRecord, chosen: RegisterRecord): boolean {
  return held.kind === 'session' && chosen.kind === 'session' && isOver(held) && isOver(chosen);
}

function isOver(record: RegisterRecord): boolean {
  if (record.kind === 'session') return record.state === 'expired';
  return record.kind === 'lock' && record.holder === null;
}
