/**
 * A handful of peers joined by perfect channels, in whole milliseconds: the smallest world in which
 * the core can be watched. Links can be cut, peers crash and start again from what was durable.
 * The simulator (`sim/`) is the large one.
 */
import type { Command, LostLock, Response } from '../../src/core/command.ts';
import type { Effect, Event, Floor, Observation, RegisterState } from '../../src/core/event.ts';
import type { Message } from '../../src/core/message.ts';
import { Peer } from '../../src/core/peer.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/settings.ts';
import type {
  ClusterId,
  Configuration,
  ConnectionId,
  LockName,
  PeerId,
  RegisterName,
  SessionId,
} from '../../src/core/types.ts';

/** What a peer keeps on its disk. */
interface Disk {
  incarnation: number;
  readonly registers: Map<RegisterName, RegisterState>;
  floor: Floor;
  readonly remembered: Map<PeerId, number>;
}

interface Member {
  readonly id: PeerId;
  readonly disk: Disk;
  peer: Peer | null;
  /** Added to the time of the world: a clock of its own. */
  clockOffset: number;
  paused: boolean;
}

interface Letter {
  readonly at: number;
  readonly sequence: number;
  readonly to: Member;
  readonly life: Peer | null;
  readonly from: PeerId;
  readonly channel: number;
  readonly event: Event;
}

/** What a client heard, in order. */
export type Heard =
  | { readonly kind: 'response'; readonly response: Response }
  | { readonly kind: 'lost'; readonly locks: readonly LostLock[] }
  | { readonly kind: 'closed' };

/** Something that was sent, for tests that look at the wire. */
export interface Sent {
  readonly from: PeerId;
  readonly to: PeerId;
  readonly message: Message;
}

export interface ClusterOptions {
  readonly peers?: number;
  /** How many of them are voters; the rest only serve clients. */
  readonly voters?: number;
  readonly settings?: Partial<Settings>;
  readonly latencyMs?: number;
}

/** Peers, clients and time. */
export class Cluster {
  readonly members: Member[] = [];
  readonly configuration: Configuration;
  readonly settings: Settings;
  readonly sent: Sent[] = [];
  readonly observed: { at: number; peer: PeerId; observation: Observation }[] = [];
  readonly #latencyMs: number;
  readonly #letters: Letter[] = [];
  readonly #cut = new Set<string>();
  readonly #channels = new Map<string, number>();
  readonly #heard = new Map<ConnectionId, Heard[]>();
  /** Letters for which this says true are lost. */
  lose: (sent: Sent) => boolean = () => false;
  #now = 1_000;
  #sequence = 0;
  #connection = 0;
  #random = 1;

  constructor(options: ClusterOptions = {}) {
    const { peers = 3, voters = peers, settings = {}, latencyMs = 1 } = options;
    this.settings = { ...DEFAULT_SETTINGS, ...settings };
    this.#latencyMs = latencyMs;
    for (let index = 0; index < peers; index++) {
      const id = `peer-${index + 1}` as PeerId;
      const disk: Disk = {
        incarnation: 0,
        registers: new Map(),
        floor: { round: 0, token: 0 },
        remembered: new Map(),
      };
      this.members.push({ id, disk, peer: null, clockOffset: 0, paused: false });
    }
    const ids = this.members.slice(0, voters).map(({ id }) => id);
    this.configuration = { cluster: 'c'.repeat(64) as ClusterId, epoch: 1, voters: ids };
    for (let index = 0; index < peers; index++) this.start(index);
    this.run(50);
  }

  get now(): number {
    return this.#now;
  }

  member(index: number): Member {
    const member = this.members[index];
    if (member === undefined) throw new RangeError(`no peer ${index}`);
    return member;
  }

  #nextRandom = (): number => {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return (this.#random ^ (this.#random >>> 15)) >>> 0;
  };

  #instants(member: Member) {
    const at = this.#now + member.clockOffset;
    return { home: at, voter: at };
  }

  /** Starts a peer from its disk. */
  start(index: number): void {
    const member = this.member(index);
    const { disk } = member;
    disk.incarnation += 1;
    member.peer = new Peer({
      self: member.id,
      incarnation: disk.incarnation,
      configuration: this.configuration,
      settings: this.settings,
      durable: {
        registers: [...disk.registers],
        floor: disk.floor,
        remembered: [...disk.remembered],
      },
      random: this.#nextRandom,
      now: this.#instants(member),
    });
    this.step(index, { kind: 'tick' });
    for (const other of this.members) if (other !== member) this.#open(member, other);
  }

  /** kill -9: what is durable stays. */
  crash(index: number): void {
    const member = this.member(index);
    member.peer = null;
    for (const other of this.members) if (other !== member) this.#close(member, other);
  }

  restart(index: number): void {
    this.crash(index);
    this.start(index);
  }

  #pair(a: Member, b: Member): string {
    return [a.id, b.id].sort().join(' ');
  }

  #open(a: Member, b: Member): void {
    if (a.peer === null || b.peer === null || this.#cut.has(this.#pair(a, b))) return;
    const channel = (this.#channels.get(this.#pair(a, b)) ?? 0) + 1;
    this.#channels.set(this.#pair(a, b), channel);
    const hello = (from: Member, to: Member) => {
      const { incarnation } = from.disk;
      this.#post(from, to, { kind: 'channel-opened', peer: from.id, incarnation });
    };
    hello(a, b);
    hello(b, a);
  }

  #close(a: Member, b: Member): void {
    const pair = this.#pair(a, b);
    this.#channels.set(pair, (this.#channels.get(pair) ?? 0) + 1);
    const closed = (from: Member, to: Member) => {
      this.#post(from, to, { kind: 'channel-closed', peer: from.id });
    };
    closed(a, b);
    closed(b, a);
  }

  /** Cuts the links between two peers, noticed at once; `heal` opens a new channel. */
  cut(a: number, b: number): void {
    const [one, two] = [this.member(a), this.member(b)];
    if (this.#cut.has(this.#pair(one, two))) return;
    this.#cut.add(this.#pair(one, two));
    this.#close(one, two);
  }

  heal(a: number, b: number): void {
    const [one, two] = [this.member(a), this.member(b)];
    if (this.#cut.delete(this.#pair(one, two))) this.#open(one, two);
  }

  isolate(index: number): void {
    for (let other = 0; other < this.members.length; other++) {
      if (other !== index) this.cut(index, other);
    }
  }

  rejoin(index: number): void {
    for (let other = 0; other < this.members.length; other++) {
      if (other !== index) this.heal(index, other);
    }
  }

  /** SIGSTOP: what arrives waits. */
  pause(index: number): void {
    this.member(index).paused = true;
  }

  /** SIGCONT: everything that waited is handled now. */
  resume(index: number): void {
    this.member(index).paused = false;
  }

  #post(from: Member, to: Member, event: Event): void {
    this.#sequence += 1;
    this.#letters.push({
      at: this.#now + (from === to ? 0 : this.#latencyMs),
      sequence: this.#sequence,
      to,
      life: to.peer,
      from: from.id,
      channel: this.#channels.get(this.#pair(from, to)) ?? 0,
      event,
    });
  }

  /** One event, and what follows from it in the same instant. */
  step(index: number, event: Event): readonly Effect[] {
    const member = this.member(index);
    if (member.peer === null) return [];
    const effects = member.peer.step(event, this.#instants(member));
    for (const effect of effects) this.#perform(member, effect);
    return effects;
  }

  #perform(member: Member, effect: Effect): void {
    switch (effect.kind) {
      case 'persist':
        for (const change of effect.changes) {
          if (change.kind === 'floor') member.disk.floor = change.floor;
          else if (change.kind === 'remember') {
            member.disk.remembered.set(change.peer, change.incarnation);
          } else if (change.state === null) member.disk.registers.delete(change.name);
          else member.disk.registers.set(change.name, change.state);
        }
        return;
      case 'send': {
        const { to, epoch, counter, message } = effect;
        const target = this.members.find(({ id }) => id === to);
        const sent = { from: member.id, to, message };
        if (message.kind !== 'heartbeat' && message.kind !== 'alive') this.sent.push(sent);
        if (target === undefined || this.#cut.has(this.#pair(member, target))) return;
        if (this.lose(sent)) return;
        this.#post(member, target, { kind: 'message', from: member.id, epoch, counter, message });
        return;
      }
      case 'respond':
        this.#hear(effect.connection, { kind: 'response', response: effect.response });
        return;
      case 'lost':
        this.#hear(effect.connection, { kind: 'lost', locks: effect.locks });
        return;
      case 'close':
        this.#hear(effect.connection, { kind: 'closed' });
        return;
      case 'observe':
        this.observed.push({ at: this.#now, peer: member.id, observation: effect.observation });
        return;
      case 'disconnect':
        return;
    }
  }

  #hear(connection: ConnectionId, heard: Heard): void {
    this.#heard.get(connection)?.push(heard);
  }

  /** Lets time pass. */
  run(ms: number): void {
    this.runUntil(() => false, ms);
  }

  /** Lets time pass until `done` holds; false: it did not within `ms`. */
  runUntil(done: () => boolean, ms = 60_000): boolean {
    const end = this.#now + ms;
    for (;;) {
      this.#deliver();
      if (done()) return true;
      const next = Math.min(this.#nextAt(), end);
      if (next >= end) {
        this.#now = end;
        this.#tick();
        this.#deliver();
        return done();
      }
      this.#now = Math.max(this.#now, next);
      this.#tick();
    }
  }

  #nextAt(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { at, to } of this.#letters) if (!to.paused) next = Math.min(next, at);
    for (const { peer, clockOffset, paused } of this.members) {
      if (peer !== null && !paused) next = Math.min(next, peer.deadline - clockOffset);
    }
    return next;
  }

  #tick(): void {
    for (const [index, member] of this.members.entries()) {
      if (member.paused || member.peer === null) continue;
      if (member.peer.deadline <= this.#now + member.clockOffset)
        this.step(index, { kind: 'tick' });
    }
  }

  #deliver(): void {
    for (;;) {
      const index = this.#letters.findIndex(({ at, to }) => at <= this.#now && !to.paused);
      if (index < 0) return;
      const [letter] = this.#letters.splice(index, 1);
      if (letter !== undefined) this.#arrive(letter);
    }
  }

  #arrive({ to, life, from, channel, event }: Letter): void {
    const sender = this.members.find(({ id }) => id === from) as Member;
    const stands = sender === to || this.#channels.get(this.#pair(sender, to)) === channel;
    if (to.peer !== life || !stands) return;
    this.step(this.members.indexOf(to), event);
  }

  /** A client of that peer. */
  client(index: number): TestClient {
    this.#connection += 1;
    const connection = this.#connection as ConnectionId;
    const heard: Heard[] = [];
    this.#heard.set(connection, heard);
    return new TestClient(this, index, connection, heard);
  }
}

/** One connection; commands one at a time, as the text layer gives them. */
export class TestClient {
  readonly heard: Heard[];
  readonly connection: ConnectionId;
  readonly #cluster: Cluster;
  readonly #index: number;

  constructor(cluster: Cluster, index: number, connection: ConnectionId, heard: Heard[]) {
    this.#cluster = cluster;
    this.#index = index;
    this.connection = connection;
    this.heard = heard;
  }

  /** Sends a command; the answer comes when time passes. */
  send(command: Command): void {
    this.#cluster.step(this.#index, { kind: 'command', connection: this.connection, command });
  }

  /** Sends a command and lets time pass until it is answered. */
  ask(command: Command, withinMs = 60_000): Response {
    const before = this.heard.length;
    this.send(command);
    this.#cluster.runUntil(() => this.heard.length > before, withinMs);
    const answer = this.heard[before];
    if (answer?.kind !== 'response') throw new Error(`no response: ${JSON.stringify(answer)}`);
    return answer.response;
  }

  lock(name: string, waitMs: number | null = null, withinMs = 60_000): Response {
    return this.ask({ kind: 'lock', name: name as LockName, waitMs }, withinMs);
  }

  /** Waits for the lock in the background. */
  wait(name: string, waitMs: number): void {
    this.send({ kind: 'lock', name: name as LockName, waitMs });
  }

  unlock(name: string): Response {
    return this.ask({ kind: 'unlock', name: name as LockName });
  }

  setTimeout(timeoutMs: number): Response {
    return this.ask({ kind: 'set-timeout', timeoutMs });
  }

  session(): SessionId {
    const response = this.ask({ kind: 'conn-id' });
    if (response.kind !== 'session') throw new Error('no session');
    return response.session;
  }

  resume(session: SessionId): Response {
    return this.ask({ kind: 'resume', session });
  }

  disconnect(broken = false): void {
    const { connection } = this;
    this.#cluster.step(this.#index, { kind: 'disconnected', connection, broken });
  }

  /** The last response, or undefined. */
  get last(): Heard | undefined {
    return this.heard.at(-1);
  }

  /** The token of the last response, if it was a grant. */
  get token(): number | null {
    const { last } = this;
    return last?.kind === 'response' && last.response.kind === 'acquired'
      ? last.response.token
      : null;
  }
}
