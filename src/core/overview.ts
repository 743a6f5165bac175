/**
 * What people see who look on: `info`, `locks`, `peers` and `stats`.
 *
 * Reads only. A lock is described by its keeper; where that does not answer in time, by what this
 * peer stored as a voter, and the answer says so: it may be out of date. A peer without a vote has
 * stored nothing: it asks a voter, then the home that this names, for a lock is kept there.
 */
import type { Claims } from './claims.ts';
import type { LockStatus, PeerStatus, Response, Statistics } from './command.ts';
import type { Context } from './context.ts';
import type { Keeper } from './keeper.ts';
import type { Links } from './links.ts';
import { emptyLock } from './lock.ts';
import type { Inspected } from './message.ts';
import { lockOf, lockRegister } from './names.ts';
import type { Voter } from './register.ts';
import type { LockName, LockRecord, PeerId } from './types.ts';
import type { Writer } from './writer.ts';

/** What the overview reads. */
export interface OverviewParts {
  readonly context: Context;
  readonly links: Links;
  readonly voter: Voter;
  readonly writer: Writer;
  readonly keeper: Keeper;
  readonly claims: Claims;
}

interface Question {
  readonly name: LockName;
  readonly answer: (response: Response) => void;
  /** What a voter has stored, if this peer is none; `null`: not known yet. */
  readonly told: LockStatus | null;
}

/** Answers that change nothing. */
export class Overview {
  readonly #parts: OverviewParts;
  readonly #questions = new Map<number, Question>();

  constructor(parts: OverviewParts) {
    this.#parts = parts;
  }

  /** Asks the keeper how a lock stands. */
  info(name: LockName, answer: (response: Response) => void): void {
    const asked = this.#firstAsked(name);
    const question = { name, answer, told: null };
    if (asked === null) this.#answer(question);
    else this.#ask(asked, question);
  }

  get #isVoter(): boolean {
    const { context } = this.#parts;
    return context.voterIndex(context.self) >= 0;
  }

  /** The keeper, as far as is known here; `null`: nobody is heard who may know. */
  #firstAsked(name: LockName): PeerId | null {
    const { context, links, voter, keeper } = this.#parts;
    const kept = keeper.kept(name);
    if (kept !== null && (kept.isKept || this.#isVoter)) return context.self;
    if (!this.#isVoter) return context.voters.find((other) => links.hears(other)) ?? null;
    const owner = voter.owner(lockRegister(name));
    return owner !== null && links.hears(owner) ? owner : context.self;
  }

  #ask(peer: PeerId, question: Question): void {
    const { context, writer } = this.#parts;
    const request = writer.newRequest();
    this.#questions.set(request, question);
    context.send(peer, { kind: 'inspect', request, lock: question.name });
    context.after(context.settings.askMs, () => {
      if (this.#questions.delete(request)) this.#answer(question);
    });
  }

  onInspected({ request, keeper, record, waiters, heldMs }: Inspected): void {
    const question = this.#questions.get(request);
    if (question === undefined) return;
    this.#questions.delete(request);
    const { name, answer, told } = question;
    if (keeper) {
      const lock: LockStatus = { ...describe(name, record), heldMs, waiters, source: 'keeper' };
      answer({ kind: 'info', lock });
    } else if (told === null && !this.#isVoter) this.#askHome(question, record);
    else this.#answer(question);
  }

  /** By the word of a voter that is not the keeper: the holder's home most likely is. */
  #askHome({ name, answer }: Question, record: LockRecord): void {
    const { links } = this.#parts;
    const question = { name, answer, told: describe(name, record) };
    const home = record.holder?.stamp.home;
    if (home !== undefined && links.hears(home)) this.#ask(home, question);
    else this.#answer(question);
  }

  /** As well as can be without the keeper. */
  #answer({ name, answer, told }: Question): void {
    const { context, links } = this.#parts;
    const lock = this.#isVoter ? this.#stored(name) : told;
    if (lock !== null) answer({ kind: 'info', lock });
    else {
      const reached = links.votersReached();
      answer({ kind: 'indeterminate', reached, needed: context.quorum });
    }
  }

  #stored(name: LockName): LockStatus {
    const record = this.#parts.voter.peek(lockRegister(name))?.accepted?.record;
    return describe(name, record?.kind === 'lock' ? record : emptyLock(0));
  }

  /** The held locks that this peer stored, or keeps, a bounded number of them. */
  locks(prefix: string): Response {
    const { locksListed } = this.#parts.context.settings;
    const locks: LockStatus[] = [];
    for (const [register, { accepted }] of this.#parts.voter.all) {
      const name = lockOf(register);
      const record = accepted?.record;
      if (name === null || record?.kind !== 'lock' || record.holder === null) continue;
      if (!name.startsWith(prefix)) continue;
      if (locks.length === locksListed) return { kind: 'locks', locks, complete: false };
      locks.push(this.#known(name, record));
    }
    return { kind: 'locks', locks, complete: true };
  }

  #known(name: LockName, record: LockRecord): LockStatus {
    const kept = this.#parts.keeper.kept(name);
    if (kept === null || !kept.isKept) return describe(name, record);
    const { heldMs, queue, record: now } = kept;
    return { ...describe(name, now), heldMs, waiters: queue.length, source: 'keeper' };
  }

  peers(): Response {
    const { context, links } = this.#parts;
    const known = new Set<PeerId>([...context.voters, ...links.known]);
    const peers = [...known].sort().map((peer) => this.#peer(peer));
    const { epoch } = context.configuration;
    return { kind: 'peers', epoch, quorum: context.quorum, peers };
  }

  #peer(peer: PeerId): PeerStatus {
    const { context, links } = this.#parts;
    const heardAt = links.heardAt(peer);
    return {
      peer,
      voter: context.voterIndex(peer) >= 0,
      self: peer === context.self,
      reachable: links.hears(peer),
      lastHeardMs: heardAt === null ? null : context.instant - heardAt,
    };
  }

  stats(counts: { clients: number; sessions: number; locks: number }): Response {
    const { context, links, voter, keeper, claims } = this.#parts;
    const statistics: Statistics = {
      ...counts,
      waiting: claims.pending,
      kept: keeper.size,
      registers: voter.size,
      peers: [...links.known].filter((peer) => links.hears(peer)).length,
      votersReached: links.votersReached(),
      quorum: context.quorum,
      epoch: context.configuration.epoch,
    };
    return { kind: 'stats', statistics };
  }
}

function describe(name: LockName, { token, holder }: LockRecord): LockStatus {
  const home = holder?.stamp.home ?? null;
  return { name, token, home, heldMs: 0, waiters: 0, source: 'vote' };
}
