/**
 * What clients see of locks, watched from outside: who holds what, with which token, until when.
 *
 * Judges by what a client was told only. Two peers' answers are read in one process, so that all
 * instants are of one clock. Figures are told, never judged: a busy machine is no fault.
 */
import type { TextClient } from '../transcripts/text-client.ts';

/** Watches grants of any number of clients. */
export class Witness {
  /** What must not happen, in words. */
  readonly complaints: string[] = [];
  readonly #holders = new Map<string, string>();
  readonly #tokens = new Map<string, number>();

  /** `client` has just been told that it holds `name`. */
  granted(name: string, client: string, token: number): void {
    const holder = this.#holders.get(name);
    const last = this.#tokens.get(name) ?? 0;
    if (holder !== undefined) this.#complain(`${name} granted to ${client}, held by ${holder}`);
    if (token <= last) this.#complain(`${name} granted with token ${token} after ${last}`);
    this.#holders.set(name, client);
    this.#tokens.set(name, token);
  }

  /** `client` is about to release it, or was told that its connection is over. */
  givenBack(name: string, client: string): void {
    if (this.#holders.get(name) === client) this.#holders.delete(name);
  }

  #complain(complaint: string): void {
    this.complaints.push(complaint);
  }
}

/**
 * Until when all locks of a session are safe, as its peer says: nobody else may get them sooner.
 *
 * The answer counts from the moment of the answer, which is no sooner than that of the question.
 */
export async function safeUntil(client: TextClient): Promise<number> {
  const askedAt = performance.now();
  const answer = await client.ask('ping');
  const validityMs = Number(/^200 PONG (\d+)$/.exec(answer ?? '')?.[1]);
  if (!(validityMs > 0)) throw new Error(`not safe at all: ${answer}`);
  return askedAt + validityMs;
}

/** A line and when it came, in ms of `performance.now()`; `null`: the connection ended. */
export interface Answer {
  readonly line: string | null;
  readonly at: number;
}

/** The first line of an answer that was asked for before. */
export async function answered(client: TextClient): Promise<Answer> {
  const line = await client.line();
  return { line, at: performance.now() };
}

/** The longest time between two instants that follow each other, from `start` on. */
export function longestPauseMs(instants: readonly number[], start: number): number {
  const later = [start, ...instants.filter((at) => at > start)];
  return Math.max(0, ...later.slice(1).map((at, index) => at - later[index]!));
}

/** Shows a measured figure in the report. */
export function tell(what: string, ms: number): void {
  console.info(`${what}: ${Math.round(ms)} ms`);
}
