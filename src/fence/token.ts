/**
 * Tokens and names of resources, as callers hand them in: checked, never trusted.
 *
 * A token comes from a lock: `TOKEN` of `200 Acquired TOKEN MS`, or what a client made of it. It is
 * a whole number from 1 to 2^53 − 1 and only rises.
 */
import { FenceError } from './fence-error.ts';
import { RESOURCE_BYTES_MAX, SHOWN_CHARACTERS_MAX, TOKEN_DIGITS_MAX, TOKEN_MAX } from './limits.ts';

/** A fencing token: a whole number from 1 to 2^53 − 1; per lock strictly increasing. */
export type Token = number;

const EXPECTED = 'expected a fencing token, a whole number from 1 to 2^53 - 1';
const DIGITS = /^[1-9]\d*$/;

/**
 * Lets a token through.
 *
 * @throws FenceError `BAD_TOKEN` for anything else
 */
export function checkToken(value: unknown): Token {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
  throw new FenceError('BAD_TOKEN', `${EXPECTED}; got ${shown(value)}`);
}

/**
 * Reads a token that came as text: decimal digits, without sign, spaces or leading zeros.
 *
 * @throws FenceError `BAD_TOKEN` for anything else
 */
export function parseToken(text: string): Token {
  const plain = text.length <= TOKEN_DIGITS_MAX && DIGITS.test(text);
  const token = plain ? Number(text) : Number.NaN;
  if (token <= TOKEN_MAX) return token;
  throw new FenceError('BAD_TOKEN', `${EXPECTED}, in decimal digits; got ${shown(text)}`);
}

/**
 * Lets the name of a resource through.
 *
 * @throws FenceError `BAD_RESOURCE` if it is no well-formed text of 1 to 1,024 bytes without NUL
 */
export function checkResource(value: unknown): string {
  if (typeof value === 'string' && isName(value)) return value;
  throw new FenceError(
    'BAD_RESOURCE',
    `expected the name of a resource, 1 to ${RESOURCE_BYTES_MAX} bytes of text; got ${shown(value)}`,
  );
}

function isName(text: string): boolean {
  // No text has fewer bytes than UTF-16 units: the long are refused without looking at them.
  if (text.length === 0 || text.length > RESOURCE_BYTES_MAX) return false;
  if (text.includes('\0') || /\p{Surrogate}/u.test(text)) return false;
  return Buffer.byteLength(text) <= RESOURCE_BYTES_MAX;
}

/** A wrong value, short enough for a message. */
export function shown(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'bigint') return `the bigint ${cut(String(value))}`;
  if (typeof value === 'string') return JSON.stringify(cut(value));
  return value === null ? 'null' : typeof value;
}

function cut(text: string): string {
  if (text.length <= SHOWN_CHARACTERS_MAX) return text;
  return `${text.slice(0, SHOWN_CHARACTERS_MAX)}…`;
}
