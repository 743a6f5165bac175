/**
 * The independent history check: what clients asked and heard, and nothing else, judged.
 *
 * Pure, in O(n log n). Knows no peer, vote or register: any lock service's history will do. The
 * tokens say in which order a lock was granted, so that the search for an order, which makes
 * linearizability expensive, is not needed. For each lock the grants, sorted by token, are swept:
 *
 *   grant i was acquired at some p in [asked, answered] and ended at some x in [end, ∞), in order:
 *   p(i) = max(asked(i), x(i-1)), wrong if later than answered(i); x(i) = max(end(i), p(i)).
 *
 * `end` is the earliest possible: when its release was asked for, or when what the client was told
 * of its safety ran out. An unknown outcome forbids nothing. A *held* answer needs a moment at
 * which another may have had the lock, or waited for it. Says nothing of fairness, nor of progress.
 * Whom a request found no answer for, its peer may be gone: what it asked for before may then be
 * granted once more, to nobody, if a token is missing there that nobody was told of.
 *
 * @see Gibbons, Korach, "Testing Shared Memories" (1997), on histories whose order is known
 */

/** One thing that a client did or heard. All times and durations of a history in one unit. */
export type HistoryEntry =
  | AcquireEntry
  | ReleaseEntry
  /** The client was told that all that it holds is safe for so long from when it asked. */
  | {
      readonly op: 'extend';
      readonly session: string;
      readonly asked: number;
      readonly safe: number;
    }
  /** It no longer counts on what it held. */
  | { readonly op: 'end'; readonly session: string; readonly asked: number };

/** A request for a lock. */
export interface AcquireEntry {
  readonly op: 'acquire';
  readonly session: string;
  /** Of a session that several speak for at once: which of them. */
  readonly by?: string;
  readonly lock: string;
  readonly asked: number;
  /** `null`: never. */
  readonly answered: number | null;
  readonly outcome: 'acquired' | 'held' | 'unknown';
  /** Of an acquired lock. */
  readonly token?: number;
  /** For how long it is safe from when it was asked for, at least; without: nothing is known. */
  readonly safe?: number;
}

/** A request to let go of a lock. */
export interface ReleaseEntry {
  readonly op: 'release';
  readonly session: string;
  /** Of a session that several speak for at once: which of them. */
  readonly by?: string;
  readonly lock: string;
  readonly asked: number;
  readonly answered: number | null;
  readonly outcome: 'released' | 'not-owner' | 'unknown';
}

/** What the service promises of its answers. */
export interface HistoryRules {
  /** A release that was answered sooner than this is done; later, it may be answered in advance. */
  readonly releasedWithin: number;
  /** A *held* answer may be this old. */
  readonly heldFor: number;
  /** The history began before its first entry: somebody may hold any lock. */
  readonly partial: boolean;
}

/** One hold of a lock, as wide as it may have been. */
interface Grant {
  readonly session: string;
  readonly token: number;
  asked: number;
  answered: number;
  /** Until when it is safe by what was told; infinitely early: nothing is known. */
  safeUntil: number;
  /** When its release was first asked for, and known to be done; infinite: never. */
  released: number;
  done: number;
}

/** From when until when a session may have had a lock, or waited for it. */
interface Stretch {
  readonly session: string;
  readonly from: number;
  readonly to: number;
}

/** Stands in for a session whose lost request may be in its own way, too. */
const ANYBODY = '';

/** All that is wrong with a history; its entries may come in any order. */
export function checkHistory(entries: readonly HistoryEntry[], rules: HistoryRules): string[] {
  const sorted = [...entries].sort((a, b) => a.asked - b.asked);
  const book = new Book(rules);
  for (const entry of sorted) book.enter(entry);
  return book.faults();
}

/** All locks of a history, filled in the order of asking. */
class Book {
  readonly #rules: HistoryRules;
  readonly #locks = new Map<string, LockHistory>();
  /** By session: the grants that it counts on. */
  readonly #held = new Map<string, Set<Grant>>();
  /** By session: the locks that it asked for. */
  readonly #asked = new Map<string, Set<LockHistory>>();
  readonly #faults: string[] = [];

  constructor(rules: HistoryRules) {
    this.#rules = rules;
  }

  enter(entry: HistoryEntry): void {
    const held = this.#heldBy(entry.session);
    if ('answered' in entry && entry.answered === null) this.#doubt(entry);
    switch (entry.op) {
      case 'acquire':
        this.#acquire(entry, held);
        return;
      case 'release':
        this.#release(entry, held);
        return;
      case 'extend':
        for (const grant of held) {
          if (grant.answered > entry.asked) continue;
          grant.safeUntil = Math.max(grant.safeUntil, safeUntil(entry));
        }
        return;
      default:
        for (const grant of held) grant.released = Math.min(grant.released, entry.asked);
        held.clear();
    }
  }

  #doubt({ session, asked }: AcquireEntry | ReleaseEntry): void {
    for (const lock of this.#asked.get(session) ?? []) lock.doubt(asked);
  }

  #acquire(entry: AcquireEntry, held: Set<Grant>): void {
    const lock = this.#lock(entry.lock);
    this.#asked.set(entry.session, (this.#asked.get(entry.session) ?? new Set()).add(lock));
    if (entry.outcome !== 'acquired') {
      lock.ask(entry);
      return;
    }
    const grant = lock.grant(entry);
    if (typeof grant === 'string') this.#faults.push(grant);
    else held.add(grant);
  }

  #release(entry: ReleaseEntry, held: Set<Grant>): void {
    const { lock, asked, answered, outcome } = entry;
    const soon = answered !== null && answered - asked < this.#rules.releasedWithin;
    const done = outcome === 'released' && soon ? answered : Number.POSITIVE_INFINITY;
    // Whoever is told that it holds nothing may be granted yet what it asked for before.
    if (done < Number.POSITIVE_INFINITY) this.#lock(lock).over(entry, done);
    for (const grant of held) {
      if (!this.#lock(lock).has(grant)) continue;
      held.delete(grant);
      grant.released = Math.min(grant.released, asked);
      grant.done = Math.min(grant.done, done);
    }
  }

  #heldBy(session: string): Set<Grant> {
    const held = this.#held.get(session) ?? new Set<Grant>();
    this.#held.set(session, held);
    return held;
  }

  #lock(name: string): LockHistory {
    let lock = this.#locks.get(name);
    if (lock === undefined) {
      lock = new LockHistory(name);
      this.#locks.set(name, lock);
    }
    return lock;
  }

  faults(): string[] {
    for (const lock of this.#locks.values()) this.#faults.push(...lock.faults(this.#rules));
    return this.#faults;
  }
}

/** By what was told; safe for no time at all is nothing, not even at that moment. */
function safeUntil({
  asked,
  safe = 0,
}: {
  readonly asked: number;
  readonly safe?: number;
}): number {
  return safe > 0 ? asked + safe : Number.NEGATIVE_INFINITY;
}

/** One lock's history. */
class LockHistory {
  readonly #name: string;
  readonly #grants = new Map<number, Grant>();
  readonly #refused: AcquireEntry[] = [];
  /** Requests that were not granted, as far as is known: their sessions may have had it. */
  readonly #stretches: Stretch[] = [];
  /** By whoever asked: since when it may have the lock without having been told. */
  readonly #unknown = new Map<string, number>();
  /** From when on it may be granted to nobody. */
  #doubted = Number.POSITIVE_INFINITY;

  constructor(name: string) {
    this.#name = name;
  }

  has(grant: Grant): boolean {
    return this.#grants.get(grant.token) === grant;
  }

  /** A grant, or what is wrong with it at once. */
  grant(entry: AcquireEntry): Grant | string {
    const { session, token = 0, asked, answered } = entry;
    const there = this.#grants.get(token);
    const until = answered ?? Number.POSITIVE_INFINITY;
    this.over(entry, until);
    if (there === undefined) {
      const never = Number.POSITIVE_INFINITY;
      const grant = {
        session,
        token,
        asked,
        answered: until,
        safeUntil: safeUntil(entry),
        released: never,
        done: never,
      };
      this.#grants.set(token, grant);
      return grant;
    }
    if (there.session !== session) {
      return `${this.#name}: token ${token} was given to ${there.session} and ${session}`;
    }
    // The same hold, asked for once more.
    there.answered = Math.min(there.answered, until);
    there.safeUntil = Math.max(there.safeUntil, safeUntil(entry));
    return there;
  }

  /** A request that was not granted. */
  ask(entry: AcquireEntry): void {
    const { session, asked, answered, outcome } = entry;
    if (outcome === 'held') {
      this.#refused.push(entry);
      this.#stretches.push({ session, from: asked, to: answered ?? asked });
    } else if (!this.#unknown.has(askerOf(entry))) this.#unknown.set(askerOf(entry), asked);
  }

  doubt(asked: number): void {
    this.#doubted = Math.min(this.#doubted, asked);
  }

  /** Whatever whoever asks that may have had without knowing, it has, or has let go, by then. */
  over(entry: AcquireEntry | ReleaseEntry, answered: number): void {
    const from = this.#unknown.get(askerOf(entry));
    if (from === undefined) return;
    this.#unknown.delete(askerOf(entry));
    this.#stretches.push({ session: ANYBODY, from, to: answered });
  }

  faults(rules: HistoryRules): string[] {
    const grants = [...this.#grants.values()].sort((a, b) => a.token - b.token);
    return [...this.#sweep(grants), ...this.#refusals(grants, rules)];
  }

  #sweep(grants: readonly Grant[]): string[] {
    const faults: string[] = [];
    let ended = Number.NEGATIVE_INFINITY;
    let before: Grant | null = null;
    for (const grant of grants) {
      const acquired = Math.max(grant.asked, ended);
      if (acquired > grant.answered) faults.push(this.#tooEarly(grant, before));
      const end = Math.min(grant.safeUntil, grant.released);
      ended = Math.max(Math.min(acquired, grant.answered), end);
      before = grant;
    }
    return faults;
  }

  #tooEarly(grant: Grant, before: Grant | null): string {
    const { session, token, answered } = grant;
    const other =
      before === null ? '' : `, while ${before.session} could rely on token ${before.token}`;
    return `${this.#name}: ${session} was told of token ${token} by ${answered}${other}`;
  }

  /** Each needs a moment at which another session may have had the lock, or waited for it. */
  #refusals(grants: readonly Grant[], { heldFor, partial }: HistoryRules): string[] {
    if (this.#refused.length === 0) return [];
    const stretches = this.#allStretches(grants, partial);
    return this.#refused
      .filter(({ session, asked, answered }) => {
        const to = answered ?? asked;
        return !stretches.meets(asked - heldFor, to, session);
      })
      .map(
        ({ session, asked, answered }) =>
          `${this.#name}: ${session} heard "held", asked ${asked}, answered ${answered}, though nobody had it`,
      );
  }

  #allStretches(grants: readonly Grant[], partial: boolean): Stretches {
    const all = [...this.#stretches];
    for (const from of this.#unknown.values()) {
      all.push({ session: ANYBODY, from, to: Number.POSITIVE_INFINITY });
    }
    for (const [index, { session, asked, released, done }] of grants.entries()) {
      const to = Math.min(done, grants[index + 1]?.answered ?? Number.POSITIVE_INFINITY);
      all.push({ session, from: asked, to });
      // What was let go of, and not yet released, is in its own session's way, too.
      if (done === Number.POSITIVE_INFINITY && released < to)
        all.push({ session: ANYBODY, from: released, to });
    }
    all.push(...this.#untold(grants));
    const first = grants[0]?.answered ?? Number.POSITIVE_INFINITY;
    if (partial) all.push({ session: ANYBODY, from: Number.NEGATIVE_INFINITY, to: first });
    return new Stretches(all);
  }

  /** Between two grants of which the tokens do not follow each other: it was granted unheard. */
  *#untold(grants: readonly Grant[]): Iterable<Stretch> {
    for (const [index, { token, asked }] of grants.entries()) {
      const next = grants[index + 1];
      if (next?.token === token + 1) continue;
      const from = Math.max(asked, this.#doubted);
      yield { session: ANYBODY, from, to: next?.answered ?? Number.POSITIVE_INFINITY };
    }
  }
}

/** What one that speaks for a session lost may be in the way of another that does. */
function askerOf({ session, by }: AcquireEntry | ReleaseEntry): string {
  return by === undefined ? session : `${session} ${by}`;
}

/** Stretches of time, to be asked whether any of another session meets a window. */
class Stretches {
  /** By their beginning; for each, the two latest ends so far of different sessions. */
  readonly #sorted: readonly Stretch[];
  readonly #latest: (readonly [Stretch, Stretch | null])[] = [];

  constructor(stretches: readonly Stretch[]) {
    this.#sorted = [...stretches].sort((a, b) => a.from - b.from);
    let first: Stretch | null = null;
    let second: Stretch | null = null;
    for (const stretch of this.#sorted) {
      if (first === null || stretch.to >= first.to) {
        if (first !== null && first.session !== stretch.session) second = first;
        first = stretch;
      } else if (stretch.session !== first.session && (second === null || stretch.to > second.to)) {
        second = stretch;
      }
      this.#latest.push([first, second]);
    }
  }

  /** Whether one of another session than that meets [from, to]. */
  meets(from: number, to: number, session: string): boolean {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle]!.from <= to) low = middle + 1;
      else high = middle;
    }
    const latest = this.#latest[low - 1];
    if (latest === undefined) return false;
    const [first, second] = latest;
    const other = first.session === session ? second : first;
    return other !== null && other.to >= from;
  }
}
