/**
 * One lock as its keeper sees it: the queue, and the one change under way (rules 8 to 10).
 *
 *   preparing ──promised──▶ kept ──grant to another home──▶ handed over
 *      │  ▲                  └──superseded or refused─────▶ lost
 *   refused │
 *      ▼  │
 *   backing off
 *
 * Owns queue and order; safety is the register's. What it tells homes, its own included, leaves as
 * messages, so that nothing here is entered twice. A queue is a hint: homes ask again.
 */
import { Answers } from './answers.ts';
import { compareBallots, nextBallot } from './ballot.ts';
import { ClaimQueue } from './claim-queue.ts';
import { HolderWatch, type Watched, type WatchParts } from './holder-watch.ts';
import type { Inherited } from './inheritance.ts';
import { acquiredBy, emptyLock, isHeldBy, released } from './lock.ts';
import type { QueuedClaim } from './message.ts';
import { lockRegister } from './names.ts';
import { PassedOver } from './passed-over.ts';
import type { Read } from './read.ts';
import { type Reclaim, Requests } from './requests.ts';
import { Tenure } from './tenure.ts';
import type { Ballot, Holder, LockName, LockRecord, PeerId, RegisterName, Stamp } from './types.ts';
import { isPassedOver, type Write, type WriteOwner, type Writer } from './writer.ts';

/** What kept locks share. */
export interface KeeperParts extends WatchParts {
  readonly writer: Writer;
  /** The lock is kept here no longer. */
  readonly removed: (lock: KeptLock) => void;
}

/** A lock kept, or about to be kept, by this peer. */
export class KeptLock implements WriteOwner, Watched {
  readonly name: LockName;
  readonly register: RegisterName;
  readonly #parts: KeeperParts;
  #phase: 'preparing' | 'kept' | 'backing-off' | 'gone' = 'preparing';
  #record: LockRecord = emptyLock(0);
  #ballot: Ballot | null = null;
  /** Whether the record is known to be chosen. */
  #certain = false;
  #write: Write | null = null;
  /** Promised by a quorum, nothing proposed under it yet. */
  #prepared: Write | null = null;
  /** The last that was chosen. */
  #chosen: Write | null = null;
  readonly queue = new ClaimQueue();
  readonly #requests = new Requests();
  readonly watch: HolderWatch;
  readonly #answers: Answers;
  readonly #tenure: Tenure;
  #attempts = 0;
  readonly #passedOver: PassedOver;

  constructor(parts: KeeperParts, name: LockName) {
    this.#parts = parts;
    this.watch = new HolderWatch(parts, this);
    this.#tenure = new Tenure(parts.context, parts.links);
    this.#passedOver = new PassedOver(parts.context);
    this.name = name;
    this.register = lockRegister(name);
    this.#answers = new Answers(parts.context, name);
  }

  get record(): LockRecord {
    return this.#record;
  }

  /** Whether this peer may speak for the lock: it knows the chosen record, and has the promise. */
  get isKept(): boolean {
    return this.#phase === 'kept' && this.#certain;
  }

  get isContended(): boolean {
    return this.queue.length > 0;
  }

  get watchedHolder(): Holder | null {
    return this.#phase === 'kept' ? this.#record.holder : null;
  }

  get heldMs(): number {
    return this.#tenure.heldMs;
  }

  /** Whether it is kept, and nothing is under way, nor wanted. */
  get isQuiet(): boolean {
    return this.#phase === 'kept' && this.#write === null && !this.#isWanted();
  }

  /** The ballot of a free record that every voter holds, when nothing is going on (rule 7). */
  get forgettable(): Ballot | null {
    const chosen = this.#chosen;
    if (!this.isQuiet || !this.#certain || this.#record.holder !== null) return null;
    return chosen !== null && this.#parts.writer.isHeldByAll(chosen) ? chosen.ballot : null;
  }

  /** Brings an idle record to every voter, so that it can be forgotten (rule 7). */
  refresh(): void {
    if (!this.isKept || this.#write !== null) return;
    if (this.#chosen === null) this.#propose(this.#record, this.#parts.context.self);
    else if (this.#record.holder !== null) this.watch.begin();
  }

  /** Whether the voters are asked, or about to be, and what they hold is not known yet. */
  get isReading(): boolean {
    return this.#phase === 'preparing' || this.#phase === 'backing-off';
  }

  /** Whether that ballot is above the one that this keeper has, uses or asks for. */
  isOlderThan(ballot: Ballot): boolean {
    const mine = this.#write?.ballot ?? this.#ballot;
    return mine === null || compareBallots(mine, ballot) < 0;
  }

  /** Gets the promise by asking for it (rule 8). */
  prepare(): void {
    this.#phase = 'preparing';
    this.#write = this.#parts.writer.prepare(this.register, this);
  }

  /** Becomes keeper as the heir of a chosen record (rule 9). */
  inherit(chosen: Inherited): void {
    this.#stop();
    this.#tenure.proven(chosen.heardAt, () => chosen.acceptedBy, true);
    const { self, incarnation } = this.#parts.context;
    this.#phase = 'kept';
    this.#certain = true;
    this.#record = chosen.record;
    this.#ballot = nextBallot(chosen.ballot, self, incarnation);
  }

  /** Nobody keeps anything in a new epoch (rule 18): wanted still, it is read anew; queues stay. */
  epochBegun(): void {
    this.#stop();
    this.#chosen = null;
    this.#ballot = null;
    this.#certain = false;
    this.#readIfWanted();
  }

  #stop(): void {
    this.#parts.writer.drop(this.#write);
    this.#parts.writer.drop(this.#prepared);
    this.#write = null;
    this.#prepared = null;
    this.#requests.handedOver = [];
    this.watch.stop();
  }

  /** Queues a claim, or answers it; a claim that asks again keeps its place. */
  claim(claim: QueuedClaim, waits: boolean, told = false): void {
    const { stamp } = claim;
    const { self, settings } = this.#parts.context;
    const heir = this.#write?.heir ?? self;
    const full = this.queue.length >= settings.waitersPerLock && !this.queue.has(stamp);
    if (this.#certain && isHeldBy(this.#record, stamp)) {
      this.#tellGranted(stamp);
    } else if (heir !== self) {
      // Behind the announcement on the same channel: the heir will know what it is about.
      this.#parts.context.send(heir, { kind: 'claim', lock: this.name, claim, waits });
    } else if (full) this.#answers.busy(stamp);
    else {
      this.queue.add(claim, waits, told);
      this.advance();
    }
  }

  release(stamp: Stamp): void {
    this.queue.remove(stamp);
    this.#requests.release(stamp);
    this.advance();
  }

  reclaim(reclaim: Reclaim): void {
    this.#requests.reclaim(reclaim);
    this.advance();
  }

  /** The watch over that claim, if the record names it as the holder's. */
  watchOver(stamp: Stamp): HolderWatch | null {
    return isHeldBy(this.#record, stamp) ? this.watch : null;
  }

  /** Does the next thing that is to be done, if nothing is under way. */
  advance(): void {
    if (this.#passedOver.isProving) this.#askForPatience();
    if (this.#phase !== 'kept' || this.#write !== null) return;
    const { self } = this.#parts.context;
    const reclaimed = this.#requests.reclaimed(this.#record);
    // Before the lock is handed on: a busy one may be each time, and nobody comes back to it.
    if (reclaimed === null && this.#certain) this.#requests.answerReclaims(this.#record);
    const next = reclaimed === null ? this.#nextHolder() : { record: reclaimed, heir: self };
    if (next !== null) this.#propose(next.record, next.heir);
    else if (this.#certain && !this.#isInDoubt) this.#settle();
    else if (this.#passedOver.holdsUp(this.#record, () => this.advance())) this.#askForPatience();
    else this.#propose(this.#record, self);
  }

  /** Whether others may have written the lock unheard, which matters: the same is written again. */
  get #isInDoubt(): boolean {
    return this.#isWanted() && !this.#tenure.isSure && this.#parts.links.reachesQuorum();
  }

  /** No answer for now: else each home would take the lock on itself, and none get to the end. */
  #askForPatience(): void {
    this.#answers.all('queued', [...this.queue.takeUntold(true), ...this.#requests.takeUntold()]);
  }

  #nextHolder(): { record: LockRecord; heir: PeerId } | null {
    const { holder } = this.#record;
    if (holder !== null && !this.#isOver(holder)) return null;
    const next = this.queue.all.find(({ claim }) => this.#parts.links.hears(claim.stamp.home));
    const { self, settings } = this.#parts.context;
    if (next === undefined) {
      return holder === null ? null : { record: released(this.#record), heir: self };
    }
    const stays = this.queue.length > settings.queueHandedOver;
    const { session, attachment, stamp } = next.claim;
    const record = acquiredBy(this.#record, { session, attachment, stamp });
    return { record, heir: stays ? self : stamp.home };
  }

  #isOver(holder: Holder): boolean {
    return this.watch.isExpired(holder.session) || this.#requests.isReleased(holder.stamp);
  }

  #propose(record: LockRecord, heir: PeerId): void {
    const ballot = this.#ballot as Ballot;
    this.#ballot = null;
    const prepared = this.#prepared;
    this.#prepared = null;
    if (prepared !== null) {
      this.#write = prepared;
      this.#parts.writer.accept(prepared, record, heir);
    } else this.#write = this.#parts.writer.propose(this.register, ballot, record, this, heir);
    // The voters tell the heir, too, what they accept: it need not wait for this keeper's word.
    if (heir !== this.#parts.context.self) this.#tellHeir(this.#write);
  }

  #tellHeir({ ballot, heir, heirIncarnation, record }: Write): void {
    const { context, links } = this.#parts;
    if (heirIncarnation !== links.incarnationOf(heir) || record?.kind !== 'lock') return;
    const queue = this.queue.handOver(record.holder?.stamp as Stamp);
    this.#requests.handedOver = queue;
    context.send(heir, { kind: 'handover', lock: this.name, ballot, record, queue });
  }

  /** Nothing is to be written: answers those who must not wait for a change. */
  #settle(): void {
    this.#answerReleases();
    if (this.#record.holder === null) return;
    // Whoever is refused has the holder looked after, too: tries alone would never free a lock.
    if (this.isContended) this.watch.schedule();
    if (!this.watch.isVerifying && this.#parts.links.reachesQuorum()) this.#refuseTries();
    this.#answers.all('queued', this.queue.takeUntold(false));
  }

  #refuseTries(): void {
    this.#answers.all('held', this.queue.takeTries());
  }

  /**
   * Says which claims no chosen record names: others may have granted one unheard.
   *
   * @param before - what the write that was just chosen replaced: whom that named it has ended
   */
  #answerReleases(before = this.#record): void {
    const isSure = this.#phase === 'kept' && this.#tenure.isSure;
    this.#answers.all('released', this.#requests.takeReleased(this.#record, before, isSure));
  }

  onRead(write: Write, read: Read): void {
    this.#passedOver.read(read, (record) => this.#take(write, record, read.certain));
    if (this.#passedOver.isProving) this.#askForPatience();
  }

  /** Once a read: what was proposed under its ballot since stands. */
  #take(write: Write, record: LockRecord, certain: boolean): void {
    if (write !== this.#write || write.phase !== 'preparing' || this.#phase === 'gone') return;
    this.#write = null;
    this.#prepared = write;
    this.#phase = 'kept';
    this.#attempts = 0;
    this.#ballot = write.ballot;
    this.#record = record;
    this.#certain = certain;
    this.#tenure.proven(write.sentAt, () => write.promisedBy, true);
    // A chosen record that names a waiting claim grants it, whoever reads it (rule 10).
    if (certain) this.#tellGrant(false);
    this.watch.verify();
    this.advance();
  }

  #tellGranted(stamp: Stamp): void {
    this.#answers.granted(stamp, this.#record.token);
  }

  onChosen(write: Write): void {
    if (write !== this.#write) return;
    const { context } = this.#parts;
    const before = this.#record;
    this.#write = null;
    this.#chosen = write;
    this.#record = write.record as LockRecord;
    const isNew = this.#record.token !== before.token;
    this.#tenure.proven(write.sentAt, () => write.acceptedBy, isNew);
    if (isNew) this.watch.stopVerifying();
    this.#certain = true;
    const isLate = this.#phase === 'gone';
    if (!isLate && write.heir !== context.self) {
      this.#handOver(write, before);
      return;
    }
    this.#tellGrant(isNew);
    this.#answerReleases(before);
    // After the keeping was lost those whom it concerns hear it all the same; no more is done.
    if (isLate) return;
    this.#ballot = nextBallot(write.ballot, context.self, context.incarnation);
    this.advance();
  }

  /** A lock that was only taken along is not granted: its session's home tries again. */
  #tellGrant(isNew: boolean): void {
    const { holder } = this.#record;
    if (holder === null) return;
    if (this.queue.remove(holder.stamp) || isNew) this.#tellGranted(holder.stamp);
  }

  /** One write and one message: the heir has the lock, the ballot and the queue (rule 9). */
  #handOver(write: Write, before: LockRecord): void {
    this.queue.remove(this.#record.holder?.stamp as Stamp);
    this.queue.removeHanded();
    this.#answerReleases(before);
    this.#refuseTries();
    this.lose(write.heir);
  }

  onRefused(write: Write, promised: Ballot): void {
    if (write !== this.#write || this.#phase === 'gone') return;
    const { context, links } = this.#parts;
    if (isPassedOver(write, promised)) {
      this.#passedOver.note(write, this.queue);
      this.#write = null;
      this.#requests.passedOver();
      this.#backOff();
    } else if (write.phase === 'accepting') this.lose(promised.peer);
    else if (promised.peer === context.self) this.prepare();
    else if (links.hears(promised.peer)) this.lose(promised.peer);
    else this.#backOff();
  }

  #backOff(): void {
    const { context } = this.#parts;
    this.#phase = 'backing-off';
    this.#attempts = Math.min(this.#attempts + 1, 3);
    context.after(context.jittered(context.settings.backoffMs << this.#attempts), () => {
      if (this.#phase === 'backing-off') this.#readIfWanted();
    });
  }

  #readIfWanted(): void {
    if (this.#isWanted()) this.prepare();
    else this.lose(null);
  }

  #isWanted(): boolean {
    return this.isContended || !this.#requests.isEmpty;
  }

  /** Another may write next: everybody who waits here is told whom to ask (rules 6 and 10). */
  lose(owner: PeerId | null): void {
    if (this.#phase === 'gone') return;
    if (this.#write?.phase === 'preparing') this.#parts.writer.drop(this.#write);
    this.#phase = 'gone';
    this.watch.stop();
    this.#parts.writer.drop(this.#prepared);
    this.#parts.removed(this);
    // Those that came after the queue was handed over are told whom to ask.
    const stranded = this.queue.takeAll().map(({ claim }) => claim.stamp);
    for (const stamp of [...stranded, ...this.#requests.releases]) {
      this.#answers.ask(stamp, owner);
    }
    this.#requests.giveUpReclaims();
  }
}
