/**
 * A core of one peer in memory, answering at once: enough to converse with, no protocol.
 *
 * A waiter waits for ever; a session outlives its connection for ever. Records what it is told of
 * connections.
 */
import type { Command, LockStatus, RefusalReason, Response } from '../../src/core/command.ts';
import type { ConnectionId, LockName, PeerId, SessionId } from '../../src/core/types.ts';
import type { ClientEvents, Clients } from '../../src/runtime/ports.ts';

const SELF = 'fake-peer' as PeerId;
const VALIDITY_MS = 2_900;

interface FakeLock {
  token: number;
  holder: SessionId | null;
  readonly waiters: Waiter[];
}

interface Waiter {
  readonly connection: ConnectionId;
  /** By `queue`: told, not answered. */
  readonly queued: boolean;
}

/** Answers commands through `clients`. */
export class FakeCore implements ClientEvents {
  readonly commands: Command[] = [];
  /** `connected 1`, `input-ended 1`, `disconnected 1`, `broken 1`. */
  readonly told: string[] = [];
  readonly #clients: Clients;
  readonly #locks = new Map<LockName, FakeLock>();
  readonly #attached = new Map<ConnectionId, SessionId>();
  readonly #detached = new Set<SessionId>();
  #connections = 0;
  #waiting: (() => void)[] = [];

  constructor(clients: Clients) {
    this.#clients = clients;
  }

  /** Resolves once `condition` holds, looked at whenever something happens. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  untilTold(what: string): Promise<void> {
    return this.until(() => this.told.includes(what));
  }

  connect(): ConnectionId {
    this.#connections += 1;
    this.#tell(`connected ${this.#connections}`);
    return this.#connections as ConnectionId;
  }

  input(): void {}

  inputEnded(connection: ConnectionId): void {
    this.#tell(`input-ended ${connection}`);
  }

  disconnected(connection: ConnectionId, broken: boolean): void {
    this.#detach(connection);
    this.#tell(`${broken ? 'broken' : 'disconnected'} ${connection}`);
  }

  command(connection: ConnectionId, command: Command): void {
    this.commands.push(command);
    const response = this.#answer(connection, command);
    if (response !== null) this.#clients.respond(connection, response);
    if (command.kind === 'queue') this.#queue(connection, command.name, command.waitMs);
    this.#wake();
  }

  #answer(connection: ConnectionId, command: Command): Response | null {
    switch (command.kind) {
      case 'lock':
        return this.#lock(connection, command.name, command.waitMs);
      case 'queue':
        return { kind: 'queued' };
      case 'unlock':
        return this.#unlock(connection, command.name);
      case 'unlock-all':
        return { kind: 'released-all', count: this.#releaseAll(this.#session(connection)) };
      case 'conn-id':
        return { kind: 'session', session: this.#session(connection) };
      case 'resume':
        return this.#resume(connection, command.session);
      case 'set-timeout':
        return { kind: 'timeout-set', timeoutMs: command.timeoutMs };
      case 'keepalive':
        return { kind: 'keepalive-set', silenceMs: command.silenceMs };
      case 'ping':
        return { kind: 'pong', validityMs: this.#attached.has(connection) ? VALIDITY_MS : 0 };
      case 'quit':
        this.#detach(connection);
        return { kind: 'bye' };
      default:
        return this.#show(command);
    }
  }

  #show(command: Extract<Command, { kind: 'info' | 'locks' | 'peers' | 'stats' }>): Response {
    switch (command.kind) {
      case 'info':
        return { kind: 'info', lock: this.#status(command.name) };
      case 'locks': {
        const names = [...this.#locks.keys()].filter((name) => name.startsWith(command.prefix));
        return { kind: 'locks', locks: names.map((name) => this.#status(name)), complete: true };
      }
      case 'peers': {
        const self = { peer: SELF, voter: true, self: true, reachable: true, lastHeardMs: 0 };
        return { kind: 'peers', epoch: 1, quorum: 1, peers: [self] };
      }
      case 'stats': {
        const clients = this.#attached.size;
        const none = { waiting: 0, sessions: 0, kept: 0, registers: 0, peers: 1 };
        const locks = this.#locks.size;
        const statistics = { clients, locks, ...none, votersReached: 1, quorum: 1, epoch: 1 };
        return { kind: 'stats', statistics };
      }
    }
  }

  #lock(connection: ConnectionId, name: LockName, waitMs: number | null): Response | null {
    const session = this.#session(connection);
    const lock = this.#lockOf(name);
    if (lock.holder === null) this.#grant(lock, session);
    if (lock.holder === session) return this.#acquired(lock);
    if (waitMs === null || waitMs === 0) return refused('held');
    lock.waiters.push({ connection, queued: false });
    return null;
  }

  #queue(connection: ConnectionId, name: LockName, waitMs: number): void {
    const { holder, waiters } = this.#lockOf(name);
    const isFree = holder === null || holder === this.#session(connection);
    if (!isFree && waitMs > 0) waiters.push({ connection, queued: true });
    else {
      const response = this.#lock(connection, name, null);
      if (response !== null) this.#clients.tell(connection, name, response);
    }
  }

  #unlock(connection: ConnectionId, name: LockName): Response {
    const lock = this.#lockOf(name);
    const waiter = lock.waiters.findIndex((each) => each.connection === connection);
    if (waiter >= 0) lock.waiters.splice(waiter, 1);
    else if (lock.holder !== this.#session(connection)) return refused('not-owner');
    else this.#release(name, lock);
    return { kind: 'released' };
  }

  #releaseAll(session: SessionId): number {
    const held = [...this.#locks].filter(([, lock]) => lock.holder === session);
    for (const [name, lock] of held) this.#release(name, lock);
    return held.length;
  }

  #resume(connection: ConnectionId, session: SessionId): Response {
    if (this.#attached.has(connection)) return refused('has-session');
    if (!this.#detached.delete(session)) {
      const isAttached = [...this.#attached.values()].includes(session);
      return refused(isAttached ? 'attached' : 'unknown-session');
    }
    this.#attached.set(connection, session);
    const held = [...this.#locks.values()].filter((lock) => lock.holder === session);
    return { kind: 'resumed', locks: held.length };
  }

  #release(name: LockName, lock: FakeLock): void {
    lock.holder = null;
    const next = lock.waiters.shift();
    if (next === undefined) return;
    this.#grant(lock, this.#session(next.connection));
    if (next.queued) this.#clients.tell(next.connection, name, this.#acquired(lock));
    else this.#clients.respond(next.connection, this.#acquired(lock));
  }

  #grant(lock: FakeLock, session: SessionId): void {
    lock.token += 1;
    lock.holder = session;
  }

  #acquired(lock: FakeLock): Response {
    return { kind: 'acquired', token: lock.token, validityMs: VALIDITY_MS };
  }

  #status(name: LockName): LockStatus {
    const { token, holder, waiters } = this.#lockOf(name);
    const home = holder === null ? null : SELF;
    return { name, token, home, heldMs: 0, waiters: waiters.length, source: 'keeper' };
  }

  #lockOf(name: LockName): FakeLock {
    const lock = this.#locks.get(name) ?? { token: 0, holder: null, waiters: [] };
    this.#locks.set(name, lock);
    return lock;
  }

  #session(connection: ConnectionId): SessionId {
    const session = this.#attached.get(connection) ?? (`session-${connection}` as SessionId);
    this.#attached.set(connection, session);
    return session;
  }

  #detach(connection: ConnectionId): void {
    const session = this.#attached.get(connection);
    this.#attached.delete(connection);
    if (session !== undefined) this.#detached.add(session);
  }

  #tell(what: string): void {
    this.told.push(what);
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

function refused(reason: RefusalReason): Response {
  return { kind: 'refused', reason };
}
