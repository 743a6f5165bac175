/**
 * What clients ask, and what they hear (rule 11).
 *
 * Owns the meaning of each command and when its response is due. What a session is, and whether a
 * lock may be had, is for `home.ts` and those behind it.
 */
import type { Claim } from './claims.ts';
import type { Client, Desk as DeskPort } from './client.ts';
import type { Command, Response } from './command.ts';
import { type Connection, Connections } from './connections.ts';
import type { Context } from './context.ts';
import type { Home } from './home.ts';
import { assertNever } from './invariant.ts';
import type { Links } from './links.ts';
import type { Overview } from './overview.ts';
import type { ResumeOutcome } from './resume.ts';
import type { ConnectionId, LockName, SessionId } from './types.ts';

/** What the desk needs. */
export interface DeskParts {
  readonly links: Links;
  readonly home: Home;
  readonly overview: Overview;
}

/** Commands in, responses out. */
export class Desk implements Omit<DeskPort, 'removed'> {
  readonly #context: Context;
  readonly #parts: () => DeskParts;
  readonly #connections: Connections;

  /** @param parts - the home, too, is made with this desk: so it is asked for when needed */
  constructor(context: Context, parts: () => DeskParts) {
    this.#context = context;
    this.#parts = parts;
    this.#connections = new Connections(context);
  }

  onCommand(id: ConnectionId, command: Command): void {
    if (this.#connections.isClosing(id)) return;
    const connection = this.#connections.open(id);
    this.#heard(connection);
    switch (command.kind) {
      case 'lock':
        return this.#lock(connection, command.name, command.waitMs ?? 0);
      case 'unlock':
        return this.#unlock(connection, command.name);
      case 'unlock-all':
        return this.#unlockAll(connection);
      case 'conn-id':
        return this.#withSession(connection, ({ session }) => {
          this.#respond(connection, { kind: 'session', session });
        });
      case 'resume':
        return this.#resume(connection, command.session);
      case 'set-timeout':
        return this.#setTimeout(connection, command.timeoutMs);
      case 'keepalive':
        return this.#keepAlive(connection, command.silenceMs);
      case 'quit':
        this.#respond(connection, { kind: 'bye' });
        return this.disconnected(id, false);
      default:
        return this.#lookOn(connection, command);
    }
  }

  /** Commands that change nothing and begin no session. */
  #lookOn(connection: Connection, command: Exclude<Command, { kind: ChangingCommand }>): void {
    const { overview } = this.#parts();
    const respond = (response: Response) => this.#respond(connection, response);
    switch (command.kind) {
      case 'ping':
        return respond({ kind: 'pong', validityMs: connection.client?.validityMs ?? 0 });
      case 'info':
        return overview.info(command.name, respond);
      case 'locks':
        return respond(overview.locks(command.prefix));
      case 'peers':
        return respond(overview.peers());
      case 'stats':
        return respond(overview.stats(this.#parts().home.counts));
      default:
        return assertNever(command);
    }
  }

  #respond(connection: Connection, response: Response): void {
    this.#connections.respond(connection, response);
  }

  #indeterminate(): Response {
    const reached = this.#parts().links.votersReached();
    return { kind: 'indeterminate', reached, needed: this.#context.quorum };
  }

  /** The connection's session, which begins with the first command that needs one. */
  #withSession(connection: Connection, use: (client: Client) => void): void {
    const client = connection.client ?? this.#begin(connection);
    if (client !== null) use(client);
  }

  #begin(connection: Connection): Client | null {
    if (this.#refuseWhenFull(connection)) return null;
    connection.client = this.#parts().home.begin(connection.id);
    return connection.client;
  }

  /** Whether this peer has so many sessions that the client was told so. */
  #refuseWhenFull(connection: Connection): boolean {
    const full = this.#parts().home.size >= this.#context.settings.sessionsPerPeer;
    if (full) this.#respond(connection, { kind: 'refused', reason: 'too-many-sessions' });
    return full;
  }

  #lock(connection: Connection, name: LockName, waitMs: number): void {
    this.#withSession(connection, (client) => {
      const own = client.claims.get(name);
      if (own !== undefined) this.#respond(connection, acquired(client, own));
      else if (client.claimCount >= this.#context.settings.locksPerSession) {
        this.#respond(connection, { kind: 'refused', reason: 'too-many-locks' });
      } else this.#claim(connection, client, name, waitMs);
    });
  }

  #claim(connection: Connection, client: Client, name: LockName, waitMs: number): void {
    const claim = client.lock(name, waitMs > 0);
    const response: Response = { kind: 'refused', reason: 'held' };
    const ms = waitMs > 0 ? waitMs : this.#context.settings.answerMs;
    this.#connections.await(connection, { claim, releasing: new Set(), response }, ms, () => {
      const held = claim.queued && this.#parts().links.reachesQuorum();
      client.withdraw(claim);
      this.#respond(connection, held ? response : this.#indeterminate());
    });
  }

  granted(client: Client, claim: Claim): void {
    const connection = this.#connections.of(client);
    const { name: lock, token } = claim;
    this.#context.observe({ kind: 'granted', lock, session: client.session, token });
    if (connection?.waiting?.claim !== claim) return;
    if (connection.inputEnded) connection.unconfirmed.push(claim);
    this.#respond(connection, acquired(client, claim));
  }

  refused(client: Client, claim: Claim, reason: 'held' | 'busy'): void {
    const connection = this.#connections.of(client);
    if (connection?.waiting?.claim !== claim) return;
    const why = reason === 'held' ? 'held' : 'too-many-waiters';
    this.#respond(connection, { kind: 'refused', reason: why });
  }

  #unlock(connection: Connection, name: LockName): void {
    this.#withSession(connection, (client) => {
      const claim = client.claims.get(name);
      if (claim === undefined) this.#respond(connection, { kind: 'refused', reason: 'not-owner' });
      else this.#release(connection, client, [claim], { kind: 'released' });
    });
  }

  #unlockAll(connection: Connection): void {
    this.#withSession(connection, (client) => {
      const held = client.held;
      const response: Response = { kind: 'released-all', count: held.length };
      if (held.length === 0) this.#respond(connection, response);
      else this.#release(connection, client, held, response);
    });
  }

  /** Answered when chosen, or after a bounded time all the same (rule 11). */
  #release(connection: Connection, client: Client, claims: Claim[], response: Response): void {
    const waiting = { claim: null, releasing: new Set(claims), response };
    this.#connections.await(connection, waiting, this.#context.settings.answerMs, () => {
      this.#respond(connection, response);
    });
    for (const claim of claims) client.release(claim);
  }

  released(client: Client, claim: Claim): void {
    const connection = this.#connections.of(client);
    const waiting = connection?.waiting;
    if (connection === undefined || !waiting?.releasing.delete(claim)) return;
    if (waiting.releasing.size === 0) this.#respond(connection, waiting.response);
  }

  /** A shorter time-out counts at once, a longer one when it is chosen (rule 15). */
  #setTimeout(connection: Connection, timeoutMs: number): void {
    this.#withSession(connection, (client) => {
      const response: Response = { kind: 'timeout-set', timeoutMs };
      const longer = timeoutMs > client.record.timeoutMs;
      client.record.setTimeoutMs(timeoutMs);
      this.#parts().home.reconsider(client);
      if (!longer || client.record.isBlank) this.#respond(connection, response);
      else this.#awaitRecord(connection, response, () => {});
    });
  }

  /** Answers when the session's record is chosen as it should be. */
  #awaitRecord(connection: Connection, response: Response, failed: () => void): void {
    const waiting = { claim: null, releasing: new Set<Claim>(), response };
    this.#connections.await(connection, waiting, this.#context.settings.answerMs, () => {
      failed();
      this.#respond(connection, this.#indeterminate());
    });
  }

  recordChosen(client: Client): void {
    const connection = this.#connections.of(client);
    const waiting = connection?.waiting;
    if (connection === undefined || waiting == null || !client.record.isSettled) return;
    if (waiting.claim === null && waiting.releasing.size === 0) {
      this.#respond(connection, waiting.response);
    }
  }

  #resume(connection: Connection, session: SessionId): void {
    const { home } = this.#parts();
    const here = home.find(session);
    if (connection.client !== null) {
      this.#respond(connection, { kind: 'refused', reason: 'has-session' });
    } else if (here === null || here.stage === 'lost') this.#takeOver(connection, session);
    else if (here.isOver) {
      this.#respond(connection, { kind: 'refused', reason: 'unknown-session' });
    } else if (here.connection !== null || here.stage === 'resuming') {
      this.#respond(connection, { kind: 'refused', reason: 'attached' });
    } else this.#reattach(connection, here);
  }

  /** It may have been elsewhere meanwhile: its record says so, or is written again (R14). */
  #reattach(connection: Connection, client: Client): void {
    client.attach(connection.id);
    connection.client = client;
    const response: Response = { kind: 'resumed', locks: client.claims.size };
    if (client.record.isBlank) {
      this.#respond(connection, response);
      return;
    }
    this.#awaitRecord(connection, response, () => {
      connection.client = null;
      client.detach();
    });
    client.record.reattach();
  }

  #takeOver(connection: Connection, session: SessionId): void {
    if (this.#refuseWhenFull(connection)) return;
    this.#parts().home.resume(session, connection.id, (outcome) => {
      this.#resumed(connection, session, outcome);
    });
  }

  #resumed(connection: Connection, session: SessionId, outcome: ResumeOutcome): void {
    const client = this.#parts().home.find(session);
    if (client !== null && client.connection === connection.id && client.stage === 'live') {
      if (this.#connections.has(connection)) connection.client = client;
      else client.detach();
    }
    this.#respond(connection, outcome.kind === 'indeterminate' ? this.#indeterminate() : outcome);
  }

  #keepAlive(connection: Connection, silenceMs: number): void {
    connection.silenceMs = silenceMs;
    this.#heard(connection);
    this.#respond(connection, { kind: 'keepalive-set', silenceMs });
  }

  /** Bytes came from a client that asked for `keepalive`. */
  onInput(id: ConnectionId): void {
    const connection = this.#connections.find(id);
    if (connection !== undefined) this.#heard(connection);
  }

  #heard(connection: Connection): void {
    const { id } = connection;
    this.#connections.heard(connection, () => {
      this.#context.push({ kind: 'close', connection: id });
      this.#connections.close(connection);
      connection.client?.detach();
    });
  }

  /** Its locks are lost, or its session moved: told, and closed, before anyone else gets them. */
  gone(client: Client): void {
    const connection = this.#connections.of(client);
    if (connection === undefined) return;
    this.#connections.close(connection);
    const { lost: locks } = client;
    this.#context.push({ kind: 'lost', connection: connection.id, locks });
  }

  /** Another home has it, or had it expire: a client that comes back follows it (rule 16). */
  moved(client: Client): void {
    const connection = this.#connections.of(client);
    if (connection?.waiting?.response.kind !== 'resumed') {
      this.gone(client);
      return;
    }
    this.#connections.stopWaiting(connection);
    connection.client = null;
    this.#context.after(0, () => this.#takeOver(connection, client.session));
  }

  inputEnded(id: ConnectionId): void {
    const connection = this.#connections.find(id);
    if (connection !== undefined) connection.inputEnded = true;
  }

  /** The client is gone; `broken`: perhaps before it heard what it was granted last. */
  disconnected(id: ConnectionId, broken: boolean): void {
    const connection = this.#connections.find(id);
    this.#connections.closed(id);
    if (connection === undefined) return;
    this.#connections.forget(connection);
    const { client, unconfirmed } = connection;
    if (client === null) return;
    for (const claim of broken ? unconfirmed : []) {
      if (client.claims.get(claim.name) === claim) client.release(claim);
    }
    client.detach();
  }
}

type ChangingCommand =
  | 'lock'
  | 'unlock'
  | 'unlock-all'
  | 'conn-id'
  | 'resume'
  | 'set-timeout'
  | 'keepalive'
  | 'quit';

function acquired({ validityMs }: Client, { token }: Claim): Response {
  return { kind: 'acquired', token, validityMs };
}
