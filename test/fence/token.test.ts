import { describe, expect, it } from 'vitest';
import { checkToken, FenceError, parseToken } from '../../src/fence/index.ts';
import { checkResource } from '../../src/fence/token.ts';
import { refusal } from './refusal.ts';

const LARGEST = 9_007_199_254_740_991;

describe('a token', () => {
  it.each([1, 2, LARGEST])('may be %d', (token) => {
    expect(checkToken(token)).toBe(token);
    expect(parseToken(String(token))).toBe(token);
  });

  it.each([
    [0, 'got 0'],
    [-1, 'got -1'],
    [-0, 'got 0'],
    [1.5, 'got 1.5'],
    [Number.NaN, 'got NaN'],
    [Number.POSITIVE_INFINITY, 'got Infinity'],
    [2 ** 53, 'got 9007199254740992'],
    [7n, 'got the bigint 7'],
    ['7', 'got "7"'],
    ['x'.repeat(1e6), `got "${'x'.repeat(40)}…"`],
    [null, 'got null'],
    [undefined, 'got undefined'],
    [{}, 'got object'],
  ])('is not %s', (value, told) => {
    expect(refusal(() => checkToken(value))).toEqual({
      code: 'BAD_TOKEN',
      message: `expected a fencing token, a whole number from 1 to 2^53 - 1; ${told}`,
    });
  });

  it.each([
    '',
    '0',
    '-1',
    '+1',
    '007',
    '1.0',
    '1e3',
    ' 1',
    '1 ',
    '1\n',
    '0x10',
    '1, 2',
    '٣',
    '9007199254740992',
    '9007199254740993',
    '10000000000000000',
    '9'.repeat(1e6),
  ])('is not the text %j', (text) => {
    const { code, message } = refusal(() => parseToken(text));
    expect(code).toBe('BAD_TOKEN');
    expect(message.length).toBeLessThan(160);
  });
});

describe('the name of a resource', () => {
  it.each(['r', 'a b/c', '__proto__', 'ü'.repeat(512), 'x'.repeat(1_024)])('may be %j', (name) => {
    expect(checkResource(name)).toBe(name);
  });

  it.each(['', 'a\0b', '\ud800', 'ü'.repeat(513), 'x'.repeat(1_025), 7, null, undefined, {}])(
    'is not %j',
    (name) => {
      expect(refusal(() => checkResource(name)).code).toBe('BAD_RESOURCE');
    },
  );
});

it('an error of a guard says what it is by name and code', () => {
  const error = new FenceError('LIMIT_REACHED', 'too many');
  expect(error).toBeInstanceOf(Error);
  expect(`${error}`).toBe('FenceError: too many');
});
