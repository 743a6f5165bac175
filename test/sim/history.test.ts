import { describe, expect, it } from 'vitest';
import { Verdict } from '../../sim/checkers/verdict.ts';
import { History } from '../../sim/history.ts';
import { Scheduler } from '../../sim/scheduler.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';

const MS = 1_000;

/** Asked by a session (`a`, `a by c2`) at that time (ms), answered 1 ms later. */
type Said = readonly [session: string, atMs: number, line: string, code: number, words: string];

/** What is wrong with what clients said and heard. */
function judged(...all: readonly Said[]): readonly string[] {
  const verdict = new Verdict(new Scheduler());
  const history = new History(verdict, DEFAULT_SETTINGS, true);
  for (const [session, atMs, line, code, words] of all) {
    const [name = '', by = 'c'] = session.split(' by ');
    const question = history.asks(name, line, atMs * MS, by);
    history.hears(question, (atMs + 1) * MS, code, words.split(' '));
  }
  history.check();
  return verdict.violations.map(({ detail }) => detail);
}

describe('a session that several speak for', () => {
  it('may be in its own way with what one of them lost, whatever the other is told', () => {
    const lost: Said = ['a by c2', 0, 'lock db 5', 503, 'Not decided'];
    const had: Said = ['a by c1', 10, 'lock db', 200, 'Acquired 1 2000'];
    const freed: Said = ['a by c1', 20, 'unlock db', 200, 'Released'];
    const refused: Said = ['a by c1', 3_000, 'lock db', 409, 'Held'];
    expect(judged(lost, had, freed, refused)).toEqual([]);
    const own: Said = ['a by c1', 0, 'lock db 5', 503, 'Not decided'];
    expect(judged(own, had, freed, refused)).toHaveLength(1);
  });
});

describe('a session that comes back', () => {
  const first: Said = ['a', 0, 'lock db', 200, 'Acquired 1 2000'];
  const safe: Said = ['a', 9_001, 'ping', 200, 'PONG 2000'];
  const other: Said = ['b', 9_500, 'lock db', 200, 'Acquired 2 2000'];

  it('with fewer locks than it was told of is told of none by name', () => {
    expect(judged(first, ['a', 9_000, 'conn_id a', 200, 'Resumed 0'], safe, other)).toEqual([]);
  });

  it('with as many as it was told of may have another that it asked for instead', () => {
    const unsure: Said = ['a', 20, 'lock more 1', 503, 'Not decided'];
    const back: Said = ['a', 9_000, 'conn_id a', 200, 'Resumed 1'];
    expect(judged(first, unsure, back, safe, other)).toEqual([]);
    const sure: Said = ['a', 20, 'lock more 1', 409, 'Held'];
    expect(judged(first, sure, back, safe, other)[0]).toContain('b was told of token 2');
  });

  it('with its lock relies on it again', () => {
    const [fault] = judged(first, ['a', 9_000, 'conn_id a', 200, 'Resumed 1'], safe, other);
    expect(fault).toContain('b was told of token 2');
  });

  it('with fewer locks than it once had, but let go of, relies on the rest', () => {
    const also: Said = ['a', 10, 'lock more', 200, 'Acquired 5 2000'];
    const freed: Said = ['a', 20, 'unlock more', 200, 'Released'];
    const back: Said = ['a', 9_000, 'conn_id a', 200, 'Resumed 1'];
    expect(judged(first, also, freed, back, safe, other)).toHaveLength(1);
  });
});
