/**
 * The numbers that the core goes by. All durations in ms.
 *
 * Owns defaults and the relations between them; `config.ts` takes them from users, and documents
 * what moves when one changes.
 */

/** Durations and limits of one peer; the lease settings must be the same on all peers. */
export interface Settings {
  /** Between two heartbeats to each voter. */
  readonly heartbeatMs: number;
  /** A lease is never shorter than this, however short the session's time-out. */
  readonly minimumLeaseMs: number;
  /** By how much the rates of two clocks may differ, in thousandths: 20 is 2 %. */
  readonly driftPermille: number;
  /** Silence after which a peer is suspected: asked no more, but still counted as a voter. */
  readonly suspectMs: number;
  /** What a session's time-out is until `set_timeout`. */
  readonly sessionTimeoutMs: number;
  /** After this, a try without a quorum is answered 503, an unlock 200 all the same. */
  readonly answerMs: number;
  /** How long a home waits for the word of a keeper, or another home, before it writes itself. */
  readonly askMs: number;
  /** How often a home asks again for a claim that waits, and a keeper after a silent holder. */
  readonly reaskMs: number;
  /** Mean of the back-off of a writer that was outrun; doubles up to eight times this. */
  readonly backoffMs: number;
  /** A free lock, or an expired session, that nobody touched for so long is forgotten. */
  readonly forgetMs: number;
  /** After this, a wish to change the voters is answered, whatever came of it. */
  readonly membershipMs: number;
  /** For how long a peer is connected before it becomes a voter by itself. */
  readonly promoteAfterMs: number;
  /** Silence after which a voter is replaced by a spare; 0: never by itself. */
  readonly replaceAfterMs: number;
  /** Locks and claims of one session. */
  readonly locksPerSession: number;
  /** Claims in one lock's queue. */
  readonly waitersPerLock: number;
  /** Sessions, attached and detached, of one peer. */
  readonly sessionsPerPeer: number;
  /** Rows of a `locks` answer. */
  readonly locksListed: number;
  /** Longer queues stay with their keeper: a hand-over does not carry them. */
  readonly queueHandedOver: number;
  /** Registers brought up to date, confirmed, listed, released or written again in one go. */
  readonly pageSize: number;
}

/** The defaults; reasons in `config.ts`. */
export const DEFAULT_SETTINGS: Settings = {
  heartbeatMs: 200,
  minimumLeaseMs: 3_000,
  driftPermille: 20,
  suspectMs: 1_000,
  sessionTimeoutMs: 30_000,
  answerMs: 1_200,
  askMs: 400,
  reaskMs: 1_500,
  backoffMs: 20,
  forgetMs: 60_000,
  membershipMs: 10_000,
  promoteAfterMs: 1_000,
  replaceAfterMs: 0,
  locksPerSession: 100_000,
  waitersPerLock: 10_000,
  sessionsPerPeer: 20_000,
  locksListed: 1_000,
  queueHandedOver: 64,
  pageSize: 500,
};
