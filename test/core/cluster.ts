/**
 * A handful of peers joined by channels, in whole milliseconds: the smallest world in which the core
 * can be watched. Links can be cut and held up, peers paused, crash, and start again from what was
 * durable; each has a clock of its own. The simulator (`sim/`) is the large one.
 */
import { firstConfigurationOf, type MembershipChange } from '../../src/core/configuration.ts';
import type { Effect, Event, MembershipOutcome, Observation } from '../../src/core/event.ts';
import type { Message } from '../../src/core/message.ts';
import { lockRegister } from '../../src/core/names.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/settings.ts';
import type {
  ClusterId,
  Configuration,
  ConnectionId,
  LockName,
  LockRecord,
  PeerId,
} from '../../src/core/types.ts';
import { Member } from './member.ts';
import { type Letter, Post, type Sent } from './post.ts';
import { type Heard, TestClient } from './test-client.ts';

/** What was observed, where and when. */
export interface Observed {
  readonly at: number;
  readonly peer: number;
  readonly observation: Observation;
}

export interface ClusterOptions {
  readonly peers?: number;
  /** How many of them are voters; the rest only serve clients. */
  readonly voters?: number;
  readonly settings?: Partial<Settings>;
  readonly latencyMs?: number;
  readonly seed?: number;
  /** Offsets of the peers' clocks. */
  readonly offsets?: readonly number[];
  /** Rates of the peers' clocks, in thousandths. */
  readonly permilles?: readonly number[];
}

/** Peers, clients and time. */
export class Cluster {
  readonly members: Member[] = [];
  readonly configuration: Configuration;
  readonly settings: Settings;
  /** Everything said but heartbeats and their answers. */
  readonly sent: Sent[] = [];
  readonly observed: Observed[] = [];
  /** What came of wishes to change the voters, in order. */
  readonly outcomes: MembershipOutcome[] = [];
  readonly #post = new Post();
  readonly #latencyMs: number;
  readonly #clients = new Map<ConnectionId, TestClient>();
  #now = 1_000;
  #connection = 0;
  #random: number;

  constructor(options: ClusterOptions = {}) {
    const { peers = 3, voters = peers, settings = {}, latencyMs = 1, seed = 1 } = options;
    this.settings = { ...DEFAULT_SETTINGS, ...settings };
    this.#latencyMs = latencyMs;
    this.#random = seed;
    for (let index = 0; index < peers; index++) {
      const { offsets = [], permilles = [] } = options;
      const id = `peer-${index + 1}` as PeerId;
      this.members.push(new Member(id, offsets[index] ?? 0, permilles[index] ?? 1_000));
    }
    const ids = this.members.slice(0, voters).map(({ id }) => id);
    this.configuration = firstConfigurationOf('c'.repeat(64) as ClusterId, ids, ids.length);
    for (let index = 0; index < peers; index++) this.start(index);
    this.run(50);
  }

  get now(): number {
    return this.#now;
  }

  /** Letters for which this says true are lost. */
  set lose(lose: (sent: Sent) => boolean) {
    this.#post.lose = lose;
  }

  member(index: number): Member {
    const member = this.members[index];
    if (member === undefined) throw new RangeError(`no peer ${index}`);
    return member;
  }

  id(index: number): PeerId {
    return this.member(index).id;
  }

  /** What that peer stored of a lock; `null`: nothing. */
  storedLock(index: number, name: string): LockRecord | null {
    return this.member(index).record(lockRegister(name as LockName)) as LockRecord | null;
  }

  /** What was said, of one kind. */
  said<Kind extends Message['kind']>(kind: Kind) {
    type Said = Sent & { readonly message: Extract<Message, { kind: Kind }> };
    return this.sent.filter((sent): sent is Said => sent.message.kind === kind);
  }

  #nextRandom = (): number => {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return (this.#random ^ (this.#random >>> 15)) >>> 0;
  };

  /** Starts a peer from its disk. */
  start(index: number): void {
    const { configuration, settings } = this;
    this.member(index).start(configuration, settings, this.#nextRandom, this.#now);
    this.step(index, { kind: 'tick' });
    for (let other = 0; other < this.members.length; other++) this.#open(index, other);
  }

  /** kill -9: what is durable stays; its clients hear nothing more. */
  crash(index: number): void {
    this.member(index).peer = null;
    for (let other = 0; other < this.members.length; other++) this.#close(index, other);
  }

  restart(index: number): void {
    this.crash(index);
    this.start(index);
  }

  #open(a: number, b: number): void {
    if (a === b || this.#post.isCut(a, b)) return;
    if (this.members[a]?.peer == null || this.members[b]?.peer == null) return;
    this.#post.nextChannel(a, b);
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const { id: peer, incarnation } = this.member(from);
      this.#send(from, to, { kind: 'channel-opened', peer, incarnation });
    }
  }

  #close(a: number, b: number): void {
    if (a === b) return;
    this.#post.nextChannel(a, b);
    this.#send(a, b, { kind: 'channel-closed', peer: this.id(a) });
    this.#send(b, a, { kind: 'channel-closed', peer: this.id(b) });
  }

  /** Cuts the link between two peers, noticed at once; `heal` opens a new channel. */
  cut(a: number, b: number): void {
    if (this.#post.setCut(a, b, true)) this.#close(a, b);
  }

  heal(a: number, b: number): void {
    if (this.#post.setCut(a, b, false)) this.#open(a, b);
  }

  /** Loses what is under way between two peers, and opens a new channel at once. */
  breakChannel(a: number, b: number): void {
    this.cut(a, b);
    this.heal(a, b);
  }

  isolate(index: number): void {
    for (let other = 0; other < this.members.length; other++) {
      if (other !== index) this.cut(index, other);
    }
  }

  rejoin(index: number): void {
    for (let other = 0; other < this.members.length; other++) this.heal(index, other);
  }

  /** What one peer says to another waits on its way, heartbeats and all. */
  hold(from: number, to: number): void {
    this.#post.setHeld(from, to, true);
  }

  /** What waited goes on, in order. */
  flow(from: number, to: number): void {
    this.#post.setHeld(from, to, false);
  }

  /** SIGSTOP: what arrives waits. */
  pause(index: number): void {
    this.member(index).paused = true;
  }

  /** SIGCONT: everything that waited is handled now. */
  resume(index: number): void {
    this.member(index).paused = false;
  }

  /** The machine slept: only the suspend-aware clock has counted. */
  sleep(index: number, ms: number): void {
    this.pause(index);
    this.run(ms);
    this.member(index).slept(ms);
    this.resume(index);
  }

  #send(from: number, to: number, event: Event): void {
    const at = this.#now + (from === to ? 0 : this.#latencyMs);
    this.#post.send({ at, from, to, life: this.member(to).peer, event });
  }

  /** Something happens to a peer from outside: now, or, if it is paused, when it goes on. */
  happen(index: number, event: Event): void {
    if (this.member(index).paused) this.#send(index, index, event);
    else this.step(index, event);
  }

  /** One event, and what follows from it in the same instant. */
  step(index: number, event: Event): readonly Effect[] {
    const effects = this.member(index).step(event, this.#now);
    for (const effect of effects) this.#perform(index, effect);
    return effects;
  }

  #perform(index: number, effect: Effect): void {
    if (effect.kind === 'send') this.#deliverable(index, effect);
    else if (effect.kind === 'persist') this.member(index).persist(effect);
    else if (effect.kind === 'observe') {
      this.observed.push({ at: this.#now, peer: index, observation: effect.observation });
    } else if (effect.kind === 'reconfigured') this.outcomes.push(effect.outcome);
    else if (effect.kind === 'disconnect') {
      const other = this.members.findIndex(({ id }) => id === effect.peer);
      if (other >= 0) this.#close(index, other);
    } else if (effect.kind !== 'configured') {
      this.#clients.get(effect.connection)?.heard.push(heard(effect));
    }
  }

  #deliverable(from: number, effect: Extract<Effect, { kind: 'send' }>): void {
    const { epoch, counter, message } = effect;
    const to = this.members.findIndex(({ id }) => id === effect.to);
    const sent = { from, to, message };
    if (message.kind !== 'heartbeat' && message.kind !== 'alive') this.sent.push(sent);
    if (to < 0 || this.#post.isCut(from, to) || this.#post.lose(sent)) return;
    this.#send(from, to, { kind: 'message', from: this.id(from), epoch, counter, message });
  }

  /** Somebody who runs that peer wants the voters changed: what came of it, in its time. */
  reconfigure(index: number, change: MembershipChange, withinMs = 60_000): MembershipOutcome {
    const before = this.outcomes.length;
    this.wish(index, change);
    this.runUntil(() => this.outcomes.length > before, withinMs);
    const outcome = this.outcomes[before];
    if (outcome === undefined) throw new Error('the wish was not answered');
    return outcome;
  }

  /** The same, without waiting. */
  wish(index: number, change: MembershipChange): void {
    this.happen(index, { kind: 'reconfigure', request: 1, change });
  }

  /** The epoch that a peer has stored last. */
  epoch(index: number): number {
    return this.member(index).epoch?.configuration.epoch ?? 1;
  }

  /** Lets time pass. */
  run(ms: number): void {
    this.runUntil(() => false, ms);
  }

  /** Lets time pass until `done` holds; false: it did not within `ms`. */
  runUntil(done: () => boolean, ms = 60_000): boolean {
    const end = this.#now + ms;
    for (;;) {
      for (let letter = this.#take(); letter !== null; letter = this.#take()) {
        if (this.member(letter.to).peer === letter.life) this.step(letter.to, letter.event);
        if (done()) return true;
      }
      if (done()) return true;
      if (this.#now >= end) return false;
      const letter = this.#post.nextAt(this.#listens);
      const next = Math.min(letter, ...this.members.map(({ wakesAt }) => wakesAt));
      this.#now = Math.min(end, Math.max(this.#now, next));
      this.#tick();
    }
  }

  #listens = (to: number): boolean => !this.member(to).paused;

  #take(): Letter | null {
    return this.#post.take(this.#now, this.#listens);
  }

  #tick(): void {
    for (const [index, member] of this.members.entries()) {
      if (member.wakesAt <= this.#now) this.step(index, { kind: 'tick' });
    }
  }

  /** A client of that peer. */
  client(index: number): TestClient {
    this.#connection += 1;
    const connection = this.#connection as ConnectionId;
    const client = new TestClient(this, index, connection);
    this.#clients.set(connection, client);
    return client;
  }
}

function heard(effect: Extract<Effect, { kind: 'respond' | 'tell' | 'lost' | 'close' }>): Heard {
  if (effect.kind === 'tell') {
    return { kind: 'told', lock: effect.lock, response: effect.response };
  }
  if (effect.kind === 'respond') return { kind: 'response', response: effect.response };
  return effect.kind === 'lost' ? { kind: 'lost', locks: effect.locks } : { kind: 'closed' };
}
