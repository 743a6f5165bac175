import { describe, expect, it } from 'vitest';
import { readHistory } from '../../sim/history-file.ts';
import { ScenarioError } from '../../sim/scenario.ts';

describe('history file', () => {
  it('is a JSON object a line', () => {
    const entries = [
      {
        op: 'acquire',
        session: 'a',
        lock: 'db',
        asked: 0,
        answered: 1,
        outcome: 'acquired',
        token: 1,
      },
      { op: 'release', session: 'a', lock: 'db', asked: 2, answered: null, outcome: 'unknown' },
      { op: 'extend', session: 'a', asked: 1, safe: 5 },
      { op: 'end', session: 'a', asked: 3 },
    ];
    const text = entries.map((entry) => JSON.stringify(entry)).join('\n');
    expect(readHistory(`${text}\n\n`)).toEqual(entries);
  });

  it.each([
    ['nonsense', 'line 1: expected a JSON object'],
    ['{"op":"acquire","asked":1}', 'line 1: expected "session", a text'],
    ['{"op":"end","session":"a"}', 'line 1: expected "asked", a number'],
    [
      '{"op":"use","session":"a","asked":1}',
      'line 1: expected "op": acquire, release, extend or end',
    ],
    ['{"op":"extend","session":"a","asked":1}', 'line 1: expected "safe", a number'],
    [
      '{"op":"acquire","session":"a","lock":"db","asked":1,"answered":2,"outcome":"acquired"}',
      'line 1: expected "token", a number',
    ],
    [
      '{"op":"release","session":"a","lock":"db","asked":1,"answered":0,"outcome":"released"}',
      'line 1: expected "answered" to be no earlier than "asked"',
    ],
    [
      '{"op":"release","session":"a","lock":"db","asked":1,"answered":2,"outcome":"held"}',
      'line 1: expected "outcome": released, not-owner, unknown',
    ],
  ])('says what is wrong with %s', (text, message) => {
    expect(() => readHistory(text)).toThrow(new ScenarioError(message));
  });
});
