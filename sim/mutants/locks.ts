/**
 * Mutants of claims and keepers: rules 8 to 11.
 */
import * as queues from './aimed-queues.ts';
import * as hunts from './hunts.ts';
import type { Mutant, Patch } from './mutant.ts';

/** A withdrawn claim is no longer followed either, which mostly lets go of it as well. */
const UNFOLLOWED: Patch = {
  file: 'claims',
  before:
    'else if (this.#links.reachesQuorum()) return this.#stray(owner.session, lock, stamp, done); else if',
  after: 'else if',
};

/** What homes and keepers may get wrong. */
export const LOCK_MUTANTS: readonly Mutant[] = [
  {
    name: 'owner-asks-itself',
    rule: '8, R21',
    without: 'a peer that is told to ask itself prepares',
    patches: [
      {
        file: 'keeper',
        before: 'if (from === this.#context.self) return this.takeOn(name);',
        after: `if (from === this.#context.self &&
          this.#voter.owner(lockRegister(name)) !== this.#context.self) return this.takeOn(name);`,
      },
    ],
    caughtBy: ['expected', 'live'],
    hunt: queues.formerKeeper,
    seedsMax: 5,
  },
  {
    name: 'youngest-first',
    rule: '9',
    without: 'the oldest claim is served first',
    patches: [
      {
        file: 'claim-queue',
        before: 'compareStamps(there.claim.stamp, stamp) < 0',
        after: 'compareStamps(there.claim.stamp, stamp) > 0',
      },
    ],
    caughtBy: ['ordered', 'live'],
    hunt: hunts.contention,
    seedsMax: 20,
  },
  {
    name: 'queue-not-handed-over',
    rule: '9',
    without: 'a lock is handed over with the rest of its queue',
    patches: [
      {
        file: 'claim-queue',
        before: 'waiting.handed = true; claims.push(waiting.claim);',
        after: 'waiting.handed = true;',
      },
    ],
    caughtBy: ['expected'],
    hunt: queues.shortQueue,
    seedsMax: 10,
  },
  {
    name: 'dead-waiter-granted',
    rule: '9',
    without: 'a claim is granted only to a home that is heard',
    patches: [
      {
        file: 'kept-lock',
        before: 'this.queue.all.find(({ claim }) => this.#parts.links.hears(claim.stamp.home))',
        after: 'this.queue.all[0]',
      },
      { file: 'keeper', before: 'lock.queue.removeHome(peer);', after: ';' },
    ],
    caughtBy: ['expected'],
    hunt: queues.deadWaiter,
    seedsMax: 20,
  },
  {
    name: 'release-by-name',
    rule: '9, R12',
    without: 'a release is of one claim, not of whoever holds the lock by now',
    patches: [
      {
        file: 'kept-lock',
        before: 'this.#requests.isReleased(holder.stamp)',
        after: 'this.#requests.releases.length > 0',
      },
    ],
    caughtBy: ['owned', 'exclusive', 'held', 'told'],
    hunt: hunts.swarm,
    seedsMax: 20,
  },
  {
    name: 'own-grant-unrecognised',
    rule: '10, R27',
    without: 'a chosen record that names a waiting claim grants it, whoever reads it',
    patches: [
      {
        file: 'kept-lock',
        before: 'if (certain) this.#tellGrant(false);',
        after: '',
      },
      {
        file: 'kept-lock',
        before: 'if (this.#certain && isHeldBy(this.#record, stamp)) {',
        after: 'if (false) {',
      },
    ],
    caughtBy: ['live', 'ordered'],
    hunt: hunts.contention,
    seedsMax: 400,
  },
  {
    name: 'withdrawn-claim-kept',
    rule: '10',
    without: 'a grant for a claim that lives no longer is released at once',
    patches: [
      {
        file: 'claims',
        before: 'if (claim === null) this.#releaseStray(from, lock, stamp); else if',
        after: 'if (claim === null) return; else if',
      },
      UNFOLLOWED,
    ],
    caughtBy: ['expected'],
    hunt: queues.withdrawnWait,
    seedsMax: 20,
  },
  {
    name: 'unknown-claim-lives',
    rule: '10, R16',
    without: 'a home releases a claim that it does not know',
    patches: [
      {
        file: 'home',
        before:
          "if (holder.attachment <= client.record.chosenAttachment) { context.send(from, { kind: 'release', lock, stamp });",
        after:
          "if (holder.attachment <= client.record.chosenAttachment) { context.send(from, { kind: 'lives', lock, stamp });",
      },
      {
        file: 'claims',
        before: 'if (claim === null) this.#releaseStray(from, lock, stamp); else if',
        after: 'if (claim === null) return; else if',
      },
      UNFOLLOWED,
    ],
    caughtBy: ['live'],
    hunt: hunts.contention,
    seedsMax: 60,
  },
  {
    name: 'writes-at-every-question',
    rule: '4, R28',
    without: 'a keeper with nothing to change writes nothing',
    patches: [
      {
        file: 'kept-lock',
        before: 'this.queue.add(claim, waits, told); this.advance();',
        after: 'this.queue.add(claim, waits, told); this.#certain = false; this.advance();',
      },
    ],
    caughtBy: ['expected', 'live'],
    hunt: queues.longQueue,
    seedsMax: 5,
  },
  {
    name: 'held-without-quorum',
    rule: '11',
    without: 'a keeper says held only while it hears a quorum',
    patches: [
      {
        file: 'kept-lock',
        before: '!this.watch.isVerifying && this.#parts.links.reachesQuorum()',
        after: '!this.watch.isVerifying',
      },
    ],
    caughtBy: ['majority'],
    hunt: hunts.isolation,
    seedsMax: 40,
  },
  {
    name: 'no-quorum-unsaid',
    rule: '11, P6',
    without: 'a wait that ends without a quorum is answered 503',
    patches: [
      {
        file: 'lock-desk',
        before: 'const doubt = () => this.#respond(connection, this.indeterminate());',
        after: 'const doubt = () => this.#respond(connection, HELD);',
      },
    ],
    caughtBy: ['majority'],
    hunt: hunts.isolation,
    seedsMax: 40,
  },
  {
    name: 'refused-in-advance',
    rule: '10, 11',
    without: 'a wait that is over is answered 409 only once its claim is withdrawn',
    patches: [
      {
        file: 'lock-desk',
        before: 'else this.#connections.await(connection, waiting, answerMs, doubt);',
        after: 'else this.#respond(connection, HELD);',
      },
    ],
    caughtBy: ['history'],
    hunt: queues.severedWait,
    seedsMax: 3,
  },
  {
    name: 'withdrawn-and-told',
    rule: '11',
    without: 'of a wait that an unlock has ended nothing is told any more',
    patches: [
      {
        file: 'lock-desk',
        before: 'for (const { name } of claims) this.#connections.stopQueueing(connection, name);',
        after: '',
      },
    ],
    caughtBy: ['answered'],
    hunt: hunts.queues,
    seedsMax: 20,
  },
  {
    name: 'granted-and-told-held',
    rule: '11, P2',
    without: 'who waits beside other commands is told of the grant',
    patches: [
      {
        file: 'lock-desk',
        before: 'this.#decided(connection, claim, acquired(client, claim)); } refused(',
        after:
          'this.#decided(connection, claim, connection.waiting?.claim === claim ? acquired(client, claim) : HELD); } refused(',
      },
    ],
    caughtBy: ['majority', 'history', 'answered', 'live'],
    hunt: hunts.queues,
    seedsMax: 20,
  },
  {
    name: 'released-though-handed-over',
    rule: '9, 10',
    without: 'who lets go of a claim that an heir was told of is to ask that heir',
    patches: [{ file: 'requests', before: '|| this.#isHandedOver(stamp)', after: '' }],
    caughtBy: ['expected', 'history'],
    hunt: queues.givenUpWhileHanded,
    seedsMax: 5,
  },
  {
    name: 'sender-told-whom-to-ask',
    rule: '9, 10',
    without: 'of a claim that another keeper sent on its home is told whom to ask, not the sender',
    patches: [
      {
        file: 'keeper',
        before: 'this.#concerning(from, stamp.home, name, stamp)?.claim(claim, waits);',
        after: 'this.#concerning(from, from, name, stamp)?.claim(claim, waits);',
      },
    ],
    caughtBy: ['expected'],
    hunt: queues.slowAnnouncement,
    seedsMax: 5,
  },
];
