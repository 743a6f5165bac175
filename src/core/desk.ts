/**
 * What clients ask, and what they hear (rule 11).
 *
 * Owns the meaning of each command and when its response is due; those about locks are answered by
 * `lock-desk.ts`. What a session is, is for `home.ts` and those behind it.
 */
import type { Claim } from './claims.ts';
import type { Client, Desk as DeskPort } from './client.ts';
import type { Command, Response } from './command.ts';
import { type Connection, Connections } from './connections.ts';
import type { Context } from './context.ts';
import type { Home } from './home.ts';
import { assertNever } from './invariant.ts';
import type { Links } from './links.ts';
import { LockDesk } from './lock-desk.ts';
import type { Overview } from './overview.ts';
import type { ResumeOutcome } from './resume.ts';
import type { ConnectionId, SessionId } from './types.ts';

/** What the desk needs. */
export interface DeskParts {
  readonly links: Links;
  readonly home: Home;
  readonly overview: Overview;
}

/** Commands in, responses out. */
export class Desk implements Omit<DeskPort, 'ended' | 'removed'> {
  readonly #context: Context;
  readonly #parts: () => DeskParts;
  readonly #connections: Connections;
  readonly #locks: LockDesk;

  /** @param parts - the home, too, is made with this desk: so it is asked for when needed */
  constructor(context: Context, parts: () => DeskParts) {
    this.#context = context;
    this.#parts = parts;
    this.#connections = new Connections(context);
    this.#locks = new LockDesk(context, this.#connections, () => parts().links);
  }

  onCommand(id: ConnectionId, command: Command): void {
    if (this.#connections.isClosing(id)) return;
    const connection = this.#connections.open(id);
    this.#heard(connection);
    switch (command.kind) {
      case 'lock':
      case 'queue':
      case 'unlock':
      case 'unlock-all':
        return this.#withSession(connection, (client) => {
          this.#locks.onCommand(connection, client, command);
        });
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
      this.#respond(connection, this.#locks.indeterminate());
    });
  }

  granted(client: Client, claim: Claim): void {
    this.#locks.granted(client, claim);
  }

  refused(client: Client, claim: Claim, reason: 'held' | 'busy'): void {
    this.#locks.refused(client, claim, reason);
  }

  released(client: Client, claim: Claim): void {
    this.#locks.released(client, claim);
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
    else if (here.isOver) this.#awaitEnd(connection, here);
    else if (here.stage === 'resuming') this.#awaitTakeOver(connection, session);
    else if (here.connection !== null) {
      this.#respond(connection, { kind: 'refused', reason: 'attached' });
    } else this.#reattach(connection, here);
  }

  /** It is being ended here; but it may have moved, unheard, before that: the voters know. */
  #awaitEnd(connection: Connection, client: Client): void {
    const response: Response = { kind: 'refused', reason: 'unknown-session' };
    const waiting = { claim: null, releasing: new Set<Claim>(), response };
    this.#connections.await(connection, waiting, this.#context.settings.answerMs, () => {
      this.#respond(connection, this.#locks.indeterminate());
    });
    client.onceOver((ended) => {
      if (connection.waiting !== waiting) return;
      if (ended) this.#respond(connection, response);
      else this.#takeOverLater(connection, client.session);
    });
  }

  #takeOverLater(connection: Connection, session: SessionId): void {
    this.#connections.stopWaiting(connection);
    this.#context.after(0, () => this.#takeOver(connection, session));
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
    if (!this.#refuseWhenFull(connection)) this.#awaitTakeOver(connection, session);
  }

  #awaitTakeOver(connection: Connection, session: SessionId): void {
    this.#parts().home.resume(session, {
      connection: connection.id,
      mayBeGone: () => connection.inputEnded,
      finished: (outcome) => this.#resumed(connection, session, outcome),
    });
  }

  #resumed(connection: Connection, session: SessionId, outcome: ResumeOutcome): void {
    const client = this.#parts().home.find(session);
    if (client?.connection === connection.id && client.stage === 'live') connection.client = client;
    this.#respond(
      connection,
      outcome.kind === 'indeterminate' ? this.#locks.indeterminate() : outcome,
    );
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
      this.#left(connection);
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
    connection.client = null;
    this.#takeOverLater(connection, client.session);
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
    if (broken) client?.release(unconfirmed.filter((claim) => client.has(claim)));
    this.#left(connection);
  }

  /** Its session waits for the client from now on, or the taking over of one does. */
  #left({ id, client }: Connection): void {
    if (client === null) this.#parts().home.disconnected(id);
    else client.detach();
  }
}

type ChangingCommand =
  | 'lock'
  | 'queue'
  | 'unlock'
  | 'unlock-all'
  | 'conn-id'
  | 'resume'
  | 'set-timeout'
  | 'keepalive'
  | 'quit';
