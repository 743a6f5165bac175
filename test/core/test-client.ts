/**
 * A client of one peer of a `Cluster`: one connection, one command at a time, as the text layer
 * gives them. Owns what it heard; decides nothing.
 */
import type { Command, LostLock, Response } from '../../src/core/command.ts';
import type { ConnectionId, LockName, SessionId } from '../../src/core/types.ts';
import type { Cluster } from './cluster.ts';

/** What a client heard, in order. */
export type Heard =
  | { readonly kind: 'response'; readonly response: Response }
  | { readonly kind: 'told'; readonly lock: LockName; readonly response: Response }
  | { readonly kind: 'lost'; readonly locks: readonly LostLock[] }
  | { readonly kind: 'closed' };

/** One connection. */
export class TestClient {
  readonly heard: Heard[] = [];
  readonly connection: ConnectionId;
  readonly index: number;
  readonly #cluster: Cluster;

  constructor(cluster: Cluster, index: number, connection: ConnectionId) {
    this.#cluster = cluster;
    this.index = index;
    this.connection = connection;
  }

  /** Sends a command; the answer comes when time passes. */
  send(command: Command): void {
    this.#cluster.happen(this.index, { kind: 'command', connection: this.connection, command });
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

  /** Waits for the lock beside other commands. */
  queue(name: string, waitMs: number): Response {
    return this.ask({ kind: 'queue', name: name as LockName, waitMs });
  }

  unlock(name: string): Response {
    return this.ask({ kind: 'unlock', name: name as LockName });
  }

  setTimeout(timeoutMs: number): Response {
    return this.ask({ kind: 'set-timeout', timeoutMs });
  }

  /** The id of its session, which begins with this if it had none. */
  session(): SessionId {
    const response = this.ask({ kind: 'conn-id' });
    if (response.kind !== 'session') throw new Error('no session');
    return response.session;
  }

  resume(session: SessionId): Response {
    return this.ask({ kind: 'resume', session });
  }

  /** For how long its locks are safe, as its peer says now. */
  validityMs(): number {
    const response = this.ask({ kind: 'ping' });
    if (response.kind !== 'pong') throw new Error('no pong');
    return response.validityMs;
  }

  disconnect(broken = false): void {
    const { connection } = this;
    this.#cluster.happen(this.index, { kind: 'disconnected', connection, broken });
  }

  /** Shuts its sending side. */
  endInput(): void {
    this.#cluster.happen(this.index, { kind: 'input-ended', connection: this.connection });
  }

  /** The last that it heard, or undefined. */
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
