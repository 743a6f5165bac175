/**
 * The connections of this peer: one command at a time each, one response to each (rule 11).
 *
 * Owns what every connection still waits for, and for how long. What a session is, and whether a
 * lock may be had, is for `home.ts` and those behind it.
 */
import type { Timer } from './agenda.ts';
import type { Claim } from './claims.ts';
import type { Client, Desk as DeskPort } from './client.ts';
import type { Command, Response } from './command.ts';
import type { Context } from './context.ts';
import type { Home } from './home.ts';
import { assertNever } from './invariant.ts';
import type { Links } from './links.ts';
import type { Overview } from './overview.ts';
import type { ResumeOutcome } from './resume.ts';
import type { ConnectionId, LockName, SessionId } from './types.ts';

/** What the response under way waits for. */
interface Waiting {
  /** The claim to be granted, if it is a `lock`. */
  readonly claim: Claim | null;
  /** Claims to be released, if it is an `unlock`. */
  readonly releasing: Set<Claim>;
  /** What is answered when the wait is over well. */
  readonly response: Response;
  timer: Timer | null;
}

interface Connection {
  readonly id: ConnectionId;
  client: Client | null;
  waiting: Waiting | null;
  /** The client shut its sending side: it may be gone already. */
  inputEnded: boolean;
  /** Claims granted since then: released at once if the answer could not be delivered. */
  readonly unconfirmed: Claim[];
  /** A silence of so many ms counts as a disconnect; 0: none does. */
  silenceMs: number;
  silence: Timer | null;
}

/** What the desk needs. */
export interface DeskParts {
  readonly context: Context;
  readonly links: Links;
  readonly home: Home;
  readonly overview: Overview;
}

/** Commands in, responses out. */
export class Desk implements Omit<DeskPort, 'removed'> {
  readonly #parts: () => DeskParts;
  readonly #connections = new Map<ConnectionId, Connection>();

  /** @param parts - the home, too, is made with this desk: so it is asked for when needed */
  constructor(parts: () => DeskParts) {
    this.#parts = parts;
  }

  onCommand(id: ConnectionId, command: Command): void {
    const connection = this.#connections.get(id) ?? this.#open(id);
    this.#rewind(connection);
    switch (command.kind) {
      case 'lock':
        this.#lock(connection, command.name, command.waitMs);
        return;
      case 'unlock':
        this.#unlock(connection, command.name);
        return;
      case 'unlock-all':
        this.#unlockAll(connection);
        return;
      case 'conn-id':
        this.#withSession(connection, ({ session }) => {
          this.#respond(connection, { kind: 'session', session });
        });
        return;
      case 'resume':
        this.#resume(connection, command.session);
        return;
      case 'set-timeout':
        this.#setTimeout(connection, command.timeoutMs);
        return;
      case 'quit':
        this.#respond(connection, { kind: 'bye' });
        this.disconnected(id, false);
        return;
      default:
        this.#lookOn(connection, command);
    }
  }

  #lookOn(connection: Connection, command: Exclude<Command, { kind: SessionCommand }>): void {
    const { overview } = this.#parts();
    switch (command.kind) {
      case 'keepalive':
        this.#respond(connection, this.#keepAlive(connection, command.silenceMs));
        return;
      case 'ping': {
        const validityMs = connection.client?.validityMs ?? 0;
        this.#respond(connection, { kind: 'pong', validityMs });
        return;
      }
      case 'info':
        overview.info(command.name, (response) => this.#respond(connection, response));
        return;
      case 'locks':
        this.#respond(connection, overview.locks(command.prefix));
        return;
      case 'peers':
        this.#respond(connection, overview.peers());
        return;
      case 'stats':
        this.#respond(connection, overview.stats(this.#counts()));
        return;
      default:
        assertNever(command);
    }
  }

  #open(id: ConnectionId): Connection {
    const connection: Connection = {
      id,
      client: null,
      waiting: null,
      inputEnded: false,
      unconfirmed: [],
      silenceMs: 0,
      silence: null,
    };
    this.#connections.set(id, connection);
    return connection;
  }

  #counts() {
    const { home } = this.#parts();
    let clients = 0;
    let locks = 0;
    for (const client of home.all) {
      if (client.connection !== null) clients += 1;
      locks += client.heldCount;
    }
    return { clients, sessions: home.size, locks };
  }

  /** The one response to the command under way; a connection that is gone hears nothing. */
  #respond(connection: Connection, response: Response): void {
    if (this.#connections.get(connection.id) !== connection) return;
    this.#stopWaiting(connection);
    this.#parts().context.respond(connection.id, response);
  }

  #stopWaiting(connection: Connection): void {
    this.#parts().context.agenda.cancel(connection.waiting?.timer ?? null);
    connection.waiting = null;
  }

  #indeterminate(): Response {
    const { context, links } = this.#parts();
    return { kind: 'indeterminate', reached: links.votersReached(), needed: context.quorum };
  }

  /** The connection's session, which begins with the first command that needs one. */
  #withSession(connection: Connection, use: (client: Client) => void): void {
    const { context, home } = this.#parts();
    if (connection.client === null) {
      if (home.size >= context.settings.sessionsPerPeer) {
        this.#respond(connection, { kind: 'refused', reason: 'too-many-sessions' });
        return;
      }
      connection.client = home.begin(connection.id);
    }
    use(connection.client);
  }

  #await(connection: Connection, waiting: Omit<Waiting, 'timer'>, ms: number, over: () => void) {
    const waits: Waiting = { ...waiting, timer: null };
    connection.waiting = waits;
    waits.timer = this.#parts().context.after(ms, () => {
      waits.timer = null;
      over();
    });
  }

  #lock(connection: Connection, name: LockName, waitMs: number | null): void {
    this.#withSession(connection, (client) => {
      const { settings } = this.#parts().context;
      const own = client.claims.get(name);
      if (own !== undefined) this.#respond(connection, acquired(client, own));
      else if (client.claimCount >= settings.locksPerSession) {
        this.#respond(connection, { kind: 'refused', reason: 'too-many-locks' });
      } else this.#claim(connection, client, name, waitMs ?? 0);
    });
  }

  #claim(connection: Connection, client: Client, name: LockName, waitMs: number): void {
    const { settings } = this.#parts().context;
    const claim = client.lock(name, waitMs > 0);
    const response = { kind: 'refused', reason: 'held' } as const;
    const waiting = { claim, releasing: new Set<Claim>(), response };
    this.#await(connection, waiting, waitMs > 0 ? waitMs : settings.answerMs, () => {
      const held = claim.queued && this.#parts().links.reachesQuorum();
      client.withdraw(claim);
      this.#respond(connection, held ? response : this.#indeterminate());
    });
  }

  granted(client: Client, claim: Claim): void {
    const connection = this.#connectionOf(client);
    const { context } = this.#parts();
    const { name: lock, token } = claim;
    context.observe({ kind: 'granted', lock, session: client.session, token });
    if (connection?.waiting?.claim !== claim) return;
    if (connection.inputEnded) connection.unconfirmed.push(claim);
    this.#respond(connection, acquired(client, claim));
  }

  refused(client: Client, claim: Claim, reason: 'held' | 'busy'): void {
    const connection = this.#connectionOf(client);
    if (connection?.waiting?.claim !== claim) return;
    const why = reason === 'held' ? 'held' : 'too-many-waiters';
    this.#respond(connection, { kind: 'refused', reason: why });
  }

  #connectionOf(client: Client): Connection | undefined {
    return client.connection === null ? undefined : this.#connections.get(client.connection);
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
      const response = { kind: 'released-all', count: held.length } as const;
      if (held.length === 0) this.#respond(connection, response);
      else this.#release(connection, client, held, response);
    });
  }

  /** Answered when chosen, or after a bounded time all the same (rule 11). */
  #release(connection: Connection, client: Client, claims: Claim[], response: Response): void {
    const { answerMs } = this.#parts().context.settings;
    const releasing = new Set(claims);
    this.#await(connection, { claim: null, releasing, response }, answerMs, () => {
      this.#respond(connection, response);
    });
    for (const claim of claims) client.release(claim);
  }

  released(client: Client, claim: Claim): void {
    const connection = this.#connectionOf(client);
    const waiting = connection?.waiting;
    if (connection === undefined || !waiting?.releasing.delete(claim)) return;
    if (waiting.releasing.size === 0) this.#respond(connection, waiting.response);
  }

  #setTimeout(connection: Connection, timeoutMs: number): void {
    this.#withSession(connection, (client) => {
      const response = { kind: 'timeout-set', timeoutMs } as const;
      const longer = timeoutMs > client.record.timeoutMs;
      client.record.setTimeoutMs(timeoutMs);
      this.#parts().home.reconsider(client);
      if (!longer || client.record.isBlank) {
        this.#respond(connection, response);
        return;
      }
      const waiting = { claim: null, releasing: new Set<Claim>(), response };
      this.#await(connection, waiting, this.#parts().context.settings.answerMs, () => {
        this.#respond(connection, this.#indeterminate());
      });
    });
  }

  recordChosen(client: Client): void {
    const connection = this.#connectionOf(client);
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
    } else if (here === null || here.stage === 'ending') this.#takeOver(connection, session);
    else if (here.connection !== null || here.stage === 'resuming') {
      this.#respond(connection, { kind: 'refused', reason: 'attached' });
    } else this.#reattach(connection, here);
  }

  /** It may have been elsewhere meanwhile: its record says so, or is written again (R14). */
  #reattach(connection: Connection, client: Client): void {
    client.attach(connection.id);
    connection.client = client;
    const response = { kind: 'resumed', locks: client.claims.size } as const;
    if (client.record.isBlank) {
      this.#respond(connection, response);
      return;
    }
    const waiting = { claim: null, releasing: new Set<Claim>(), response };
    this.#await(connection, waiting, this.#parts().context.settings.answerMs, () => {
      connection.client = null;
      client.detach();
      this.#respond(connection, this.#indeterminate());
    });
    client.record.reattach();
  }

  #takeOver(connection: Connection, session: SessionId): void {
    const { home } = this.#parts();
    home.resume(session, connection.id, (outcome) => this.#resumed(connection, session, outcome));
  }

  #resumed(connection: Connection, session: SessionId, outcome: ResumeOutcome): void {
    const client = this.#parts().home.find(session);
    const there = this.#connections.get(connection.id) === connection;
    if (client !== null && client.connection === connection.id && client.stage === 'live') {
      if (there) connection.client = client;
      else client.detach();
    }
    this.#respond(connection, outcome.kind === 'indeterminate' ? this.#indeterminate() : outcome);
  }

  #keepAlive(connection: Connection, silenceMs: number): Response {
    connection.silenceMs = silenceMs;
    this.#rewind(connection);
    return { kind: 'keepalive-set', silenceMs };
  }

  /** Input came: its silence begins anew. */
  onInput(id: ConnectionId): void {
    const connection = this.#connections.get(id);
    if (connection !== undefined) this.#rewind(connection);
  }

  #rewind(connection: Connection): void {
    const { context } = this.#parts();
    context.agenda.cancel(connection.silence);
    connection.silence = null;
    if (connection.silenceMs === 0) return;
    connection.silence = context.after(connection.silenceMs, () => {
      context.push({ kind: 'close', connection: connection.id });
      this.disconnected(connection.id, false);
    });
  }

  /** Its locks are lost, or its session moved: told, and closed, before anyone else gets them. */
  gone(client: Client): void {
    const connection = this.#connectionOf(client);
    if (connection === undefined) return;
    this.#forget(connection);
    const { lost: locks } = client;
    this.#parts().context.push({ kind: 'lost', connection: connection.id, locks });
  }

  #forget(connection: Connection): void {
    this.#stopWaiting(connection);
    this.#parts().context.agenda.cancel(connection.silence);
    this.#connections.delete(connection.id);
  }

  inputEnded(id: ConnectionId): void {
    const connection = this.#connections.get(id);
    if (connection !== undefined) connection.inputEnded = true;
  }

  /** The client is gone; `broken`: perhaps before it heard what it was granted last. */
  disconnected(id: ConnectionId, broken: boolean): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    this.#forget(connection);
    const { client, unconfirmed } = connection;
    if (client === null) return;
    for (const claim of broken ? unconfirmed : []) {
      if (client.claims.get(claim.name) === claim) client.release(claim);
    }
    client.detach();
  }
}

type SessionCommand =
  | 'lock'
  | 'unlock'
  | 'unlock-all'
  | 'conn-id'
  | 'resume'
  | 'set-timeout'
  | 'quit';

function acquired({ validityMs }: Client, { token }: Claim): Response {
  return { kind: 'acquired', token, validityMs };
}
