/**
 * What every part of a peer shares: who it is, what time it is, and where its effects go.
 *
 * Owns the effects of the step under way, the Lamport counter and the agenda. Decides nothing.
 */
import { Agenda } from './agenda.ts';
import type { Response } from './command.ts';
import type { Change, Effect, Observation } from './event.ts';
import type { Message } from './message.ts';
import { quorumOf } from './quorum.ts';
import type { Settings } from './settings.ts';
import type {
  Configuration,
  ConnectionId,
  Incarnation,
  Instant,
  Now,
  PeerId,
  Random,
  Stamp,
} from './types.ts';

/** Never added to: most steps have no effect or one, and need no list that may grow. */
const NONE: Effect[] = [];

/** Shared by the parts of one peer. */
export class Context {
  readonly self: PeerId;
  readonly incarnation: Incarnation;
  readonly settings: Settings;
  readonly random: Random;
  readonly agenda = new Agenda();
  readonly #voterIndex = new Map<PeerId, number>();
  #configuration: Configuration;
  #everyone = 0;
  now: Now;
  #counter = 0;
  #effects: Effect[] = NONE;
  #persisting: Change[] | null = null;

  constructor(options: {
    readonly self: PeerId;
    readonly incarnation: Incarnation;
    readonly settings: Settings;
    readonly random: Random;
    readonly configuration: Configuration;
    readonly now: Now;
  }) {
    this.self = options.self;
    this.incarnation = options.incarnation;
    this.settings = options.settings;
    this.random = options.random;
    this.#configuration = options.configuration;
    this.now = options.now;
    this.enter(options.configuration);
  }

  /** What this peer goes by; all that is said belongs to its epoch. */
  get configuration(): Configuration {
    return this.#configuration;
  }

  /** A newer configuration counts from now on. */
  enter(configuration: Configuration): void {
    this.#configuration = configuration;
    this.#everyone = 2 ** configuration.voters.length - 1;
    this.#voterIndex.clear();
    for (const [index, voter] of configuration.voters.entries()) {
      this.#voterIndex.set(voter, index);
    }
  }

  /** The voters of this epoch. */
  get voters(): readonly PeerId[] {
    return this.#configuration.voters;
  }

  /** All of them, by bit. */
  get everyone(): number {
    return this.#everyone;
  }

  get quorum(): number {
    return quorumOf(this.#configuration.voters.length);
  }

  /** A voter's place in the configuration; -1: not a voter. */
  voterIndex(peer: PeerId): number {
    return this.#voterIndex.get(peer) ?? -1;
  }

  /** This moment, for all that a home or a keeper decides. */
  get instant(): Instant {
    return this.now.home;
  }

  /** Runs `run` after `delayMs`, at this peer's home clock. */
  after(delayMs: number, run: () => void) {
    return this.agenda.schedule(this.now.home + delayMs, run);
  }

  /** A whole number of ms between half of `meanMs` and one and a half of it. */
  jittered(meanMs: number): number {
    return Math.floor(meanMs / 2) + (this.random() % (meanMs + 1));
  }

  /** A stamp younger than all that this peer has heard of. */
  newStamp(): Stamp {
    this.#counter += 1;
    return { counter: this.#counter, home: this.self, incarnation: this.incarnation };
  }

  /** Takes in the Lamport counter of a message. */
  heardCounter(counter: number): void {
    if (counter > this.#counter) this.#counter = counter;
  }

  /** Says something that rests on no write of this step. */
  send(to: PeerId, message: Message): void {
    this.#say(to, message, false);
  }

  /** Says something as a voter: not before every change so far is durable. */
  vote(to: PeerId, message: Message): void {
    this.#say(to, message, true);
  }

  /** The same of something that can wait for the next heartbeat to that peer. */
  votePatiently(to: PeerId, message: Message): void {
    const { epoch } = this.#configuration;
    const counter = this.#counter;
    this.push({ kind: 'send', to, epoch, counter, message, durable: true, patient: true });
  }

  #say(to: PeerId, message: Message, durable: boolean): void {
    const { epoch } = this.#configuration;
    this.push({ kind: 'send', to, epoch, counter: this.#counter, message, durable });
  }

  /** Makes a change durable, in one write with those just before it. */
  persist(change: Change): void {
    if (this.#persisting !== null) {
      this.#persisting.push(change);
      return;
    }
    const changes = [change];
    this.push({ kind: 'persist', changes });
    this.#persisting = changes;
  }

  respond(connection: ConnectionId, response: Response): void {
    this.push({ kind: 'respond', connection, response });
  }

  observe(observation: Observation): void {
    this.push({ kind: 'observe', observation });
  }

  /** Adds an effect behind those so far. */
  push(effect: Effect): void {
    if (this.#effects === NONE) this.#effects = [effect];
    else this.#effects.push(effect);
    this.#persisting = null;
  }

  /** Hands over the effects of the step, and begins anew. */
  takeEffects(): readonly Effect[] {
    const effects = this.#effects;
    this.#effects = NONE;
    this.#persisting = null;
    return effects;
  }
}
