/**
 * What foils have in common: clients, their locks, and renewing them.
 *
 * A foil is a lock service of another kind, driven by the same driver in the same world. Owns
 * connections, what each waits for, and the end of what can no longer be relied on: a foil is as
 * honest about that as its design allows. How a lock is had is for the foil itself. There are no
 * fencing tokens: every grant says 1. Sessions do not move, and nothing is stored.
 */
import { Agenda, type Timer } from '../../src/core/agenda.ts';
import type { Command, Response, Statistics } from '../../src/core/command.ts';
import type { Effect, Event } from '../../src/core/event.ts';
import type { Message } from '../../src/core/message.ts';
import { newSessionId } from '../../src/core/names.ts';
import type { PeerOptions } from '../../src/core/peer.ts';
import { quorumOf } from '../../src/core/quorum.ts';
import { vouchedFor } from '../../src/core/session.ts';
import type {
  ConnectionId,
  LockName,
  Now,
  PeerId,
  SessionId,
  Stamp,
} from '../../src/core/types.ts';
import type { StepMachine } from '../../src/runtime/ports.ts';

/** No foil numbers its grants. */
const TOKEN = 1;

/** A lock that a client holds, or asks for. */
export interface Hold {
  readonly lock: LockName;
  readonly stamp: Stamp;
  readonly session: SessionId;
  readonly connection: ConnectionId;
  /** Until when it may be relied on, by this peer's clock; `null`: it is being asked for. */
  until: number | null;
}

interface Connection {
  readonly id: ConnectionId;
  readonly session: SessionId;
  readonly holds: Map<LockName, Hold>;
  silenceMs: number;
  silence: Timer | null;
}

type Lock = Extract<Command, { kind: 'lock' }>;

/** A peer of a foil. */
export abstract class FoilPeer implements StepMachine {
  protected readonly options: PeerOptions;
  protected readonly agenda = new Agenda();
  /** Peers with a channel, this one included. */
  protected readonly heard = new Set<PeerId>();
  protected now = 0;
  readonly #connections = new Map<ConnectionId, Connection>();
  #effects: Effect[] = [];
  #counter = 0;

  constructor(options: PeerOptions) {
    this.options = options;
    this.now = options.now.home;
    this.heard.add(options.self);
    this.#beat();
  }

  get deadline(): number {
    return this.agenda.next;
  }

  step(event: Event, now: Now): readonly Effect[] {
    this.now = now.home;
    this.agenda.runDue(this.now);
    this.#handle(event);
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Tries to get the lock until `giveUpAt`; ends in `acquired` or `failed`. */
  protected abstract acquire(hold: Hold, giveUpAt: number): void;
  /** Has the lock for longer; ends in `renewed`, or in nothing. */
  protected abstract renew(hold: Hold): void;
  protected abstract release(hold: Hold): void;
  protected abstract hears(from: PeerId, message: Message): void;
  /** Channels have changed. */
  protected abstract meets(): void;

  protected get ttlMs(): number {
    return this.options.settings.minimumLeaseMs;
  }

  protected get quorum(): number {
    return quorumOf(this.options.configuration.voters.length);
  }

  protected send(to: PeerId, message: Message): void {
    const { epoch } = this.options.configuration;
    this.#effects.push({ kind: 'send', to, epoch, counter: 0, message, durable: false });
  }

  protected after(ms: number, run: () => void): Timer {
    return this.agenda.schedule(this.now + ms, run);
  }

  /** Whether a hold is wanted: its client is there and has not let go. */
  protected isWanted(hold: Hold): boolean {
    return this.#connections.get(hold.connection)?.holds.get(hold.lock) === hold;
  }

  /** The lock was asked for at `askedAt`, and granted: careful with clocks, as Redlock is. */
  protected acquired(hold: Hold, askedAt: number): void {
    hold.until = askedAt + vouchedFor(this.ttlMs, this.options.settings);
    const validityMs = hold.until - this.now;
    this.#respond(hold.connection, { kind: 'acquired', token: TOKEN, validityMs });
    this.#watch(hold);
  }

  protected renewed(hold: Hold, askedAt: number): void {
    hold.until = askedAt + vouchedFor(this.ttlMs, this.options.settings);
  }

  /** It could not be had in time: held by another, or nobody knows. */
  protected failed(hold: Hold, reached: number): void {
    this.#connections.get(hold.connection)?.holds.delete(hold.lock);
    const held: Response = { kind: 'refused', reason: 'held' };
    const unknown: Response = { kind: 'indeterminate', reached, needed: this.quorum };
    this.#respond(hold.connection, reached >= this.quorum ? held : unknown);
  }

  /** Looks at the hold when it may have run out. */
  #watch(hold: Hold): void {
    this.agenda.schedule(hold.until ?? this.now, () => {
      if (!this.isWanted(hold) || hold.until === null) return;
      if (this.now < hold.until) this.#watch(hold);
      else this.#lose(hold.connection);
    });
  }

  #lose(id: ConnectionId): void {
    const held = [...(this.#connections.get(id)?.holds.values() ?? [])];
    const locks = held.map(({ lock: name }) => ({ name, token: TOKEN }));
    this.#connections.delete(id);
    this.#effects.push({ kind: 'lost', connection: id, locks });
  }

  #beat(): void {
    for (const { holds } of this.#connections.values()) {
      for (const hold of holds.values()) if (hold.until !== null) this.renew(hold);
    }
    this.after(this.options.settings.heartbeatMs, () => this.#beat());
  }

  #handle(event: Event): void {
    switch (event.kind) {
      case 'channel-opened':
        this.heard.add(event.peer);
        this.meets();
        return;
      case 'channel-closed':
        this.heard.delete(event.peer);
        this.meets();
        return;
      case 'message':
        this.hears(event.from, event.message);
        return;
      case 'command':
        this.#command(this.#connection(event.connection), event.command);
        return;
      case 'input':
        this.#listen(this.#connection(event.connection));
        return;
      case 'disconnected':
        this.#connections.delete(event.connection);
        return;
      default:
        return;
    }
  }

  #connection(id: ConnectionId): Connection {
    let connection = this.#connections.get(id);
    if (connection === undefined) {
      const { self, incarnation, random } = this.options;
      const session = newSessionId(self, incarnation, random);
      connection = { id, session, holds: new Map(), silenceMs: 0, silence: null };
      this.#connections.set(id, connection);
    }
    return connection;
  }

  #listen(connection: Connection): void {
    this.agenda.cancel(connection.silence);
    if (connection.silenceMs === 0) return;
    connection.silence = this.after(connection.silenceMs, () => {
      this.#connections.delete(connection.id);
      this.#effects.push({ kind: 'close', connection: connection.id });
    });
  }

  #command(connection: Connection, command: Command): void {
    this.#listen(connection);
    if (command.kind === 'lock') {
      this.#lock(connection, command);
      return;
    }
    if (command.kind === 'keepalive') {
      connection.silenceMs = command.silenceMs;
      this.#listen(connection);
    }
    this.#respond(connection.id, this.#answer(connection, command));
  }

  #lock({ id, session, holds }: Connection, { name: lock, waitMs }: Lock): void {
    const own = holds.get(lock);
    if (own !== undefined) {
      const validityMs = (own.until ?? this.now) - this.now;
      this.#respond(id, { kind: 'acquired', token: TOKEN, validityMs });
      return;
    }
    const { self: home, incarnation } = this.options;
    const stamp = { counter: ++this.#counter, home, incarnation };
    const hold: Hold = { lock, stamp, session, connection: id, until: null };
    holds.set(lock, hold);
    this.acquire(hold, this.now + (waitMs ?? 0));
  }

  #answer(connection: Connection, command: Exclude<Command, Lock>): Response {
    switch (command.kind) {
      // Foils know no such waits, and no client of theirs asks for one.
      case 'queue':
        return { kind: 'refused', reason: 'held' };
      case 'unlock': {
        const held = this.#letGo(connection, connection.holds.get(command.name));
        return held ? { kind: 'released' } : { kind: 'refused', reason: 'not-owner' };
      }
      case 'unlock-all': {
        const holds = [...connection.holds.values()];
        for (const hold of holds) this.#letGo(connection, hold);
        return { kind: 'released-all', count: holds.length };
      }
      case 'conn-id':
        return { kind: 'session', session: connection.session };
      case 'resume':
        return { kind: 'refused', reason: 'unknown-session' };
      case 'set-timeout':
        return { kind: 'timeout-set', timeoutMs: command.timeoutMs };
      case 'keepalive':
        return { kind: 'keepalive-set', silenceMs: command.silenceMs };
      case 'ping':
        return { kind: 'pong', validityMs: this.#validityMs(connection) };
      case 'quit':
        return { kind: 'bye' };
      default:
        return this.#look(command);
    }
  }

  #look(command: Extract<Command, { kind: 'stats' | 'info' | 'locks' | 'peers' }>): Response {
    switch (command.kind) {
      case 'stats':
        return { kind: 'stats', statistics: this.#statistics() };
      case 'info': {
        const { name } = command;
        const lock = { name, token: 0, home: null, heldMs: 0, waiters: 0, source: 'vote' } as const;
        return { kind: 'info', lock };
      }
      case 'locks':
        return { kind: 'locks', locks: [], complete: true };
      default:
        return { kind: 'peers', epoch: 1, quorum: this.quorum, peers: [] };
    }
  }

  #statistics(): Statistics {
    const clients = this.#connections.size;
    const none = { locks: 0, waiting: 0, sessions: 0, kept: 0, registers: 0 };
    const { size: peers } = this.heard;
    return { ...none, clients, peers, votersReached: peers, quorum: this.quorum, epoch: 1 };
  }

  #letGo({ holds }: Connection, hold: Hold | undefined): boolean {
    if (hold === undefined) return false;
    holds.delete(hold.lock);
    this.release(hold);
    return true;
  }

  #validityMs({ holds }: Connection): number {
    const lefts = [...holds.values()].map(({ until }) => (until ?? this.now) - this.now);
    return lefts.length === 0 ? 0 : Math.max(0, Math.min(...lefts));
  }

  #respond(connection: ConnectionId, response: Response): void {
    if (!this.#connections.has(connection)) return;
    this.#effects.push({ kind: 'respond', connection, response });
  }
}
