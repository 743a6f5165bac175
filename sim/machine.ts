/**
 * One simulated machine: its clocks, its disk, and the peer that lives there, life after life.
 *
 * Owns starting, crashing, pausing and restarting the production driver and core. What a life
 * hears, says and answers passes through here, where the checkers look at it.
 */
import type { Command, Response, Statistics } from '../src/core/command.ts';
import type { MembershipChange } from '../src/core/configuration.ts';
import type { Event, MembershipOutcome } from '../src/core/event.ts';
import type { PeerOptions } from '../src/core/peer.ts';
import type { Configuration, ConnectionId, Epoch, Incarnation, PeerId } from '../src/core/types.ts';
import { Driver } from '../src/runtime/driver.ts';
import type { Clients, Logger, StepMachine } from '../src/runtime/ports.ts';
import { MachineClock, SimulatedClock } from './clock.ts';
import {
  type ConnectionListener,
  type ConnectionOwner,
  SimulatedConnection,
} from './connection.ts';
import { describeEvent } from './describe.ts';
import { machineName, peerIdOf } from './names.ts';
import { SimulatedProcess } from './process.ts';
import { RandomStream } from './random.ts';
import { type DiskCopy, type Kept, SimulatedDisk } from './store.ts';
import type { World } from './world.ts';

/** Machines were not all started in the same hour: how far apart their clocks may begin (µs). */
const OFFSET_US_MAX = 1_000_000_000;

/** One life of a peer. */
export interface Life {
  readonly process: SimulatedProcess;
  readonly driver: Driver;
  readonly clock: SimulatedClock;
  readonly incarnation: Incarnation;
  readonly connections: Map<ConnectionId, SimulatedConnection>;
  /** What its peer goes by. */
  configuration: Configuration;
}

/** A machine and whatever runs on it. */
export class Machine {
  readonly index: number;
  readonly name: string;
  readonly clock: MachineClock;
  disk: SimulatedDisk;
  id: PeerId;
  life: Life | null = null;
  /** Hears the answer to a question of the simulator's own. */
  #overheard: (response: Response) => void = () => {};
  readonly #world: World;
  #generation = 1;
  /** Every life is another, also where an old directory was put back: the nonce of the present. */
  #starts = 0;
  #copy: DiskCopy | null = null;

  constructor(world: World, index: number) {
    const { plan, scheduler } = world;
    this.#world = world;
    this.index = index;
    this.name = machineName(index);
    this.id = peerIdOf(index, 1);
    const offset = new RandomStream(plan.seed, `clock:${index}`).below(OFFSET_US_MAX);
    this.clock = new MachineClock(scheduler, offset);
    const gain = plan.gains[index] ?? 0;
    this.clock.change(['monotonic', 'boot', 'wall'], (clock, now) => clock.setGain(now, gain));
    this.disk = this.#newDisk();
  }

  /** Whether a peer runs there and is not paused. */
  get awake(): boolean {
    return this.life !== null && !this.life.process.paused;
  }

  /** The epoch that its peer is in, or was in when it ended. */
  get epoch(): Epoch {
    return this.life?.configuration.epoch ?? this.disk.epoch.configuration.epoch;
  }

  /** All peers that have lived there, the present one first. */
  get ids(): readonly PeerId[] {
    const generations = Array.from({ length: this.#generation }, (_, index) => index + 1);
    return generations.reverse().map((generation) => peerIdOf(this.index, generation));
  }

  /** Starts a life, if none is there and the disk has room. */
  start(): void {
    if (this.life !== null || this.disk.full) return;
    const { plan, scheduler, journal, network, configuration, settings } = this.#world;
    const process = new SimulatedProcess(scheduler);
    const { store, incarnation } = this.disk.open(process);
    const clock = new SimulatedClock(this.clock, process);
    const connections = new Map<ConnectionId, SimulatedConnection>();
    const random = new RandomStream(plan.seed, `peer:${this.id}:${incarnation}`);
    const peer = this.#observed({
      self: this.id,
      incarnation,
      configuration,
      settings,
      durable: store.durable,
      random: random.next,
      now: clock.now(),
    });
    const driver = new Driver({
      peer,
      self: this.id,
      cluster: configuration.cluster,
      clock,
      store,
      transport: network.attach(this.index, this.id, incarnation, process, ++this.#starts),
      clients: this.#clients(connections),
      logger: this.#logger(),
      fatal: (error) => this.#failed(error.message),
      observer: (observation) => this.#world.checkers.observed(this, observation),
    });
    const { configuration: known } = this.disk.epoch;
    this.life = { process, driver, clock, incarnation, connections, configuration: known };
    this.#world.checkers.begins(this);
    journal.note('process', this.name, '', `starts as ${this.id}, incarnation ${incarnation}`);
    driver.start();
  }

  /** Its peer goes by a newer configuration from now on. */
  enters(configuration: Configuration): void {
    if (this.life !== null) this.life.configuration = configuration;
  }

  /** The process is gone at once; `power`: with its machine, which tells nobody. */
  crash(kept: Kept, power: boolean): void {
    if (this.life === null) return;
    this.#world.journal.note('process', this.name, '', `crashes, keeps ${kept}`);
    this.#end(power);
    this.disk.crash(kept);
  }

  /** The process ends in good order. */
  shutdown(): void {
    if (this.life === null) return;
    this.#world.journal.note('process', this.name, '', 'stops');
    for (const { conversation } of this.life.connections.values()) conversation.close();
    this.life.driver.stop();
    this.#end(false);
    this.disk.crash('all');
  }

  pause(): void {
    const { life } = this;
    if (life === null || life.process.paused) return;
    life.process.pause();
    this.#world.network.fallSilent(this.index, () => life.process.paused);
  }

  goOn(): void {
    this.life?.process.goOn();
  }

  /** Somebody who runs that peer wants the voters changed; nothing comes of it where none runs. */
  wish(change: MembershipChange, answer: (outcome: MembershipOutcome) => void): boolean {
    const { life } = this;
    life?.process.enter(() => life.driver.reconfigure(change, answer));
    return life !== null;
  }

  /** Votes and key are gone: whatever runs ends, and a new peer, no voter, starts. */
  loseDirectory(): void {
    this.crash('none', false);
    this.#generation++;
    this.id = peerIdOf(this.index, this.#generation);
    this.disk = this.#newDisk();
    this.#world.journal.note('process', this.name, '', `lost its directory, is ${this.id}`);
    this.start();
  }

  /** Takes a client in; `null`: nobody listens. */
  accept(
    client: number,
    clientProcess: SimulatedProcess,
    random: RandomStream,
    listener: ConnectionListener,
  ): SimulatedConnection | null {
    const { life } = this;
    if (life === null) return null;
    const connection = new SimulatedConnection({
      scheduler: this.#world.scheduler,
      random,
      client,
      clientName: this.#world.clients[client]!.name,
      clientProcess,
      listener,
      machine: this.index,
      recorder: this.#world.recorder,
      peerProcess: life.process,
      owner: this.#connectionOwner(life),
    });
    life.connections.set(connection.id, connection);
    return connection;
  }

  /** What its peer says of itself; `null`: none runs there. */
  statistics(): Statistics | null {
    if (this.life === null) return null;
    const { driver } = this.life;
    let found: Statistics | null = null;
    this.#overheard = (response) => {
      if (response.kind === 'stats') found = response.statistics;
    };
    const connection = driver.connect();
    driver.command(connection, { kind: 'stats' });
    driver.disconnected(connection, false);
    this.#overheard = () => {};
    return found;
  }

  copyDirectory(): void {
    this.#copy = this.disk.copy();
  }

  /** The copy takes the place of what is there, if one was made, and a peer starts from it. */
  restoreDirectory(): void {
    if (this.#copy === null) return;
    this.crash('none', false);
    this.disk.restore(this.#copy);
    this.#world.checkers.restored(this);
    this.#world.journal.note('process', this.name, '', 'has its old directory again');
    this.start();
  }

  #newDisk(): SimulatedDisk {
    const { scheduler, plan, journal } = this.#world;
    const random = new RandomStream(plan.seed, `disk:${this.index}:${this.#generation}`);
    const { configuration } = this.#world;
    const votes = configuration.voters.includes(this.id);
    const first = { configuration, standing: votes ? 'serving' : 'empty' } as const;
    const disk = new SimulatedDisk(scheduler, random, plan.syncUs, first);
    disk.onDurable = (change, before) => {
      journal.note(
        'durable',
        this.name,
        '',
        change.kind === 'register' ? change.name : change.kind,
      );
      this.#world.checkers.durable(this, change, before);
      this.#world.recorder?.durable(this, change);
    };
    return disk;
  }

  #observed(options: PeerOptions): StepMachine {
    const { checkers, journal, recorder } = this.#world;
    const inner = this.#world.createPeer(options);
    return {
      get deadline() {
        return inner.deadline;
      },
      step: (event, now) => {
        if (event.kind === 'tick') journal.note('tick', this.name, '', '');
        else if (journal.traced) this.#trace(event);
        checkers.hears(this, event);
        const effects = inner.step(event, now);
        checkers.does(this, effects);
        recorder?.stepped(this, event, effects);
        return effects;
      },
    };
  }

  #trace(event: Event): void {
    const from = event.kind === 'message' ? this.#world.nameOf(event.from) : '';
    this.#world.journal.line('hears', this.name, from, describeEvent(event));
  }

  #clients(connections: Life['connections']): Clients {
    const { checkers } = this.#world;
    return {
      respond: (id, response) => {
        const connection = connections.get(id);
        if (connection === undefined) {
          this.#overheard(response);
          return;
        }
        checkers.answers(this, connection, response);
        connection.conversation.respond(response);
      },
      tell: (id, lock, response) => {
        const connection = connections.get(id);
        if (connection === undefined) return;
        checkers.tells(this, connection, lock, response);
        connection.conversation.tell(lock, response);
      },
      lost: (id, locks) => {
        const connection = connections.get(id);
        if (connection === undefined) return;
        checkers.tellsLost(this, connection, locks);
        connection.conversation.lost(locks);
      },
      close: (id) => connections.get(id)?.conversation.close(),
    };
  }

  #connectionOwner(life: Life): ConnectionOwner {
    const { driver, connections } = life;
    return {
      isFormer: ({ session }) => this.#world.checkers.isFormer(this, session),
      connect: () => driver.connect(),
      command: (id: ConnectionId, command: Command) => {
        const connection = connections.get(id);
        if (connection !== undefined) this.#world.checkers.asks(this, connection, command);
        driver.command(id, command);
      },
      input: (id) => driver.input(id),
      inputEnded: (id) => driver.inputEnded(id),
      disconnected: (id, broken) => driver.disconnected(id, broken),
      forgotten: (connection) => {
        connections.delete(connection.id);
        this.#world.checkers.over(connection);
      },
    };
  }

  #logger(): Logger {
    const { journal } = this.#world;
    return {
      log: (level, message, fields) => {
        if (!journal.traced) return;
        const words = `${level}: ${message} ${JSON.stringify(fields ?? {})}`;
        journal.line('logs', this.name, '', words);
      },
    };
  }

  #failed(reason: string): void {
    this.#world.journal.note('process', this.name, '', `fails: ${reason}`);
    this.#end(false);
    this.disk.crash('none');
  }

  #end(silently: boolean): void {
    const { life } = this;
    if (life === null) return;
    this.#world.checkers.ends(this);
    this.life = null;
    life.process.end();
    this.#world.network.detach(this.index, silently);
    for (const connection of life.connections.values()) {
      connection.peerEnded(silently);
      this.#world.checkers.over(connection);
    }
  }
}
