/**
 * Mutants of leases, validity and expiry: rules 12 to 14.
 */
import * as aimed from './aimed.ts';
import { lostWhereItLeft } from './aimed-returns.ts';
import * as hunts from './hunts.ts';
import type { Mutant } from './mutant.ts';

/** What voters and homes may get wrong about time. */
export const LEASE_MUTANTS: readonly Mutant[] = [
  {
    name: 'no-lease-condition',
    rule: '12',
    without: "expired waits for the lease of the session's home",
    patches: [{ file: 'lease', before: 'Math.max(0, since + lease - now.voter)', after: '0' }],
    caughtBy: ['exclusive', 'held', 'told', 'owned'],
    hunt: hunts.swarm,
    seedsMax: 20,
  },
  {
    name: 'restart-forgets-who-was-heard',
    rule: '12',
    without: 'a restarted voter counts everybody as heard',
    patches: [
      {
        file: 'lease',
        before: 'this.#floor = context.now.voter;',
        after: 'this.#floor = Number.NEGATIVE_INFINITY;',
      },
      {
        file: 'registers',
        before: '{ promised, accepted, takenAt, waived',
        after: '{ promised, accepted, takenAt: Number.NEGATIVE_INFINITY, waived',
      },
    ],
    caughtBy: ['exclusive', 'held', 'told', 'owned'],
    hunt: hunts.leases,
    seedsMax: 150,
  },
  {
    name: 'only-the-home-read-counts',
    rule: '12, R9',
    without: "the home that the voter's own record names is waited for, by neither of two answers",
    patches: [
      { file: 'lease', before: 'mine === null ? [read] : [mine, read]', after: '[read]' },
      {
        file: 'expiry',
        before: `else if (!read.certain && hasFormerHome(write, record)) this.#writeAgain(write, read);
          else if (read.leaseLeftMs > 0) this.#await(write, record, read.leaseLeftMs);`,
        after: '',
      },
    ],
    caughtBy: ['exclusive', 'owned', 'told'],
    hunt: aimed.halfTakenRead,
    seedsMax: 10,
  },
  {
    name: 'taking-starts-no-lease',
    rule: '12, R10',
    without: 'a record with another home starts the lease anew',
    patches: [
      {
        file: 'register',
        before: 'if (!stays) register.takenAt',
        after: 'if (false) register.takenAt',
      },
    ],
    caughtBy: ['exclusive', 'held', 'told', 'owned'],
    hunt: hunts.moves,
    seedsMax: 1_200,
  },
  {
    name: 'time-out-not-leased',
    rule: '12',
    without: "a lease is as long as the session's time-out",
    patches: [
      {
        file: 'lease',
        before: 'Math.max(leaseOf(read, settings), mine === null ? 0 : leaseOf(mine, settings))',
        after: 'settings.minimumLeaseMs',
      },
    ],
    caughtBy: ['exclusive', 'held', 'told', 'owned'],
    hunt: hunts.timeouts,
    seedsMax: 40,
  },
  {
    name: 'heartbeats-of-any-life',
    rule: '12',
    without: 'a lease hangs on one life of its home',
    patches: [
      {
        file: 'lease',
        before: 'this.#heard.get(peer)?.get(incarnation) ?? this.#floor',
        after: 'Math.max(this.#floor, ...(this.#heard.get(peer)?.values() ?? []))',
      },
    ],
    caughtBy: ['expected', 'live'],
    hunt: aimed.secondLife,
    seedsMax: 5,
  },
  {
    name: 'voter-trusts-the-faster-clock',
    rule: '12',
    without: 'a voter goes by the slower of its clocks',
    patches: [
      {
        file: 'lease',
        before: 'lives.set(incarnation, this.#context.now.voter)',
        after: 'lives.set(incarnation, this.#context.now.home)',
      },
      {
        file: 'lease',
        before: 'Math.max(0, since + lease - now.voter)',
        after: 'Math.max(0, since + lease - now.home)',
      },
    ],
    caughtBy: ['exclusive', 'told', 'owned'],
    hunt: hunts.voterClocks,
    seedsMax: 60,
  },
  {
    name: 'home-trusts-the-slower-clock',
    rule: '12',
    without: 'a home goes by the faster of its clocks',
    patches: [
      { file: 'context', before: 'return this.now.home;', after: 'return this.now.voter;' },
      {
        file: 'home',
        before: 'return this.#nextCheck;',
        after: `return this.#nextCheck +
          (this.#parts.context.now.home - this.#parts.context.now.voter);`,
      },
    ],
    caughtBy: ['exclusive', 'told', 'held', 'owned', 'live'],
    hunt: aimed.stoppedClock,
    seedsMax: 10,
  },
  {
    name: 'lease-from-the-answer',
    rule: '13',
    without: 'a lease counts from when the heartbeat was sent',
    patches: [
      {
        file: 'links',
        before: 'if (sentAt > this.answeredAt(index)) this.#answered[index] = sentAt;',
        after: 'if (sentAt > 0) this.#answered[index] = this.#context.instant;',
      },
    ],
    caughtBy: ['exclusive', 'told', 'owned'],
    hunt: hunts.slowAnswers,
    seedsMax: 200,
  },
  {
    name: 'drift-not-subtracted',
    rule: '13',
    without: 'a home counts on less than the lease, for clocks differ',
    patches: [
      {
        file: 'session',
        before: '1_000 - settings.driftPermille',
        after: '1_000 + settings.driftPermille',
      },
    ],
    caughtBy: ['exclusive', 'told', 'owned'],
    hunt: hunts.drift,
    seedsMax: 60,
  },
  {
    name: 'largest-voter-counts',
    rule: '13',
    without: 'validity is the quorum-th largest of what voters let a home count on',
    patches: [
      {
        file: 'counted-voters',
        before: 'nthLargest(since, quorum,',
        after: 'nthLargest(since, 1,',
      },
    ],
    caughtBy: ['exclusive', 'told', 'owned'],
    hunt: hunts.leases,
    seedsMax: 60,
  },
  {
    name: 'confirm-skipped',
    rule: '13, R11',
    without: 'a new channel extends nothing until the voter has confirmed',
    patches: [{ file: 'home', before: 'record.channelOpened(voter);', after: '' }],
    caughtBy: ['exclusive', 'owned', 'told'],
    hunt: aimed.halfTakenUntold,
    seedsMax: 10,
  },
  {
    name: 'moved-not-told',
    rule: '13',
    without: 'a voter that takes another record tells the old home before any later alive',
    patches: [
      {
        file: 'register',
        before: "this.#context.vote(before.home, { kind: 'moved', session, ballot, record });",
        after: '',
      },
    ],
    caughtBy: ['exclusive', 'owned', 'told'],
    hunt: aimed.halfTakenNear,
    seedsMax: 10,
  },
  {
    name: 'validity-never-ends',
    rule: '13, P6',
    without: 'a home ends what it can no longer vouch for before it handles anything else',
    patches: [{ file: 'home', before: 'else this.#lose(client);', after: '' }],
    caughtBy: ['told', 'exclusive'],
    hunt: hunts.leases,
    seedsMax: 20,
  },
  {
    name: 'validity-not-checked-in-answers',
    rule: '11',
    without: 'a session that is over is not vouched for in answers, nor ended in time',
    patches: [
      { file: 'home', before: 'else this.#lose(client);', after: '' },
      {
        file: 'client',
        before: 'if (this.isOver || !this.#record.isValid) return 0;',
        after: 'if (this.isOver) return 0;',
      },
      {
        file: 'client',
        before: 'this.#record.validUntil - this.#parts.context.instant',
        after: 'this.#record.timeoutMs',
      },
    ],
    caughtBy: ['exclusive', 'told', 'owned'],
    hunt: hunts.leases,
    seedsMax: 20,
  },
  {
    name: 'longer-timeout-at-once',
    rule: '15',
    without: 'a longer time-out counts only once its record is chosen',
    patches: [
      {
        file: 'home-session',
        before:
          'Math.min(this.#wanted.timeoutMs, this.#chosen?.timeoutMs ?? this.#wanted.timeoutMs)',
        after: 'this.#wanted.timeoutMs',
      },
    ],
    caughtBy: ['exclusive', 'owned', 'told'],
    hunt: aimed.longerTimeout,
    seedsMax: 10,
  },
  {
    name: 'lone-expired',
    rule: '14, R25',
    without: 'expired is proposed only when a quorum of promises says that no lease is left',
    patches: [{ file: 'expiry', before: 'read.leaseLeftMs > 0', after: 'false' }],
    caughtBy: ['held'],
    hunt: aimed.loneExpired,
    seedsMax: 10,
  },
  {
    name: 'expired-lives-again',
    rule: '14',
    without: 'expired is final',
    patches: [
      {
        file: 'resume',
        before: "else if (record.state === 'expired') this.#refuse",
        after: 'else if (false) this.#refuse',
      },
      {
        file: 'session',
        before: 'attachment: record.attachment + 1 }',
        after: "attachment: record.attachment + 1, state: 'live' }",
      },
    ],
    caughtBy: ['agreed'],
    hunt: hunts.leases,
    seedsMax: 40,
  },
  {
    name: 'released-before-expired',
    rule: '13',
    without: 'the locks of a lost session are released only once expired is chosen',
    patches: [
      {
        file: 'client',
        before: "this.#stop('lost');",
        after: "this.#stop('lost'); this.release(this.held);",
      },
    ],
    caughtBy: ['expected'],
    hunt: lostWhereItLeft,
    seedsMax: 3,
  },
];
