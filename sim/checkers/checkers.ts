/**
 * The checkers of one world, and what each is told.
 *
 * Owns what the checkers have in common: who is behind a connection, and what a home believes of
 * the sessions attached to it. Every check is made at the very event.
 */
import type { Command, LostLock, Response } from '../../src/core/command.ts';
import type { Change, Effect, Event, Observation, RegisterState } from '../../src/core/event.ts';
import type { LockName, PeerId, SessionId, Token } from '../../src/core/types.ts';
import type { SimulatedConnection } from '../connection.ts';
import type { Machine } from '../machine.ts';
import { Agreed } from './agreed.ts';
import { Answered } from './answered.ts';
import { Durable } from './durable.ts';
import { Exclusive } from './exclusive.ts';
import { Fenced } from './fenced.ts';
import { HomeBelief } from './home-belief.ts';
import type { Verdict } from './verdict.ts';

/** What is known of the command under way on a connection. */
interface Request {
  readonly command: Command;
  /** The highest token answered for its lock when it was asked. */
  readonly floor: Token;
}

/** All online checkers. */
export class Checkers {
  readonly agreed: Agreed;
  readonly durability: Durable;
  readonly exclusive: Exclusive;
  readonly fenced: Fenced;
  readonly answered: Answered;
  readonly #machineOf: (peer: PeerId) => Machine | undefined;
  readonly #requests = new Map<SimulatedConnection, Request>();
  /** What checkers call the session of that id. */
  readonly #nameOf = new Map<SessionId, string>();
  /** By session: what its newest home believes. */
  readonly #homes = new Map<string, HomeBelief>();
  /** How often the core observed each thing. */
  readonly observations = new Map<Observation['kind'], number>();

  constructor(
    verdict: Verdict,
    voters: number,
    overlapBoundUs: number,
    machineOf: (peer: PeerId) => Machine | undefined,
  ) {
    this.agreed = new Agreed(verdict, voters);
    this.durability = new Durable(verdict);
    this.exclusive = new Exclusive(verdict, overlapBoundUs);
    this.fenced = new Fenced(verdict);
    this.answered = new Answered(verdict);
    this.#machineOf = machineOf;
  }

  /** Something became durable on a machine. */
  durable(machine: Machine, change: Change, before: RegisterState | null): void {
    if (change.kind !== 'register' || change.state === null || !machine.voter) return;
    this.durability.changed(machine, change, before);
    const { accepted } = change.state;
    if (accepted === null || accepted.ballot === before?.accepted?.ballot) return;
    this.agreed.accepted(machine.index, change.name, accepted.ballot, accepted.record);
  }

  /** The core of a machine is about to handle an event. */
  hears(machine: Machine, event: Event): void {
    if (event.kind !== 'message') return;
    const sender = this.#machineOf(event.from);
    if (sender !== undefined) this.durability.hears(machine, sender, event.message);
  }

  /** The core of a machine has handled an event. */
  does(machine: Machine, effects: readonly Effect[]): void {
    this.durability.says(machine, effects);
  }

  observed(machine: Machine, observation: Observation): void {
    const { kind } = observation;
    this.observations.set(kind, (this.observations.get(kind) ?? 0) + 1);
    if (kind !== 'session-taken') return;
    const session = this.#nameOf.get(observation.session);
    if (session !== undefined) this.#homeBelief(machine, session);
  }

  /** A command reaches the core. */
  asks(machine: Machine, connection: SimulatedConnection, command: Command): void {
    this.answered.asks(machine.name, connection, command);
    const floor = command.kind === 'lock' ? this.fenced.floor(command.name) : 0;
    this.#requests.set(connection, { command, floor });
    this.#lettingGo(connection, command);
  }

  /** The core answers. */
  answers(machine: Machine, connection: SimulatedConnection, response: Response): void {
    this.answered.answers(machine.name, connection, response);
    const request = this.#requests.get(connection);
    this.#requests.delete(connection);
    if (request === undefined) return;
    const { command, floor } = request;
    if (response.kind === 'acquired' && command.kind === 'lock') {
      this.fenced.given(connection.session, command.name, response.token, floor);
      // Where the client may be gone, its home may let go of the lock at any moment.
      if (connection.inputHasEnded) return;
      const belief = this.#homeBelief(machine, connection.session);
      belief.until(response.validityMs);
      this.exclusive.gains(belief, command.name);
    } else if (response.kind === 'pong') {
      const belief = this.#homeBelief(machine, connection.session);
      belief.until(response.validityMs);
      this.exclusive.extends(belief);
    } else if (response.kind === 'session') {
      this.#nameOf.set(response.session, connection.session);
    } else if (response.kind === 'resumed') {
      // With fewer locks than were known it is told of none by name.
      const belief = this.#homeBelief(machine, connection.session);
      if (response.locks < belief.locks.size) this.exclusive.dropsAll(belief);
    }
  }

  /** The core tells of losses, in the place of an answer. */
  tellsLost(_machine: Machine, connection: SimulatedConnection, locks: readonly LostLock[]): void {
    this.answered.over(connection);
    this.#requests.delete(connection);
    const belief = this.#homes.get(connection.session);
    if (belief === undefined) return;
    for (const { name } of locks) this.exclusive.drops(belief, name);
  }

  /** A connection is over; its session may go on. */
  disconnected(_machine: Machine, connection: SimulatedConnection): void {
    this.answered.over(connection);
    this.#requests.delete(connection);
  }

  /** What the newest homes of all sessions believe. */
  get homeBeliefs(): Iterable<HomeBelief> {
    return this.#homes.values();
  }

  /** What the newest homes of all sessions believe. */
  get homeBeliefs(): Iterable<HomeBelief> {
    return this.#homes.values();
  }

  /** A client gave a session up; what a home told of it lapses by itself. */
  sessionEnded(session: string, id: string | null): void {
    this.#homes.delete(session);
    if (id !== null) this.#nameOf.delete(id as SessionId);
  }

  /** From the moment that it is read, what is to be unlocked is not vouched for (rule 11). */
  #lettingGo({ session }: SimulatedConnection, command: Command): void {
    const belief = this.#homes.get(session);
    if (belief === undefined) return;
    if (command.kind === 'unlock') this.exclusive.drops(belief, command.name);
    if (command.kind === 'unlock-all') this.exclusive.dropsAll(belief);
  }

  /** A session that moved keeps its locks; what its homes before believed counts no more (P2). */
  #homeBelief(machine: Machine, session: string): HomeBelief {
    let belief = this.#homes.get(session);
    if (belief?.isAt(machine)) return belief;
    const locks = new Set<LockName>(belief?.locks);
    if (belief !== undefined) this.exclusive.dropsAll(belief);
    belief = new HomeBelief(machine, session, locks);
    this.#homes.set(session, belief);
    return belief;
  }
}
