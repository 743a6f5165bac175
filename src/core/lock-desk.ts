/**
 * What clients ask about locks, and what they hear (rules 10 and 11).
 *
 * Owns the meaning of `lock`, `queue`, `unlock` and `unlock_all`, and when each is answered or told.
 * Whether a lock may be had is for the claims and their keepers.
 */
import type { Claim } from './claims.ts';
import type { Client } from './client.ts';
import type { Command, Response } from './command.ts';
import type { Connection, Connections } from './connections.ts';
import type { Context } from './context.ts';
import { assertNever } from './invariant.ts';
import type { Links } from './links.ts';
import type { LockName } from './types.ts';

/** The commands that need a session and are about its locks. */
export type LockCommand = Extract<Command, { kind: 'lock' | 'queue' | 'unlock' | 'unlock-all' }>;

const HELD: Response = { kind: 'refused', reason: 'held' };

/** Answers what concerns locks. */
export class LockDesk {
  readonly #context: Context;
  readonly #connections: Connections;
  readonly #links: () => Links;

  constructor(context: Context, connections: Connections, links: () => Links) {
    this.#context = context;
    this.#connections = connections;
    this.#links = links;
  }

  onCommand(connection: Connection, client: Client, command: LockCommand): void {
    switch (command.kind) {
      case 'lock':
        return this.#lock(connection, client, command.name, command.waitMs ?? 0);
      case 'queue':
        return this.#queue(connection, client, command.name, command.waitMs);
      case 'unlock':
        return this.#unlock(connection, client, command.name);
      case 'unlock-all':
        return this.#unlockAll(connection, client);
      default:
        return assertNever(command);
    }
  }

  #respond(connection: Connection, response: Response): void {
    this.#connections.respond(connection, response);
  }

  /** Neither yes nor no: no quorum is reached, or it decided nothing in time. */
  indeterminate(): Response {
    const reached = this.#links().votersReached();
    return { kind: 'indeterminate', reached, needed: this.#context.quorum };
  }

  #lock(connection: Connection, client: Client, name: LockName, waitMs: number): void {
    const own = client.claims.get(name);
    if (own !== undefined) {
      this.#respond(connection, own.state === 'held' ? acquired(client, own) : HELD);
      return;
    }
    if (this.#refuseAnotherClaim(connection, client)) return;
    const claim = client.lock(name, waitMs > 0);
    const waiting = { claim, releasing: new Set<Claim>(), response: HELD };
    this.#connections.await(connection, waiting, this.#patienceMs(waitMs), () => {
      this.#giveUp(connection, client, claim);
    });
  }

  /** The claim waits beside whatever else the connection does; a second time sets its time anew. */
  #queue(connection: Connection, client: Client, name: LockName, waitMs: number): void {
    const own = client.claims.get(name);
    if (own === undefined && this.#refuseAnotherClaim(connection, client)) return;
    this.#respond(connection, { kind: 'queued' });
    const claim = this.#claimToWait(client, name, waitMs > 0);
    this.#connections.queue(connection, claim, this.#patienceMs(waitMs), () => {
      this.#giveUpQueued(connection, client, claim);
    });
    if (claim.state === 'held') this.#decided(connection, claim, acquired(client, claim));
  }

  /** The session's own claim; but a try would be answered at once, which is no wait. */
  #claimToWait(client: Client, name: LockName, waits: boolean): Claim {
    const own = client.claims.get(name);
    const isTry = own?.state === 'pending' && !own.waits;
    if (own !== undefined && !(isTry && waits)) return own;
    if (own !== undefined) client.withdraw([own]);
    return client.lock(name, waits);
  }

  /** Whether the session has so many claims that the client was told so. */
  #refuseAnotherClaim(connection: Connection, client: Client): boolean {
    const full = client.claimCount >= this.#context.settings.locksPerSession;
    if (full) this.#respond(connection, { kind: 'refused', reason: 'too-many-locks' });
    return full;
  }

  /** A try, too, takes its time. */
  #patienceMs(waitMs: number): number {
    return waitMs > 0 ? waitMs : this.#context.settings.answerMs;
  }

  /** Its time is over: a no, once it stands in no queue; what may yet be granted is neither. */
  #giveUp(connection: Connection, client: Client, claim: Claim): void {
    const { answerMs } = this.#context.settings;
    const waiting = { claim: null, releasing: new Set([claim]), response: HELD };
    const doubt = () => this.#respond(connection, this.indeterminate());
    if (!this.#isInLine(claim)) doubt();
    else this.#connections.await(connection, waiting, answerMs, doubt);
    client.withdraw([claim], () => {
      if (connection.waiting === waiting) this.#respond(connection, this.#no());
    });
  }

  /** The same, of a claim made by `queue`. */
  #giveUpQueued(connection: Connection, client: Client, claim: Claim): void {
    const { answerMs } = this.#context.settings;
    const doubt = () => this.#connections.tell(connection, claim, this.indeterminate());
    if (!this.#isInLine(claim)) doubt();
    else this.#connections.queue(connection, claim, answerMs, doubt);
    client.withdraw([claim], () => {
      this.#connections.tell(connection, claim, this.#no());
      this.#over(connection, claim);
    });
  }

  /** Whether a keeper said that it waits, and may still be heard to say that it does not. */
  #isInLine({ queued }: Claim): boolean {
    return queued && this.#links().reachesQuorum();
  }

  #no(): Response {
    return this.#links().reachesQuorum() ? HELD : this.indeterminate();
  }

  granted(client: Client, claim: Claim): void {
    const connection = this.#connections.of(client);
    const { name: lock, token } = claim;
    this.#context.observe({ kind: 'granted', lock, session: client.session, token });
    if (connection === undefined) return;
    if (connection.inputEnded) connection.unconfirmed.push(claim);
    this.#decided(connection, claim, acquired(client, claim));
  }

  refused(client: Client, claim: Claim, reason: 'held' | 'busy'): void {
    const connection = this.#connections.of(client);
    const why = reason === 'held' ? 'held' : 'too-many-waiters';
    if (connection === undefined) return;
    this.#decided(connection, claim, { kind: 'refused', reason: why });
  }

  /** A claim has its answer: the response under way, if that waits for it, or told. */
  #decided(connection: Connection, claim: Claim, response: Response): void {
    if (connection.waiting?.claim === claim) this.#respond(connection, response);
    else this.#connections.tell(connection, claim, response);
  }

  #unlock(connection: Connection, client: Client, name: LockName): void {
    const claim = client.claims.get(name) ?? connection.queued.get(name)?.claim;
    if (claim === undefined) {
      this.#respond(connection, { kind: 'refused', reason: 'not-owner' });
    } else this.#release(connection, client, [claim], { kind: 'released' });
  }

  #unlockAll(connection: Connection, client: Client): void {
    const queued = [...connection.queued.values()].map(({ claim }) => claim);
    const { held } = client;
    const response: Response = { kind: 'released-all', count: held.length };
    const claims = [...new Set([...queued, ...held])];
    if (claims.length === 0) this.#respond(connection, response);
    else this.#release(connection, client, claims, response);
  }

  /**
   * Answered when chosen, or after a bounded time all the same (rule 11). A wait that `queue` began
   * is withdrawn, if its time has not done that: nothing is told of it any more.
   */
  #release(connection: Connection, client: Client, claims: Claim[], response: Response): void {
    const waiting = { claim: null, releasing: new Set(claims), response };
    this.#connections.await(connection, waiting, this.#context.settings.answerMs, () => {
      this.#respond(connection, response);
    });
    for (const { name } of claims) this.#connections.stopQueueing(connection, name);
    const living = claims.filter((claim) => client.has(claim));
    client.release(living.filter(({ state }) => state === 'held'));
    client.withdraw(
      living.filter(({ state }) => state === 'pending'),
      (claim) => this.#over(connection, claim),
    );
  }

  released(client: Client, claim: Claim): void {
    const connection = this.#connections.of(client);
    if (connection !== undefined) this.#over(connection, claim);
  }

  /** Of what is waited for, that is over. */
  #over(connection: Connection, claim: Claim): void {
    const { waiting } = connection;
    if (!waiting?.releasing.delete(claim)) return;
    if (waiting.releasing.size === 0) this.#respond(connection, waiting.response);
  }
}

function acquired({ validityMs }: Client, { token }: Claim): Response {
  return { kind: 'acquired', token, validityMs };
}
