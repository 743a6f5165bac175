/**
 * The checkers of one world, and what each is told.
 *
 * Owns what the checkers have in common: who is behind a connection, and what a home believes of
 * the sessions attached to it. Every check is made at the very event.
 */
import type { Command, LostLock, Response } from '../../src/core/command.ts';
import type { Change, Effect, Event, Observation, RegisterState } from '../../src/core/event.ts';
import { lockOf, sessionRegister } from '../../src/core/names.ts';
import { bits } from '../../src/core/quorum.ts';
import type { Settings } from '../../src/core/settings.ts';
import type {
  Ballot,
  Configuration,
  LockName,
  PeerId,
  RegisterName,
  SessionId,
  Token,
} from '../../src/core/types.ts';
import type { SimulatedConnection } from '../connection.ts';
import type { Machine } from '../machine.ts';
import { Agreed, type Choice } from './agreed.ts';
import { Answered } from './answered.ts';
import { Carried, isVote } from './carried.ts';
import { Durable } from './durable.ts';
import { Exclusive } from './exclusive.ts';
import { Fenced } from './fenced.ts';
import { Held } from './held.ts';
import type { HomeBelief } from './home-belief.ts';
import { Homes } from './homes.ts';
import { Majority } from './majority.ts';
import { Ordered } from './ordered.ts';
import { Owned } from './owned.ts';
import { Sometimes, type SometimesName } from './sometimes.ts';
import { Speech } from './speech.ts';
import { type EpochListener, Succession } from './succession.ts';
import { Told } from './told.ts';
import type { Verdict } from './verdict.ts';
import { Voters } from './voters.ts';
import { type Request, Waits } from './waits.ts';

/** What the checkers of a world need to know of it. */
export interface CheckedWorld {
  /** Of the first epoch. */
  readonly configuration: Configuration;
  readonly clients: number;
  readonly settings: Settings;
  /** By how much beliefs may overlap (µs); 0: the clocks are such that they must not. */
  readonly overlapBoundUs: number;
  readonly machineOf: (peer: PeerId) => Machine | undefined;
  readonly machines: () => Iterable<Machine>;
  /** A configuration is chosen for the next epoch, or a quorum of its voters takes part in it. */
  readonly epochs: EpochListener;
}

/** All online checkers. */
export class Checkers {
  readonly voters: Voters;
  readonly agreed: Agreed;
  readonly carried: Carried;
  readonly durability: Durable;
  readonly exclusive: Exclusive;
  readonly fenced: Fenced;
  readonly answered: Answered;
  readonly held: Held;
  readonly majority: Majority;
  readonly ordered: Ordered;
  readonly told: Told;
  readonly owned: Owned;
  readonly #sometimes = new Sometimes();
  /** Whether clocks are such that leases hold what they promise. */
  readonly #clocksBind: boolean;
  readonly #machineOf: (peer: PeerId) => Machine | undefined;
  readonly #machines: () => Iterable<Machine>;
  readonly #succession: Succession;
  readonly #speech: Speech;
  readonly #requests = new Map<SimulatedConnection, Request>();
  readonly #waiting = new Waits();
  /** What checkers call the session of that id. */
  readonly #nameOf = new Map<SessionId, string>();
  /** By session: what its newest home believes. */
  readonly #homes: Homes;
  /** What the core under way handles. */
  #event: Event = { kind: 'tick' };
  /** How often the core observed each thing. */
  readonly observations = new Map<Observation['kind'], number>();

  constructor(verdict: Verdict, world: CheckedWorld) {
    const { clients, settings, overlapBoundUs, machineOf } = world;
    const voters = new Voters(world.configuration);
    this.voters = voters;
    this.#clocksBind = overlapBoundUs === 0;
    this.agreed = new Agreed(verdict, voters, (choice) => this.#chosen(choice));
    this.carried = new Carried(verdict, this.agreed, world.machines);
    this.durability = new Durable(verdict, voters, (...promised) => this.#promised(...promised));
    this.exclusive = new Exclusive(verdict, overlapBoundUs);
    this.#homes = new Homes(this.exclusive);
    this.fenced = new Fenced(verdict);
    this.answered = new Answered(verdict);
    this.held = new Held(verdict);
    this.majority = new Majority(verdict, voters, settings.suspectMs);
    this.#succession = new Succession(this, this.#sometimes, world.epochs);
    this.#speech = new Speech(this, this.#succession, this.#clocksBind);
    this.ordered = new Ordered(verdict, clients);
    this.told = new Told(verdict);
    this.owned = new Owned(verdict, (lock) => this.exclusive.believersIn(lock));
    this.#machineOf = machineOf;
    this.#machines = world.machines;
  }

  /** Something became durable on a machine. */
  durable(machine: Machine, change: Change, before: RegisterState | null): void {
    if (change.kind === 'epoch') this.#succession.stored(machine, change.state);
    if (change.kind !== 'register') return;
    this.#sometimes.durable(machine, change, before);
    this.carried.stored(machine, change, before);
    if (change.state !== null && !isVote(change)) return;
    this.durability.changed(machine, change, before);
    const accepted = change.state?.accepted ?? null;
    if (accepted === null || accepted.ballot === before?.accepted?.ballot) return;
    this.agreed.accepted(machine.id, change.name, accepted.ballot, accepted.record);
  }

  /** A life of a machine's peer begins, in the epoch that it knew last. */
  begins(machine: Machine): void {
    this.#succession.begins(machine);
  }

  /** A machine has an old directory again, and no life yet. */
  restored(machine: Machine): void {
    this.durability.restored(machine);
  }

  /** The core of a machine is about to handle an event. */
  hears(machine: Machine, event: Event): void {
    this.#event = event;
    if (event.kind !== 'message') return;
    const { message } = event;
    const { kind } = message;
    if (kind === 'inherit' || kind === 'handover') this.#sometimes.hears(message);
    // Also of a voter that has lost its directory since: it answered.
    if (kind === 'alive') this.majority.heard(machine, event.epoch, event.from);
    const sender = this.#machineOf(event.from);
    if (sender === undefined) return;
    if (kind === 'promise' || kind === 'accepted') this.durability.hears(machine, sender, message);
    this.#succession.hears(machine, sender, event);
  }

  /** The core of a machine has handled an event. */
  does(machine: Machine, effects: readonly Effect[]): void {
    if (effects.length === 0) return;
    this.#speech.does(machine, this.#event, effects);
    if (this.#event.kind === 'message') {
      this.#sometimes.answers(machine, this.#event.message, effects);
    }
  }

  /** A quorum of voters holds that record. */
  #chosen({ name, ballot, before, record }: Choice): void {
    this.carried.chosen(name, { ballot, record });
    if (record.kind === 'configuration') {
      this.#succession.chosen(record.configuration, this.#requests.size);
    }
    if (before?.kind === 'session') {
      const homeLives = this.#machineOf(before.home)?.life?.incarnation === before.incarnation;
      this.#sometimes.chosen(before, record, homeLives);
    }
    const lock = lockOf(name);
    if (lock === null || record.kind !== 'lock') return;
    this.majority.chosen(lock, record);
    if (!this.#clocksBind || before?.kind !== 'lock' || before.holder === null) return;
    if (record.holder?.session === before.holder.session) return;
    const session = this.#nameOf.get(before.holder.session);
    if (session !== undefined) this.owned.chosen(lock, session, record);
  }

  observed(machine: Machine, observation: Observation): void {
    const { kind } = observation;
    this.observations.set(kind, (this.observations.get(kind) ?? 0) + 1);
    if (observation.kind === 'session-taken') this.#taken(machine, observation.session);
  }

  #taken(machine: Machine, id: SessionId): void {
    const session = this.#nameOf.get(id);
    const record = this.agreed.chosenRecord(sessionRegister(id));
    if (session !== undefined) this.#homes.takes(machine, session, record);
  }

  /** A command reaches the core. */
  asks(machine: Machine, connection: SimulatedConnection, command: Command): void {
    this.answered.asks(machine.name, connection, command);
    const wants = command.kind === 'lock' || command.kind === 'queue';
    const request = { command, floor: wants ? this.fenced.floor(command.name) : 0 };
    this.#requests.set(connection, request);
    this.#waiting.asks(connection, request);
    if (command.kind === 'lock') this.ordered.waits(connection, command.name);
    this.#waits(command, 1);
    this.#lettingGo(connection, command);
  }

  /** The core answers. */
  answers(machine: Machine, connection: SimulatedConnection, response: Response): void {
    this.answered.answers(machine.name, connection, response);
    this.#waiting.answers(connection);
    const request = this.#requests.get(connection);
    this.#asksNoMore(connection);
    if (request === undefined) return;
    if (request.command.kind === 'lock') this.#answersLock(machine, connection, request, response);
    else if (response.kind === 'pong') {
      if (this.isFormer(machine, connection.session, 'answeredByFormer')) return;
      const belief = this.#homes.at(machine, connection.session);
      belief.until(response.validityMs);
      this.exclusive.extends(belief);
    } else if (response.kind === 'refused' && response.reason === 'attached') {
      this.#sometimes.counts.refusedAttached++;
    } else if (response.kind === 'session') {
      this.#nameOf.set(response.session, connection.session);
    } else if (response.kind === 'resumed') {
      this.#sometimes.goesOn(machine, connection.session, this.#machines());
      if (this.isFormer(machine, connection.session)) return;
      // With fewer locks than were known it is told of none by name.
      const belief = this.#homes.at(machine, connection.session);
      if (response.locks < belief.locks.size) this.exclusive.dropsAll(belief);
      this.told.letsGoOfAll(connection);
    }
  }

  /** The core tells what came of a `queue`: once, and of nothing else. */
  tells(
    machine: Machine,
    connection: SimulatedConnection,
    lock: LockName,
    response: Response,
  ): void {
    const request = this.#waiting.take(connection, lock);
    if (request === undefined) this.answered.toldInVain(machine.name, lock);
    else this.#decides(machine, connection, request, response);
  }

  /** Whether that session has moved on from there; if so, that is counted under that name. */
  isFormer(machine: Machine, session: string, name?: SometimesName): boolean {
    const isFormer = this.#homes.isFormer(machine, session);
    if (isFormer && name !== undefined) this.#sometimes.counts[name]++;
    return isFormer;
  }

  #answersLock(
    machine: Machine,
    connection: SimulatedConnection,
    request: Request,
    response: Response,
  ): void {
    this.#decides(machine, connection, request, response);
    if (response.kind === 'acquired') this.ordered.acquired(connection);
    this.ordered.over(connection);
  }

  #decides(
    machine: Machine,
    connection: SimulatedConnection,
    { command, floor }: Request,
    response: Response,
  ): void {
    if (command.kind !== 'lock' && command.kind !== 'queue') return;
    const { name, waitMs } = command;
    if (response.kind === 'acquired') this.#acquires(machine, connection, name, floor, response);
    else if (response.kind === 'refused' && response.reason === 'held' && this.#clocksBind) {
      if ((waitMs ?? 0) > 0) this.majority.refuses(machine, `says that ${name} was held`);
    }
  }

  #acquires(
    machine: Machine,
    connection: SimulatedConnection,
    lock: LockName,
    floor: Token,
    { token, validityMs }: Extract<Response, { kind: 'acquired' }>,
  ): void {
    const { session, inputHasEnded } = connection;
    this.fenced.given(session, lock, token, floor);
    this.majority.granted(machine.name, lock, token, (id) => {
      return (this.#nameOf.get(id) ?? session) === session;
    });
    // Where the client may be gone, its home may let go of the lock at any moment.
    if (inputHasEnded || this.isFormer(machine, session)) return;
    const belief = this.#homes.at(machine, session);
    belief.until(validityMs);
    this.exclusive.gains(belief, lock);
    if (this.#clocksBind) this.told.acquired(machine, connection, lock);
  }

  /** The core tells of losses, in the place of an answer. */
  tellsLost(machine: Machine, connection: SimulatedConnection, locks: readonly LostLock[]): void {
    this.over(connection);
    if (this.isFormer(machine, connection.session, 'toldOfMove')) return;
    const belief = this.#homes.find(connection.session);
    if (belief === undefined) return;
    for (const { name } of locks) this.exclusive.drops(belief, name);
  }

  /** A connection is over, or told of all that is lost; its session may go on. */
  over(connection: SimulatedConnection): void {
    this.answered.over(connection);
    this.ordered.over(connection);
    this.told.over(connection);
    this.#waiting.over(connection);
    this.#asksNoMore(connection);
  }

  #asksNoMore(connection: SimulatedConnection): void {
    const request = this.#requests.get(connection);
    if (request !== undefined) this.#waits(request.command, -1);
    this.#requests.delete(connection);
  }

  #waits(command: Command, by: 1 | -1): void {
    if (command.kind !== 'lock' || (command.waitMs ?? 0) === 0) return;
    this.#sometimes.waits(command.name, by);
  }

  /** A quorum, and no more so far, has promised a ballot. */
  #promised(register: RegisterName, { epoch }: Ballot, promisedBy: number): void {
    if (bits(promisedBy) !== this.voters.quorum(epoch)) return;
    this.#sometimes.reads(promisedBy, this.agreed.chosenBy(register, epoch));
  }

  /** The life of a machine's peer is about to end. */
  ends(machine: Machine): void {
    this.#sometimes.ends(machine);
  }

  /** What must happen sometimes, and how often it did; refused letters are the network's. */
  sometimes(refusedIncarnation: number): Record<SometimesName, number> {
    const { adopted: unchosenAdopted, expiredByMinority } = this.agreed;
    return {
      ...this.#sometimes.counts,
      unchosenAdopted,
      expiredByMinority,
      refusedIncarnation,
    };
  }

  /** What the newest homes of all sessions believe. */
  get homeBeliefs(): Iterable<HomeBelief> {
    return this.#homes.all;
  }

  /** A client gave a session up; what a home told of it lapses by itself. */
  sessionEnded(session: string, id: string | null): void {
    this.#homes.forget(session);
    if (id !== null) this.#nameOf.delete(id as SessionId);
  }

  /** From the moment that it is read, what is to be unlocked is not vouched for (rule 11). */
  #lettingGo(connection: SimulatedConnection, command: Command): void {
    if (command.kind === 'unlock') this.told.letsGo(connection, command.name);
    if (command.kind === 'unlock-all' || command.kind === 'quit') this.told.letsGoOfAll(connection);
    const belief = this.#homes.find(connection.session);
    if (belief === undefined) return;
    if (command.kind === 'unlock') this.exclusive.drops(belief, command.name);
    if (command.kind === 'unlock-all') this.exclusive.dropsAll(belief);
  }
}
