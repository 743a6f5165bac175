import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LINE_BYTES_MAX, LOCK_NAME_BYTES_MAX } from '../../src/limits.ts';
import { COMMANDS } from '../../src/text/command-table.ts';
import { parse, type Request } from '../../src/text/parse.ts';

const FOR_EVER = Number.MAX_SAFE_INTEGER;

describe('parse', () => {
  test.each<[line: string, request: unknown]>([
    ['lock a', { kind: 'lock', name: 'a', waitMs: null }],
    ['lock a 0', { kind: 'lock', name: 'a', waitMs: 0 }],
    ['lock a 5', { kind: 'lock', name: 'a', waitMs: 5_000 }],
    ['lock a 007', { kind: 'lock', name: 'a', waitMs: 7_000 }],
    ['lock a 0.5', { kind: 'lock', name: 'a', waitMs: 500 }],
    ['lock a 1.0006', { kind: 'lock', name: 'a', waitMs: 1_001 }],
    ['lock a 0.0001', { kind: 'lock', name: 'a', waitMs: 0 }],
    ['lock a 2147484', { kind: 'lock', name: 'a', waitMs: 2_147_484_000 }],
    ['lock a 9007199254740', { kind: 'lock', name: 'a', waitMs: 9_007_199_254_740_000 }],
    ['lock a 9007199254741', { kind: 'lock', name: 'a', waitMs: FOR_EVER }],
    [`lock a ${'9'.repeat(400)}`, { kind: 'lock', name: 'a', waitMs: FOR_EVER }],
    ['  lock   a   5  ', { kind: 'lock', name: 'a', waitMs: 5_000 }],
    ['lock __proto__', { kind: 'lock', name: '__proto__', waitMs: null }],
    ['lock a\tb\r\x00\xff', { kind: 'lock', name: 'a\tb\r\x00\xff', waitMs: null }],
    ['queue a 5', { kind: 'queue', name: 'a', waitMs: 5_000 }],
    ['queue  a 0.5 ', { kind: 'queue', name: 'a', waitMs: 500 }],
    ['unlock a', { kind: 'unlock', name: 'a' }],
    ['unlock_all', { kind: 'unlock-all' }],
    ['conn_id', { kind: 'conn-id' }],
    ['conn_id 7', { kind: 'resume', session: '7' }],
    ['set_timeout 0', { kind: 'set-timeout', timeoutMs: 0 }],
    ['set_timeout 30000', { kind: 'set-timeout', timeoutMs: 30_000 }],
    [`set_timeout ${'9'.repeat(20)}`, { kind: 'set-timeout', timeoutMs: FOR_EVER }],
    ['keepalive 0', { kind: 'keepalive', silenceMs: 0 }],
    ['keepalive 5000', { kind: 'keepalive', silenceMs: 5_000 }],
    ['ping', { kind: 'ping' }],
    ['quit', { kind: 'quit' }],
    ['stats', { kind: 'stats' }],
    ['info a', { kind: 'info', name: 'a' }],
    ['locks', { kind: 'locks', prefix: '' }],
    ['locks a', { kind: 'locks', prefix: 'a' }],
    ['peers', { kind: 'peers' }],
    ['help', { kind: 'help' }],
    ['echo', { kind: 'echo', words: [] }],
    ['echo a  b', { kind: 'echo', words: ['a', 'b'] }],
    ['', { kind: 'empty' }],
    ['   ', { kind: 'empty' }],
  ])('%j', (line, request) => {
    expect(parse(line)).toEqual(request);
  });

  test.each([
    ...['x', 'LOCK a', 'Lock a', 'lock\ta', '\tlock a', '\r', '\x00', 'constructor', '__proto__'],
    ...[
      'lock',
      'lock a 5 b',
      'queue a',
      'queue a 5 b',
      'unlock',
      'unlock a b',
      'unlock_all a',
      'conn_id a b',
      'set_timeout',
    ],
    ...['set_timeout 1 2', 'keepalive', 'keepalive 1 2', 'ping a', 'quit a', 'stats a', 'info'],
    ...['info a b', 'locks a b', 'peers a', 'help a'],
    ...['x', '-1', '+1', '-0', '1e3', '0x10', 'NaN', 'Infinity', '1.', '.5', '1.2.3', '1_0', '1,5']
      .concat(['5\t', '5\r', '\xb2'])
      .flatMap((number) => [`lock a ${number}`, `queue a ${number}`]),
    ...['x', '-1', '+1', '1e3', '0x10', 'NaN', 'Infinity', '1.5', '1.0', '5\t'].flatMap(
      (number) => [`set_timeout ${number}`, `keepalive ${number}`],
    ),
  ])('%j is malformed', (line) => {
    expect(parse(line).kind).toBe('malformed');
  });

  test('what may be locked or waited for fits into a line that unlocks it', () => {
    const name = 'n'.repeat(LOCK_NAME_BYTES_MAX);
    expect(parse(`lock ${name}`)).toMatchObject({ kind: 'lock', name });
    expect(parse(`queue ${name} 5`)).toMatchObject({ kind: 'queue', name });
    expect(`unlock ${name}\r`.length).toBeLessThanOrEqual(LINE_BYTES_MAX);
    const problem = `Name too long: at most ${LOCK_NAME_BYTES_MAX} bytes`;
    expect(parse(`lock ${name}n`)).toEqual({ kind: 'malformed', problem });
    expect(parse(`lock ${name}n 5`)).toEqual({ kind: 'malformed', problem });
    expect(parse(`queue ${name}n 5`)).toEqual({ kind: 'malformed', problem });
  });

  test.each(COMMANDS)(
    '$syntax is refused with its usage when words are missing or too many',
    (row) => {
      const [min, max] = row.arguments;
      const usage: Request = { kind: 'malformed', problem: `Usage: ${row.syntax}` };
      const call = (words: number) => parse([row.word, ...new Array(words).fill('1')].join(' '));
      if (min > 0) expect(call(min - 1)).toEqual(usage);
      expect(call(min)).not.toEqual(usage);
      if (Number.isFinite(max)) expect(call(max + 1)).toEqual(usage);
    },
  );

  test('takes any bytes, and repeats none of a line that it refuses', () => {
    const word = fc.oneof(
      fc.constantFrom(...COMMANDS.map((row) => row.word), '1', '-1', '0.5', '', '\t'),
      fc.string({
        unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
      }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        const request = parse(words.join(' ').replaceAll('\n', ''));
        if (request.kind === 'malformed') expect(request.problem).toMatch(/^[A-Z][\x20-\x7e]+$/);
        if (request.kind === 'lock' && request.waitMs !== null) {
          expect(Number.isSafeInteger(request.waitMs) && request.waitMs >= 0).toBe(true);
        }
      }),
    );
  });
});
