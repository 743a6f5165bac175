/**
 * What an administrative command and the running peer say to each other: a line of JSON each way.
 *
 *     {"version":1,"command":"voters","arguments":{…}}
 *     {"ok":true,"result":{…}}    or    {"ok":false,"code":"unavailable","message":"…"}
 *
 * Owns the shapes and their checks. Both ends are of one machine and one user, but not always of
 * one release.
 */
import { type ErrorCode, EXIT } from '../errors.ts';

/** The version of requests that this code speaks. */
export const CONTROL_VERSION = 1;

/** What is asked. */
export interface ControlRequest {
  readonly command: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What comes of it. */
export type ControlAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

/** A line, LF included. */
export function writeRequest(request: ControlRequest): string {
  return `${JSON.stringify({ version: CONTROL_VERSION, ...request })}\n`;
}

/** The request of a line, or what is wrong with it. */
export function readRequest(line: string): ControlRequest | string {
  const value = parse(line);
  if (value === null) return 'expected one line of JSON';
  const { version, command, arguments: given } = value;
  if (version !== CONTROL_VERSION) {
    return `version ${JSON.stringify(version)} of a request, and this peer reads ${CONTROL_VERSION}: use the same release of elock`;
  }
  if (typeof command !== 'string' || !isRecord(given))
    return 'expected a command and its arguments';
  return { command, arguments: given };
}

/** A line, LF included. */
export function writeAnswer(answer: ControlAnswer): string {
  return `${JSON.stringify(answer)}\n`;
}

/** The answer of a line; `null`: it is none. */
export function readAnswer(line: string): ControlAnswer | null {
  const value = parse(line);
  if (value?.['ok'] === true) return { ok: true, result: value['result'] };
  const { ok, code, message } = value ?? {};
  if (ok !== false || typeof message !== 'string') return null;
  return { ok, code: isErrorCode(code) ? code : 'internal', message };
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && code in EXIT && code !== 'ok';
}

function parse(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
