/**
 * The claims made here: from asking the keeper to held, and from released to forgotten.
 *
 *   pending ──granted──▶ held ──release──▶ releasing ──released──▶ (gone)
 *      └──withdraw──▶ releasing, and nobody's: it may be in a queue, or granted unheard
 *
 * Owns whom to ask and when to ask again (rules 8 and 10). Knows no connections and no time-outs of
 * clients: that is the home's part.
 */
import type { Timer } from './agenda.ts';
import type { Context } from './context.ts';
import { Lanes } from './lanes.ts';
import type { Links } from './links.ts';
import type { Ask, Busy, Granted, Held, Message, Queued, Released } from './message.ts';
import { lockRegister } from './names.ts';
import type { Voter } from './register.ts';
import type { Instant, LockName, PeerId, SessionId, Stamp, Token } from './types.ts';

/**
 * How often one claim is sent from keeper to keeper without a pause. After a pause it goes as far
 * again: whoever is asked first may only know whom to ask, and the lock moves on meanwhile.
 */
const HOPS_AT_ONCE = 4;
/** How often the pause doubles, from `backoffMs` on. */
const PAUSE_DOUBLINGS_MAX = 5;
/** After so many pauses its home takes the lock on itself. */
const PAUSES_BEFORE_TAKING_ON = 3;

/** Forsaken claims that are remembered; by the time of so many more, the new home has written. */
const FORSAKEN_MAX = 10_000;

/** Whose claim it is. */
export interface ClaimOwner {
  readonly session: SessionId;
  readonly attachment: number;
  claimGranted(claim: Claim): void;
  claimRefused(claim: Claim, reason: 'held' | 'busy'): void;
  claimReleased(claim: Claim): void;
}

/** One session's request for one lock, from its home's side. */
export interface Claim {
  readonly name: LockName;
  readonly stamp: Stamp;
  readonly owner: ClaimOwner;
  readonly waits: boolean;
  state: 'pending' | 'held' | 'releasing';
  /** Whether anybody was ever asked: if so, it may stand in a queue. */
  asked: boolean;
  /** Whom it was last asked of. */
  keeper: PeerId | null;
  /** Whether that keeper said that it stands in its queue, or is to wait for its release. */
  queued: boolean;
  hops: number;
  /** How often it has paused since it was last in a queue. */
  pauses: number;
  /** To ask again. */
  timer: Timer | null;
  token: Token;
  heldSince: Instant;
}

/** Of a claim that nobody makes any more: it is only released. */
const NOBODY: ClaimOwner = {
  session: '' as SessionId,
  attachment: 0,
  claimGranted: () => {},
  claimRefused: () => {},
  claimReleased: () => {},
};

/** All claims of this home. */
export class Claims {
  /** By the counter of their stamp. */
  readonly #claims = new Map<number, Claim>();
  /** Counters of claims whose sessions moved away: a late grant of theirs is not released here. */
  readonly #forsaken = new Set<number>();
  /** Up to here any may be one. */
  #forsakenUpTo = 0;
  /** Those that end together with many others of their session. */
  readonly #ending: Lanes<SessionId, Claim>;
  readonly #context: Context;
  readonly #links: Links;
  readonly #voter: Voter;
  readonly #keepsHere: (name: LockName) => boolean;

  constructor(
    context: Context,
    links: Links,
    voter: Voter,
    keepsHere: (name: LockName) => boolean,
  ) {
    this.#context = context;
    this.#links = links;
    this.#voter = voter;
    this.#keepsHere = keepsHere;
    this.#ending = new Lanes(context);
  }

  /** Claims that are neither held nor on their way out. */
  get pending(): number {
    let count = 0;
    for (const { state } of this.#claims.values()) if (state === 'pending') count += 1;
    return count;
  }

  /** The claim of that stamp, if it was made here in this life and still lives. */
  find(stamp: Stamp): Claim | null {
    const { self, incarnation } = this.#context;
    if (stamp.home !== self || stamp.incarnation !== incarnation) return null;
    return this.#claims.get(stamp.counter) ?? null;
  }

  /** Whether it was made here in this life and is over: no session took it along elsewhere. */
  isOver({ home, incarnation, counter }: Stamp): boolean {
    const { self, incarnation: mine } = this.#context;
    if (home !== self || incarnation !== mine) return false;
    return !this.#claims.has(counter) && !this.#isForsaken(counter);
  }

  /** A new claim; nobody is asked yet. */
  make(owner: ClaimOwner, name: LockName, waits: boolean): Claim {
    return this.#add(owner, name, waits, this.#context.newStamp());
  }

  /** A claim that a chosen record names already: of a session that moved here (rule 16). */
  adopt(owner: ClaimOwner, name: LockName, stamp: Stamp, token: Token): Claim {
    const claim = this.#add(owner, name, false, stamp);
    claim.state = 'held';
    claim.token = token;
    return claim;
  }

  #add(owner: ClaimOwner, name: LockName, waits: boolean, stamp: Stamp): Claim {
    const claim: Claim = {
      name,
      stamp,
      owner,
      waits,
      state: 'pending',
      asked: false,
      keeper: null,
      queued: false,
      hops: 0,
      pauses: 0,
      timer: null,
      token: 0,
      heldSince: this.#context.instant,
    };
    this.#claims.set(stamp.counter, claim);
    return claim;
  }

  /** Asks whoever keeps the lock, as far as is known here (rule 8). */
  pursue(claim: Claim): void {
    claim.hops = 0;
    claim.pauses = 0;
    this.#askOwner(claim, this.#knownOwner(claim.name));
  }

  /** Stops vouching, and has the locks released, for as long as it takes: so many at a time. */
  release(claims: readonly Claim[]): void {
    for (const claim of claims) {
      claim.state = 'releasing';
      claim.queued = false;
      claim.keeper = null;
      this.#begin(claim, claims.length, () => this.pursue(claim));
    }
  }

  /**
   * Gives up pending claims. Each may have been handed on in a queue, or granted unheard: so it is
   * followed like a held one, until a keeper says that no chosen record names it (rule 10). Without
   * a quorum nobody would say so: then whoever meets it asks.
   *
   * @param done - it stands in no queue, and will not be granted
   */
  withdraw(claims: readonly Claim[], done: (claim: Claim) => void = () => {}): void {
    for (const claim of claims) {
      const { keeper } = claim;
      const stray = this.#giveUp(claim, () => done(claim));
      if (stray !== null) this.#begin(stray, claims.length, () => this.#follow(stray, keeper));
    }
  }

  /** What ends alone does not wait for what ends together. */
  #begin(claim: Claim, together: number, begin: () => void): void {
    if (together === 1) begin();
    else this.#ending.add(claim.owner.session, claim, begin);
  }

  /** What is to be followed of it; `null`: nothing. */
  #giveUp(claim: Claim, done: () => void): Claim | null {
    const { name: lock, stamp, keeper, owner } = claim;
    this.drop(claim);
    if (!claim.asked) done();
    else if (this.#links.reachesQuorum()) return this.#stray(owner.session, lock, stamp, done);
    else if (keeper !== null) this.#send(keeper, { kind: 'withdraw', lock, stamp });
    return null;
  }

  /** Forgets it: it is released, or another home's. */
  drop(claim: Claim): void {
    this.#context.agenda.cancel(claim.timer);
    claim.timer = null;
    this.#claims.delete(claim.stamp.counter);
    this.#ending.done(claim.owner.session, claim);
  }

  #knownOwner(name: LockName): PeerId | null {
    const { self, voters } = this.#context;
    if (this.#keepsHere(name)) return self;
    if (this.#context.voterIndex(self) >= 0) return this.#voter.owner(lockRegister(name));
    return voters.find((voter) => this.#links.hears(voter)) ?? null;
  }

  #askOwner(claim: Claim, owner: PeerId | null): void {
    const { self } = this.#context;
    const other = owner !== null && owner !== self && this.#links.hears(owner);
    claim.queued = false;
    claim.hops += 1;
    if (claim.hops > HOPS_AT_ONCE) this.#backOff(claim);
    else this.#ask(claim, other ? owner : self);
  }

  #ask(claim: Claim, keeper: PeerId): void {
    const { self, settings } = this.#context;
    claim.asked = true;
    claim.keeper = keeper;
    this.#send(keeper, this.#request(claim));
    this.#askAgain(claim, keeper === self ? settings.reaskMs : settings.askMs);
  }

  /**
   * Sent in circles, for several peers outrun one another: pauses, longer and longer, asks again,
   * and now and then takes the lock on itself, lest each wait for the other (rule 6).
   */
  #backOff(claim: Claim): void {
    const { agenda, settings } = this.#context;
    claim.pauses += 1;
    claim.hops = 0;
    claim.keeper = null;
    const { pauses } = claim;
    const mean = settings.backoffMs << Math.min(pauses, PAUSE_DOUBLINGS_MAX);
    agenda.cancel(claim.timer);
    claim.timer = this.#context.after(this.#context.jittered(mean), () => {
      claim.timer = null;
      const { self } = this.#context;
      const owner = pauses % PAUSES_BEFORE_TAKING_ON === 0 ? null : this.#knownOwner(claim.name);
      this.#ask(claim, owner !== null && this.#links.hears(owner) ? owner : self);
    });
  }

  #request({ name: lock, stamp, owner, state, waits }: Claim): Message {
    if (state === 'releasing') return { kind: 'release', lock, stamp };
    const { session, attachment } = owner;
    return { kind: 'claim', lock, claim: { session, attachment, stamp }, waits };
  }

  #askAgain(claim: Claim, afterMs: number): void {
    this.#context.agenda.cancel(claim.timer);
    claim.timer = this.#context.after(this.#context.jittered(afterMs), () => {
      claim.timer = null;
      const { self } = this.#context;
      // A keeper that said nothing is passed over: this peer prepares, and so becomes the keeper.
      if (claim.queued) this.pursue(claim);
      else if (claim.keeper === self) this.#askOwner(claim, this.#knownOwner(claim.name));
      else this.#ask(claim, self);
    });
  }

  /** Forgets it, for its session moved: from now on only its new home may let go of the lock. */
  forsake(claim: Claim): void {
    this.drop(claim);
    this.#forsaken.add(claim.stamp.counter);
    for (const oldest of this.#forsaken) {
      if (this.#forsaken.size <= FORSAKEN_MAX) break;
      this.#forsaken.delete(oldest);
      this.#forsakenUpTo = Math.max(this.#forsakenUpTo, oldest);
    }
  }

  #isForsaken(counter: number): boolean {
    return counter <= this.#forsakenUpTo || this.#forsaken.has(counter);
  }

  onGranted(from: PeerId, { lock, stamp, token }: Granted): void {
    const claim = this.find(stamp);
    if (claim === null) this.#releaseStray(from, lock, stamp);
    else if (claim.state === 'releasing') this.#ask(claim, from);
    if (claim?.state !== 'pending') return;
    this.#context.agenda.cancel(claim.timer);
    claim.timer = null;
    claim.state = 'held';
    claim.token = token;
    claim.heldSince = this.#context.instant;
    claim.keeper = from;
    claim.owner.claimGranted(claim);
  }

  /**
   * A grant that crossed the claim's end: released at once, and until that is chosen (rule 10). Of a
   * claim of a former life its session decides: that may have been told of it, and comes back.
   */
  #releaseStray(from: PeerId, lock: LockName, stamp: Stamp): void {
    const { self, incarnation } = this.#context;
    const isOurs = stamp.home === self && stamp.incarnation === incarnation;
    if (!isOurs || this.#isForsaken(stamp.counter)) return;
    this.#follow(this.#stray(NOBODY.session, lock, stamp), from);
  }

  /** A claim that nobody makes any more, to be released. */
  #stray(session: SessionId, lock: LockName, stamp: Stamp, done = () => {}): Claim {
    const stray = this.#add({ ...NOBODY, session, claimReleased: done }, lock, false, stamp);
    stray.state = 'releasing';
    return stray;
  }

  #follow(stray: Claim, keeper: PeerId | null): void {
    if (keeper !== null && this.#links.hears(keeper)) this.#ask(stray, keeper);
    else this.pursue(stray);
  }

  onHeld({ stamp }: Held): void {
    this.#onRefused(stamp, 'held');
  }

  onBusy({ stamp }: Busy): void {
    this.#onRefused(stamp, 'busy');
  }

  #onRefused(stamp: Stamp, reason: 'held' | 'busy'): void {
    const claim = this.find(stamp);
    if (claim === null || claim.state !== 'pending') return;
    this.drop(claim);
    claim.owner.claimRefused(claim, reason);
  }

  onQueued(from: PeerId, { stamp }: Queued): void {
    const claim = this.find(stamp);
    if (claim === null || claim.state === 'held') return;
    // While it pauses, or until its turn to be released comes, this is about where it was before.
    if (claim.keeper === null) return;
    claim.keeper = from;
    claim.queued = true;
    this.#askAgain(claim, this.#context.settings.reaskMs);
  }

  onAsk({ stamp, owner }: Ask): void {
    const claim = this.find(stamp);
    if (claim === null || claim.state === 'held') return;
    if (claim.keeper === null) return;
    this.#askOwner(claim, owner);
  }

  onReleased({ stamp }: Released): void {
    const claim = this.find(stamp);
    if (claim === null || claim.state !== 'releasing') return;
    this.drop(claim);
    claim.owner.claimReleased(claim);
  }

  /** What was asked in the epoch before may not have arrived: whoever was asked is asked again. */
  epochBegun(): void {
    for (const claim of [...this.#claims.values()]) {
      const { keeper, state } = claim;
      if (state === 'held' || keeper === null) continue;
      claim.hops = 0;
      claim.queued = false;
      this.#ask(claim, this.#links.hears(keeper) ? keeper : this.#context.self);
    }
  }

  /** Whoever was asked over that channel is asked again, or somebody else (rule 10). */
  channelClosed(peer: PeerId): void {
    for (const claim of [...this.#claims.values()]) {
      if (claim.keeper === peer && claim.state !== 'held') this.pursue(claim);
    }
  }

  #send(to: PeerId, message: Message): void {
    this.#context.send(to, message);
  }
}
