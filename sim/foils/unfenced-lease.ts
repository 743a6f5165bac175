/**
 * A foil: a lease without fencing, given by a master that is whoever seems to be the first.
 *
 * The master is the first voter that a peer has a channel to. It grants leases from memory, by its
 * own clock, and a new master waits for one lease before it grants anything: enough when the old
 * one has died, and not when it is only out of sight. Homes renew, and tell their clients when
 * they could not. Nobody asks for a majority, and no grant has a number.
 *
 * @see the Jepsen analyses of Hazelcast 3.8.3 and of RabbitMQ as a mutex
 */
import { sameStamp } from '../../src/core/ballot.ts';
import type { Message } from '../../src/core/message.ts';
import type { PeerOptions } from '../../src/core/peer.ts';
import type { LockName, PeerId, Stamp } from '../../src/core/types.ts';
import { FoilPeer, type Hold } from './foil-peer.ts';

/** Pause before a lock is asked for again (ms). */
const RETRY_MS = 100;

interface Lease {
  readonly stamp: Stamp;
  readonly until: number;
}

/** A question that is under way. */
interface Asked {
  readonly hold: Hold;
  readonly askedAt: number;
}

/** A peer that serves clients, and may be the master. */
export class UnfencedLeasePeer extends FoilPeer {
  readonly #leases = new Map<LockName, Lease>();
  /** By the counter of the stamp. */
  readonly #asked = new Map<number, Asked>();
  #isMaster = false;
  /** As a master it grants nothing new before that. */
  #grantsFrom: number;

  constructor(options: PeerOptions) {
    super(options);
    this.#grantsFrom = this.now;
    const { self, incarnation, configuration } = options;
    // The very first master of all: nobody can hold a lease of another's.
    if (incarnation === 1 && configuration.voters[0] === self) this.#isMaster = true;
    else this.meets();
  }

  protected override meets(): void {
    const isMaster = this.#master === this.options.self;
    if (isMaster && !this.#isMaster) {
      this.#leases.clear();
      this.#grantsFrom = this.now + this.ttlMs;
    }
    this.#isMaster = isMaster;
  }

  get #master(): PeerId {
    const { voters } = this.options.configuration;
    return voters.find((voter) => this.heard.has(voter)) ?? this.options.self;
  }

  protected override acquire(hold: Hold, giveUpAt: number): void {
    if (!this.isWanted(hold)) return;
    if (hold.until !== null) return;
    this.#ask(hold);
    this.after(RETRY_MS, () => {
      if (!this.isWanted(hold) || hold.until !== null) return;
      if (this.now < giveUpAt) this.acquire(hold, giveUpAt);
      else this.#giveUp(hold);
    });
  }

  #giveUp(hold: Hold): void {
    this.release(hold);
    this.failed(hold, this.quorum);
  }

  protected override renew(hold: Hold): void {
    this.#ask(hold);
  }

  #ask(hold: Hold): void {
    const { lock, stamp, session } = hold;
    this.#asked.set(stamp.counter, { hold, askedAt: this.now });
    const claim = { session, attachment: 1, stamp };
    this.send(this.#master, { kind: 'claim', lock, claim, waits: hold.until === null });
  }

  protected override release({ lock, stamp }: Hold): void {
    this.#asked.delete(stamp.counter);
    this.send(this.#master, { kind: 'release', lock, stamp });
  }

  protected override hears(from: PeerId, message: Message): void {
    if (message.kind === 'claim') this.#lease(from, message);
    else if (message.kind === 'release') this.#forget(message.lock, message.stamp);
    else if (message.kind === 'granted') this.#granted(message.stamp);
  }

  /** A renewal is granted even by a new master; what is new waits. */
  #lease(from: PeerId, { lock, claim, waits }: Extract<Message, { kind: 'claim' }>): void {
    const { stamp } = claim;
    const lease = this.#leases.get(lock);
    const isFree = lease === undefined || lease.until <= this.now;
    const isTheirs = lease !== undefined && sameStamp(lease.stamp, stamp);
    const mayGrant = isTheirs || (isFree && (!waits || this.now >= this.#grantsFrom));
    if (!this.#isMaster || !mayGrant) return;
    this.#leases.set(lock, { stamp, until: this.now + this.ttlMs });
    this.send(from, { kind: 'granted', lock, stamp, token: 0 });
  }

  #forget(lock: LockName, stamp: Stamp): void {
    const lease = this.#leases.get(lock);
    if (lease !== undefined && sameStamp(lease.stamp, stamp)) this.#leases.delete(lock);
  }

  #granted(stamp: Stamp): void {
    const asked = this.#asked.get(stamp.counter);
    if (asked === undefined || stamp.incarnation !== this.options.incarnation) return;
    this.#asked.delete(stamp.counter);
    const { hold, askedAt } = asked;
    if (!this.isWanted(hold)) this.release(hold);
    else if (hold.until === null) this.acquired(hold, askedAt);
    else this.renewed(hold, askedAt);
  }
}
