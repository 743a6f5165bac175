/**
 * What a peer's answers say, as values: the one place that knows their words. Never throws.
 */
import {
  type ClientError,
  InvalidArgumentError,
  LimitError,
  LockHeldError,
  NoQuorumError,
  WaitTimeoutError,
} from './errors.ts';
import type { Reply } from './line-connection.ts';

const ACQUIRED = /^Acquired ([0-9]{1,16}) ([0-9]{1,16})$/;
const PONG = /^PONG ([0-9]{1,16})$/;
/** Only a space ends a name: its bytes may be what is white space as characters. */
const TOLD = /^([^ ]+) ([0-9]{3}) ([\s\S]*)$/;
/** As in the table of commands: the words are part of the contract. */
const UNKNOWN_SESSION = /^No such session/;

/** A grant: the token, and for how many ms from the answer it is safe. */
export interface Acquired {
  readonly token: number;
  readonly validityMs: number;
}

/** The grant that an answer to `lock` tells; `null`: it is none. */
export function readAcquired({ code, text }: Pick<Reply, 'code' | 'text'>): Acquired | null {
  const [, token, validityMs] = ACQUIRED.exec(text) ?? [];
  if (code !== 200 || token === undefined) return null;
  return { token: Number(token), validityMs: Number(validityMs) };
}

/** `MS` of the answer to `ping`; 0: nothing is vouched for. */
export function readPong({ code, text }: Reply): number {
  return code === 200 ? Number(PONG.exec(text)?.[1] ?? 0) : 0;
}

/** `210 NAME ANSWER`: of which lock, and what would have been the answer. */
export function readTold(text: string): { wire: string; code: number; text: string } {
  const [, wire = '', code = 0, words = ''] = TOLD.exec(text) ?? [];
  return { wire, code: Number(code), text: words };
}

/** Whether the answer to `conn_id ID` says that no peer will ever resume it. */
export function isUnknownSession({ code, text }: Reply): boolean {
  return code === 403 && UNKNOWN_SESSION.test(text);
}

/** The error for an answer that is no grant. */
export function refusalOf(code: number, message: string, isTry: boolean): ClientError {
  if (code === 429) return new LimitError(message);
  if (code === 503) return new NoQuorumError(message);
  if (code !== 409) return new InvalidArgumentError(message);
  return isTry ? new LockHeldError(message) : new WaitTimeoutError(message);
}
