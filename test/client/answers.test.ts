/** What the library reads in answers is what peers write there. */
import { expect, it } from 'vitest';
import { isUnknownSession, readAcquired, readPong, readTold } from '../../src/client/answers.ts';
import type { RefusalReason, Response } from '../../src/core/command.ts';
import type { LockName } from '../../src/core/types.ts';
import { formatResponse, formatTold, NO_DIRECTORY } from '../../src/text/format.ts';

/** As a connection gives it. */
function replyOf(response: Response) {
  const [, code, text] = /^(\d+) (.*)\r\n$/.exec(formatResponse(response, NO_DIRECTORY)) ?? [];
  return { code: Number(code), text: text ?? '', rows: [] };
}

it('a session is unknown by that answer alone', () => {
  const reasons: Record<RefusalReason, boolean> = {
    held: false,
    'not-owner': false,
    'has-session': false,
    attached: false,
    'unknown-session': true,
    'too-many-locks': false,
    'too-many-waiters': false,
    'too-many-sessions': false,
  };
  for (const [reason, isUnknown] of Object.entries(reasons)) {
    const reply = replyOf({ kind: 'refused', reason: reason as RefusalReason });
    expect([reason, isUnknownSession(reply)]).toEqual([reason, isUnknown]);
  }
  for (const reached of [1, 2]) {
    expect(isUnknownSession(replyOf({ kind: 'indeterminate', reached, needed: 2 }))).toBe(false);
  }
});

it('a grant has its token and validity, and a pong its own', () => {
  const acquired = { token: 7, validityMs: 29_000 };
  expect(readAcquired(replyOf({ kind: 'acquired', ...acquired }))).toEqual(acquired);
  expect(readAcquired(replyOf({ kind: 'released' }))).toBeNull();
  expect(readPong(replyOf({ kind: 'pong', validityMs: 5_000 }))).toBe(5_000);
});

it('what came of a wait is told of the name that it has, whatever its bytes', () => {
  const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
  const name = bytes.filter((byte) => byte !== ' ' && byte !== '\n').join('') as LockName;
  const told = formatTold(name, { kind: 'acquired', token: 7, validityMs: 9 }, NO_DIRECTORY);
  const text = told.slice('210 '.length, -'\r\n'.length);
  expect(readTold(text)).toEqual({ wire: name, code: 200, text: 'Acquired 7 9' });
});
