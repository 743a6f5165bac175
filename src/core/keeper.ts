/**
 * The locks kept here: which there are, and which message concerns which (rules 8 to 10).
 *
 * Routes; what happens to one lock is in `kept-lock.ts`. A peer that does not keep a lock says who
 * may, as far as its own vote knows; asked by itself, it prepares, and so becomes the keeper.
 */
import { compareBallots, nextBallot } from './ballot.ts';
import type { Context } from './context.ts';
import type { Expiry } from './expiry.ts';
import { type EarlyClaim, Inheritance, type Inherited } from './inheritance.ts';
import { type KeeperParts, KeptLock } from './kept-lock.ts';
import type { Links } from './links.ts';
import { emptyLock, isHeldBy } from './lock.ts';
import type {
  Abandoned,
  Ask,
  Claim,
  Handover,
  Inherit,
  Inspect,
  Lives,
  QueuedClaim,
  Release,
  Superseded,
  Withdraw,
} from './message.ts';
import { lockOf, lockRegister } from './names.ts';
import type { Voter } from './register.ts';
import type { Reclaim } from './requests.ts';
import type { LockName, LockRecord, PeerId, Stamp } from './types.ts';
import type { Writer } from './writer.ts';

/** All locks that this peer keeps, or is about to keep. */
export class Keeper {
  readonly #locks = new Map<LockName, KeptLock>();
  readonly #context: Context;
  readonly #links: Links;
  readonly #voter: Voter;
  readonly #parts: KeeperParts;
  readonly #inheritance: Inheritance;
  /** Where the round of looking for idle locks stands. */
  #cursor: Iterator<KeptLock> = [][Symbol.iterator]();

  constructor(context: Context, links: Links, voter: Voter, writer: Writer, expiry: Expiry) {
    this.#context = context;
    this.#links = links;
    this.#voter = voter;
    const removed = (lock: KeptLock) => {
      if (this.#locks.get(lock.name) === lock) this.#locks.delete(lock.name);
    };
    this.#inheritance = new Inheritance(context, {
      inherited: (...chosen) => this.#inherit(...chosen),
      queueCame: (...late) => this.#takeIn(...late),
      failed: (...vain) => this.#sendAllOn(...vain),
    });
    this.#parts = { context, links, writer, expiry, removed };
  }

  get size(): number {
    return this.#locks.size;
  }

  /** The lock, if it is kept here; for those who look after idle ones. */
  kept(name: LockName): KeptLock | null {
    return this.#locks.get(name) ?? null;
  }

  /** Keeps the lock from now on, by asking the voters. */
  takeOn(name: LockName): KeptLock {
    const there = this.#locks.get(name);
    if (there !== undefined) return there;
    const lock = new KeptLock(this.#parts, name);
    this.#locks.set(name, lock);
    lock.prepare();
    return lock;
  }

  /** Lets go of an idle lock that every voter was told to forget (rule 7). */
  forget(name: LockName): void {
    this.#locks.get(name)?.lose(null);
  }

  /**
   * Lets go of quiet locks that others may have written: the voters that said so may not have been
   * heard (rule 8). A voter goes by its own vote; who has none keeps what its own claims hold.
   *
   * @param looked - how many locks, from where the last round ended
   * @param lives - whether that claim lives here
   */
  letGo(looked: number, lives: (stamp: Stamp) => boolean): void {
    for (let left = looked; left > 0; left--) {
      const { value: lock, done } = this.#cursor.next();
      if (done === true) {
        this.#cursor = this.#locks.values();
        return;
      }
      if (lock.isQuiet && this.#isLost(lock, lives)) lock.lose(null);
    }
  }

  #isLost(lock: KeptLock, lives: (stamp: Stamp) => boolean): boolean {
    const { self, settings } = this.#context;
    const isVoter = this.#context.voterIndex(self) >= 0;
    if (isVoter) {
      const promised = this.#voter.promised(lock.register);
      return this.#voter.isServing && lock.isOlderThan(promised);
    }
    const holder = lock.record.holder?.stamp;
    return lock.heldMs >= settings.forgetMs && (holder === undefined || !lives(holder));
  }

  onClaim(from: PeerId, { lock: name, claim, waits }: Claim): void {
    if (!this.#locks.has(name) && this.#inheritance.claim(name, claim, waits)) return;
    const { stamp } = claim;
    if (this.#isInVain(from)) this.#answerInVain(stamp.home, name, stamp);
    else this.#concerning(from, stamp.home, name, stamp)?.claim(claim, waits);
  }

  /** What is released here is written; of what is not, others may know more. */
  onRelease(from: PeerId, { lock: name, stamp }: Release): void {
    const lock = this.#locks.get(name);
    const isHere = lock !== undefined && isHeldBy(lock.record, stamp);
    if (!isHere && this.#isInVain(from)) this.#answerInVain(from, name, stamp);
    else this.#concerning(from, from, name, stamp)?.release(stamp);
  }

  /** Here it could only wait; its home may reach a quorum, and then writes the lock itself. */
  #isInVain(from: PeerId): boolean {
    return from !== this.#context.self && !this.#links.reachesQuorum();
  }

  #answerInVain(home: PeerId, lock: LockName, stamp: Stamp): void {
    this.#context.send(home, { kind: 'ask', lock, stamp, owner: null });
  }

  onWithdraw({ lock: name, stamp }: Withdraw): void {
    this.#locks.get(name)?.queue.remove(stamp);
  }

  /**
   * The kept lock; asked by itself this peer takes it on, others are told whom to ask.
   *
   * @param asker - who is told: of a claim its home, for another keeper may have sent it on
   */
  #concerning(from: PeerId, asker: PeerId, name: LockName, stamp: Stamp): KeptLock | null {
    const lock = this.#locks.get(name);
    if (lock !== undefined) return lock;
    if (from === this.#context.self) return this.takeOn(name);
    const known = this.#voter.owner(lockRegister(name));
    const owner = known === this.#context.self ? null : known;
    this.#context.send(asker, { kind: 'ask', lock: name, stamp, owner });
    return null;
  }

  onHandover(message: Handover): void {
    this.#inheritance.announced(message);
  }

  onInherit(from: PeerId, message: Inherit): void {
    this.#inheritance.accepted(from, message);
  }

  /** This peer is the heir: it has the promise, the record and the queue (rule 9). */
  #inherit(name: LockName, chosen: Inherited, queue: readonly EarlyClaim[]): void {
    const lock = this.#locks.get(name);
    if (lock === undefined || lock.isOlderThan(chosen.ballot)) this.#succeed(name, chosen);
    this.#takeIn(name, chosen.record, queue);
  }

  /**
   * The queue of an inherited lock. If that was handed on meanwhile, it is not inherited again: the
   * ballot may be used up. Whoever waits is told whom to ask.
   */
  #takeIn(name: LockName, record: LockRecord, queue: readonly EarlyClaim[]): void {
    // The granted claim may have been withdrawn meanwhile: nobody is refused for it unasked.
    const granted = record.holder?.stamp;
    if (granted !== undefined && queue.some(({ waits }) => !waits)) {
      this.#locks.get(name)?.watchOver(granted)?.verify();
    }
    for (const { claim, waits, told } of queue) {
      const lock = this.#locks.get(name);
      if (lock === undefined) this.#sendOn(name, claim.stamp);
      else lock.claim(claim, waits, told);
    }
  }

  /** The lock was not inherited: whoever would have waited here is told whom to ask. */
  #sendAllOn(lock: LockName, owner: PeerId | null, queue: readonly EarlyClaim[]): void {
    for (const { claim } of queue) {
      const { stamp } = claim;
      if (owner === null) this.#sendOn(lock, stamp);
      else this.#context.send(stamp.home, { kind: 'ask', lock, stamp, owner });
    }
  }

  /** Its home is told whom to ask: as this voter knows, or else any voter that is heard. */
  #sendOn(lock: LockName, stamp: Stamp): void {
    const { self, voters } = this.#context;
    const known = this.#voter.owner(lockRegister(lock));
    const owner = known === null || known === self ? voters.find(this.#hearsOther) : known;
    this.#context.send(stamp.home, { kind: 'ask', lock, stamp, owner: owner ?? null });
  }

  #hearsOther = (peer: PeerId): boolean => peer !== this.#context.self && this.#links.hears(peer);

  #succeed(name: LockName, chosen: Inherited): void {
    const { self, incarnation } = this.#context;
    const { ballot, record } = chosen;
    const mine = nextBallot(ballot, self, incarnation);
    // Old news, if this voter has promised the lock to somebody since.
    if (compareBallots(this.#voter.promised(lockRegister(name)), mine) > 0) return;
    const lock = this.#locks.get(name) ?? new KeptLock(this.#parts, name);
    this.#locks.set(name, lock);
    lock.inherit(chosen);
    const { holder, token } = record;
    if (holder?.stamp.home === self) {
      const { stamp } = holder;
      this.#context.send(self, { kind: 'granted', lock: name, stamp, token });
    }
    lock.advance();
  }

  /**
   * A session that moved here takes a lock along (rule 16). A voter said that the lock is that
   * session's: if this keeper knows otherwise, it was superseded unheard, and reads again. What is
   * being read already is awaited: several sessions may want what each was said to hold.
   */
  reclaim(name: LockName, claim: QueuedClaim, handlers: Pick<Reclaim, 'done' | 'again'>): void {
    const kept = this.#locks.get(name);
    const isKnown = kept?.record.holder?.session === claim.session;
    if (!isKnown && kept?.isReading === false) kept.lose(null);
    const isFresh = isKnown || !this.#locks.has(name);
    this.takeOn(name).reclaim({ claim, isFresh, ...handlers });
  }

  onSuperseded({ register, promised }: Superseded): void {
    const name = lockOf(register);
    if (name === null) return;
    this.#inheritance.superseded(name, promised);
    const lock = this.#locks.get(name);
    if (lock?.isOlderThan(promised) === true) lock.lose(promised.peer);
  }

  /** A holder's home says that the session is somewhere else. */
  onAsk({ lock: name, stamp, owner }: Ask): void {
    if (owner !== null) this.#locks.get(name)?.watchOver(stamp)?.inquire(owner);
  }

  onLives({ lock: name, stamp }: Lives): void {
    this.#locks.get(name)?.watchOver(stamp)?.lives();
  }

  onAbandoned(from: PeerId, { lock: name, stamp }: Abandoned): void {
    this.#locks.get(name)?.watchOver(stamp)?.expire(from);
  }

  /** Keeping ends with the epoch; whoever is waited for, or waits, makes this peer prepare anew. */
  epochBegun(): void {
    this.#inheritance.epochBegun();
    for (const lock of [...this.#locks.values()]) lock.epochBegun();
  }

  channelOpened(peer: PeerId): void {
    for (const lock of this.#locks.values()) lock.watch.channelOpened(peer);
    this.#askWhetherKept(peer);
  }

  /** That others write a lock by now, this peer may not have heard, nor its own vote. */
  #askWhetherKept(voter: PeerId): void {
    const { settings } = this.#context;
    if (this.#context.voterIndex(voter) < 0) return;
    const kept = [...this.#locks.values()].filter(({ isReading }) => !isReading);
    for (let page = 0; page < kept.length; page += settings.pageSize) {
      const registers = kept.slice(page, page + settings.pageSize).map(({ register }) => register);
      this.#context.send(voter, { kind: 'keeps', registers });
    }
  }

  channelClosed(peer: PeerId): void {
    for (const lock of this.#locks.values()) lock.queue.removeHome(peer);
  }

  /** How a lock stands, as this peer knows: by keeping it, or by its vote. */
  onInspect(from: PeerId, { request, lock: name }: Inspect): void {
    const lock = this.#locks.get(name);
    const keeper = lock?.isKept ?? false;
    const stored = this.#voter.peek(lockRegister(name))?.accepted?.record ?? null;
    const record = keeper ? lock?.record : (stored as LockRecord | null);
    this.#context.send(from, {
      kind: 'inspected',
      request,
      keeper,
      record: record ?? emptyLock(0),
      waiters: lock?.queue.length ?? 0,
      heldMs: keeper && lock !== undefined && record?.holder != null ? lock.heldMs : 0,
    });
  }
}
