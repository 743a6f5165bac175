import { describe, expect, it } from 'vitest';
import {
  type AcquireEntry,
  checkHistory,
  type HistoryEntry,
  type HistoryRules,
  type ReleaseEntry,
} from '../../sim/history-check.ts';
import { RandomStream } from '../../sim/random.ts';

const RULES: HistoryRules = { releasedWithin: 10, heldFor: 2, partial: false };

const got = (
  session: string,
  token: number,
  asked: number,
  answered: number,
  safe = 0,
): AcquireEntry => ({
  op: 'acquire',
  session,
  lock: 'db',
  asked,
  answered,
  outcome: 'acquired',
  token,
  safe,
});
const held = (session: string, asked: number, answered: number): AcquireEntry => ({
  op: 'acquire',
  session,
  lock: 'db',
  asked,
  answered,
  outcome: 'held',
});
const lost = (session: string, asked: number): AcquireEntry => ({
  op: 'acquire',
  session,
  lock: 'db',
  asked,
  answered: null,
  outcome: 'unknown',
});
const freed = (session: string, asked: number, answered: number): ReleaseEntry => ({
  op: 'release',
  session,
  lock: 'db',
  asked,
  answered,
  outcome: 'released',
});

const LEGAL: readonly (readonly [string, readonly HistoryEntry[]])[] = [
  ['a hand-over', [got('a', 1, 0, 1, 50), freed('a', 5, 6), got('b', 2, 2, 7)]],
  ['a grant after what was told ran out', [got('a', 1, 0, 1, 50), got('b', 2, 10, 50)]],
  [
    'a grant by when another asks how safe it is, and hears that it is not',
    [got('a', 1, 0, 1, 5), { op: 'extend', session: 'a', asked: 10, safe: 0 }, got('b', 2, 6, 9)],
  ],
  [
    'a grant by when another asks for its lock again, and hears that it is not safe',
    [got('a', 1, 0, 1, 5), got('a', 1, 10, 11, 0), got('b', 2, 6, 9)],
  ],
  ['a grant told late, of a token given before', [got('a', 2, 0, 9), got('b', 1, 1, 3)]],
  ['one hold asked for twice', [got('a', 1, 0, 1), got('a', 1, 4, 5)]],
  ['a no while another holds', [got('a', 1, 0, 1), held('b', 3, 4)]],
  ['a no while another waits', [got('a', 1, 4, 9), held('b', 5, 6)]],
  [
    'a no to its own session, whose release was answered in advance',
    [got('a', 1, 0, 1), freed('a', 3, 14), held('a', 15, 16)],
  ],
  ['a no that is a little old', [got('a', 1, 0, 1), freed('a', 3, 4), held('b', 6, 7)]],
  ['a no while nobody knows what became of a request', [lost('a', 0), held('b', 90, 91)]],
  [
    'a no after a release that may not be done',
    [got('a', 1, 0, 1), freed('a', 2, 12), held('b', 40, 41)],
  ],
  [
    'a lock lost, and told so',
    [got('a', 1, 0, 1, 50), { op: 'end', session: 'a', asked: 5 }, got('b', 2, 3, 6)],
  ],
];

const ILLEGAL: readonly (readonly [string, readonly HistoryEntry[], string])[] = [
  [
    'a token given to two sessions',
    [got('a', 1, 0, 1), got('b', 1, 2, 3)],
    'db: token 1 was given to a and b',
  ],
  [
    'tokens that fall in the order of asking',
    [got('a', 2, 0, 1), got('b', 1, 2, 3)],
    'db: a was told of token 2 by 1, while b could rely on token 1',
  ],
  [
    'a grant while another is safe',
    [got('a', 1, 0, 1, 50), got('b', 2, 2, 3)],
    'db: b was told of token 2 by 3, while a could rely on token 1',
  ],
  [
    'a grant while another is safe for longer than it was told first',
    [got('a', 1, 0, 1, 5), { op: 'extend', session: 'a', asked: 4, safe: 50 }, got('b', 2, 6, 9)],
    'db: b was told of token 2 by 9, while a could rely on token 1',
  ],
  [
    'a no though nobody ever had it',
    [held('a', 0, 1)],
    'db: a heard "held", asked 0, answered 1, though nobody had it',
  ],
  [
    'a no long after the release',
    [got('a', 1, 0, 1), freed('a', 3, 4), held('b', 7, 8)],
    'db: b heard "held", asked 7, answered 8, though nobody had it',
  ],
  [
    'a no because of oneself',
    [got('a', 1, 0, 1), held('a', 3, 4)],
    'db: a heard "held", asked 3, answered 4, though nobody had it',
  ],
];

describe('history check', () => {
  it('takes a no where a token is missing, and the peer of one who asked for it may be gone', () => {
    const gone: HistoryEntry = { ...lost('a', 5), lock: 'other' };
    const began = [got('a', 1, 0, 1), freed('a', 2, 3)];
    const refused = held('b', 9, 10);
    expect(checkHistory([...began, gone, refused, got('b', 3, 20, 21)], RULES)).toEqual([]);
    expect(checkHistory([...began, gone, refused, got('b', 2, 20, 21)], RULES)).toHaveLength(1);
    expect(checkHistory([...began, refused, got('b', 3, 20, 21)], RULES)).toHaveLength(1);
  });

  it('takes a no while what a session asked for may be granted yet, though it owns nothing', () => {
    const unsure: HistoryEntry = { ...lost('a', 0), answered: 1 };
    const owns = freed('a', 2, 3);
    const ownsNot: HistoryEntry = { ...owns, outcome: 'not-owner' };
    expect(checkHistory([unsure, ownsNot, held('b', 7, 8)], RULES)).toEqual([]);
    expect(checkHistory([unsure, owns, held('b', 7, 8)], RULES)).toHaveLength(1);
  });

  it.each(LEGAL)('takes %s', (_what, entries) => {
    expect(checkHistory(entries, RULES)).toEqual([]);
  });

  it.each(ILLEGAL)('finds %s', (_what, entries, fault) => {
    expect(checkHistory(entries, RULES)).toEqual([fault]);
    expect(checkHistory([...entries].reverse(), RULES)).toEqual([fault]);
  });

  it('takes a no at the beginning of a history that began before', () => {
    expect(checkHistory([held('a', 0, 1)], { ...RULES, partial: true })).toEqual([]);
  });

  it('agrees with an exhaustive search on small histories', () => {
    const random = new RandomStream(1, 'histories');
    const verdicts = { legal: 0, illegal: 0 };
    for (let round = 0; round < 4_000; round++) {
      const grants = randomGrants(random);
      const legal = isPossible(grants);
      verdicts[legal ? 'legal' : 'illegal']++;
      expect([checkHistory(grants, RULES).length === 0, grants]).toEqual([legal, grants]);
    }
    expect(Math.min(verdicts.legal, verdicts.illegal)).toBeGreaterThan(500);
  });

  it('judges a hundred thousand grants in less than their number squared', () => {
    const entries: HistoryEntry[] = [];
    for (let token = 1; token <= 100_000; token++) {
      const at = 10 * token;
      entries.push(
        got(`c${token % 7}`, token, at - 25, at, 50),
        freed(`c${token % 7}`, at, at + 2),
      );
    }
    expect(checkHistory(entries, RULES)).toEqual([]);
  });
});

/** Two to four grants in a dozen moments, each to a session of its own, with distinct tokens. */
function randomGrants(random: RandomStream): AcquireEntry[] {
  const tokens = random.sample([1, 2, 3, 4], random.between(2, 4));
  return tokens.map((token, index) => {
    const asked = random.below(10);
    return got(`c${index}`, token, asked, asked + random.below(5), random.below(6));
  });
}

/** Whether moments can be found at which each was acquired and ended, one hold at a time. */
function isPossible(grants: readonly AcquireEntry[]): boolean {
  const sorted = [...grants].sort((a, b) => (a.token ?? 0) - (b.token ?? 0));
  const place = (index: number, free: number): boolean => {
    const grant = sorted[index];
    if (grant === undefined) return true;
    const { asked, answered, safe = 0 } = grant;
    for (let acquired = asked; acquired <= (answered ?? 0); acquired++) {
      if (acquired < free) continue;
      for (let end = Math.max(acquired, asked + safe); end <= 30; end++) {
        if (place(index + 1, end)) return true;
      }
    }
    return false;
  };
  return place(0, 0);
}
