/**
 * Writes down what clients asked and heard, and has it judged when the run ends.
 *
 * Owns how lines and answers of the text protocol become entries of a history; the judgement is
 * `history-check.ts`. Keeps a bounded stretch of history: a longer one is judged piece by piece.
 */
import type { Settings } from '../src/core/settings.ts';
import type { Verdict } from './checkers/verdict.ts';
import { entryOf } from './entry-of.ts';
import {
  type AcquireEntry,
  checkHistory,
  type HistoryEntry,
  type HistoryRules,
  type ReleaseEntry,
} from './history-check.ts';

/** Entries that are kept: some minutes of a busy world, and some ten MB. */
const ENTRIES_MAX = 100_000;
/** A peer's clock may be slow, and counts whole ms. */
const SLOWER_PERMILLE = 30;

/** A request as it stands in the history until it is answered. */
export interface Question {
  readonly session: string;
  readonly line: string;
  /** In µs of the world. */
  readonly askedUs: number;
  /** What becomes of it is filled in. */
  readonly entries: readonly Open[];
}

type Open =
  | {
      -readonly [Key in keyof AcquireEntry]: AcquireEntry[Key];
    }
  | { -readonly [Key in keyof ReleaseEntry]: ReleaseEntry[Key] };

/** What a question opens that is entered only with its answer. */
const NONE: readonly Open[] = [];

/** The history of one run. */
export class History {
  readonly #verdict: Verdict;
  readonly #safePermille: number | null;
  #entries: HistoryEntry[] = [];
  /** By session: locks that it may have. */
  readonly #locks = new Map<string, Set<string>>();
  /** By session: locks that it was told it has, and has not let go of. */
  readonly #held = new Map<string, Set<string>>();
  /** By session: locks that it asked for, and may have without having been told. */
  readonly #unsure = new Map<string, Set<string>>();
  #rules: HistoryRules;

  /** @param clocksBind - whether clocks are such that what clients are told holds */
  constructor(verdict: Verdict, settings: Settings, clocksBind: boolean) {
    this.#verdict = verdict;
    this.#safePermille = clocksBind ? 1_000 - settings.driftPermille : null;
    this.#rules = {
      releasedWithin: settings.answerMs * (1_000 - SLOWER_PERMILLE),
      heldFor: settings.suspectMs * (1_000 + SLOWER_PERMILLE) + 2_000,
      partial: false,
    };
  }

  /** A client asks; `by`: its name, of which a session may have several. */
  asks(session: string, line: string, askedUs: number, by: string): Question {
    const entries = line === 'ping' ? NONE : this.#opened(session, line, askedUs, by);
    for (const entry of entries) this.#enter(entry);
    return { session, line, askedUs, entries };
  }

  #opened(session: string, line: string, asked: number, by: string): readonly Open[] {
    const [command, lock = ''] = line.split(' ');
    const locks = this.#locksOf(session);
    if (command === 'lock' || command === 'queue') {
      locks.add(lock);
      if (!this.#heldBy(session).has(lock)) this.#unsureOf(session).add(lock);
      return [{ op: 'acquire', session, by, lock, asked, answered: null, outcome: 'unknown' }];
    }
    const released = command === 'unlock' ? [lock] : command === 'unlock_all' ? [...locks] : [];
    return released.map((name) => {
      this.#heldBy(session).delete(name);
      return { op: 'release', session, by, lock: name, asked, answered: null, outcome: 'unknown' };
    });
  }

  /** It hears the answer. */
  hears(question: Question, nowUs: number, code: number, words: readonly string[]): void {
    const { session, line, askedUs: asked, entries } = question;
    for (const entry of entries) this.#fill(entry, nowUs, code, words);
    if (code === 200 && words[0] === 'Resumed') this.#resumes(session, nowUs, Number(words[1]));
    if (line !== 'ping' || code !== 200) return;
    const { safe } = this.#safe(Number(words[1]));
    if (safe !== undefined) this.#enter({ op: 'extend', session, asked, safe });
  }

  /**
   * A session that comes back with fewer locks than it was told of, or may have, is told of none
   * by name: what it hears of its safety from then on is not of any of them. It may have been told
   * of a lock that it had already turned away from, so that its client counts on it no more.
   */
  #resumes(session: string, nowUs: number, locks: number): void {
    const told = this.#held.get(session)?.size ?? 0;
    if (locks < told + this.unsure(session)) this.#endsAll(session, nowUs);
  }

  /** How many locks that session may have without having been told. */
  unsure(session: string): number {
    return this.#unsure.get(session)?.size ?? 0;
  }

  #endsAll(session: string, nowUs: number): void {
    this.#held.delete(session);
    this.#enter({ op: 'end', session, asked: nowUs });
  }

  #fill(entry: Open, nowUs: number, code: number, words: readonly string[]): void {
    if (entry.op === 'release') {
      entry.answered = nowUs;
      entry.outcome = code === 200 ? 'released' : 'not-owner';
      if (code === 200) this.#unsureOf(entry.session).delete(entry.lock);
    } else if (code === 200) {
      const { safe } = this.#safe(Number(words[2]));
      entry.answered = nowUs;
      entry.outcome = 'acquired';
      entry.token = Number(words[1]);
      this.#heldBy(entry.session).add(entry.lock);
      this.#unsureOf(entry.session).delete(entry.lock);
      if (safe !== undefined) entry.safe = safe;
    } else if (code === 409) {
      entry.answered = nowUs;
      entry.outcome = 'held';
      this.#unsureOf(entry.session).delete(entry.lock);
    }
  }

  #safe(validityMs: number): { safe?: number } {
    return this.#safePermille === null ? {} : { safe: validityMs * this.#safePermille };
  }

  /** A session is lost, or given up: its client counts on nothing of it. */
  ends(session: string, nowUs: number): void {
    this.#locks.delete(session);
    this.#unsure.delete(session);
    this.#endsAll(session, nowUs);
  }

  /** Judges what has not been judged yet. */
  check(): void {
    for (const fault of checkHistory(this.#entries, this.#rules)) {
      this.#verdict.fail('history', fault);
    }
    this.#entries = [];
    this.#rules = { ...this.#rules, partial: true };
  }

  #locksOf(session: string): Set<string> {
    return entryOf(this.#locks, session, () => new Set<string>());
  }

  #heldBy(session: string): Set<string> {
    return entryOf(this.#held, session, () => new Set<string>());
  }

  #unsureOf(session: string): Set<string> {
    return entryOf(this.#unsure, session, () => new Set<string>());
  }

  #enter(entry: HistoryEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length >= ENTRIES_MAX) this.check();
  }
}
