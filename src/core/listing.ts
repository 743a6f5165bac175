/**
 * Which locks a session holds that has just come to this home, by what a quorum of voters say
 * (rule 16).
 *
 *   asking ──a page──▶ asking for the next ──the last──▶ listed by that voter ──a quorum──▶ done
 *
 * Only a voter that holds the session as this home's answers; any other is asked when it does, and
 * in a while in any case. What is done with the locks is the attempt's matter (`resume.ts`).
 */
import type { Context } from './context.ts';
import type { Links } from './links.ts';
import type { Holding, Holdings } from './message.ts';
import type { LockName, PeerId, SessionId } from './types.ts';
import type { Writer } from './writer.ts';

/** What a listing needs. */
export interface ListingParts {
  readonly context: Context;
  readonly links: Links;
  readonly writer: Writer;
}

/** The locks of one session, as the voters name them. */
export class Listing {
  readonly #parts: ListingParts;
  readonly #session: SessionId;
  readonly #done: (names: ReadonlySet<LockName>) => void;
  /** By voter that is still to answer: what it was asked. */
  readonly #asked = new Map<PeerId, Holdings>();
  /** Voters that have named all that they know of. */
  readonly #listed = new Set<PeerId>();
  readonly #names = new Set<LockName>();
  /** With which the session has come here: what voters held of an earlier stay says nothing. */
  #attachment = 0;
  /** It is done, or of no use any more. */
  #isOver = false;

  /** @param done - called once, with the names of all locks that the session may hold */
  constructor(
    parts: ListingParts,
    session: SessionId,
    done: (names: ReadonlySet<LockName>) => void,
  ) {
    this.#parts = parts;
    this.#session = session;
    this.#done = done;
  }

  begin(attachment: number): void {
    this.#attachment = attachment;
    this.#askAll();
    this.#lookLater();
  }

  /** Nobody needs it any more. */
  stop(): void {
    this.#isOver = true;
  }

  #askAll(): void {
    for (const voter of this.#parts.context.voters) this.ask(voter);
  }

  /** Who did not hold the record when it was asked has said nothing, and may hold it by now. */
  #lookLater(): void {
    const { context } = this.#parts;
    context.after(context.settings.askMs, () => {
      if (this.#isOver) return;
      for (const [voter, asked] of this.#asked) context.send(voter, asked);
      this.#lookLater();
    });
  }

  /** It holds the record by now, or what it was asked may be lost with a channel. */
  ask(voter: PeerId): void {
    if (!this.#isOver && !this.#listed.has(voter)) this.#ask(voter, '' as LockName);
  }

  #ask(voter: PeerId, after: LockName): void {
    const { context, links, writer } = this.#parts;
    if (!links.isOpen(voter)) return;
    const about = { session: this.#session, attachment: this.#attachment };
    const asked: Holdings = { kind: 'holdings', request: writer.newRequest(), ...about, after };
    this.#asked.set(voter, asked);
    context.send(voter, asked);
  }

  /** The answers of one epoch prove nothing in the next. */
  epochBegun(): void {
    if (this.#isOver) return;
    this.#asked.clear();
    this.#listed.clear();
    this.#askAll();
  }

  onHolding(from: PeerId, { request, locks, last }: Holding): void {
    if (this.#isOver || this.#asked.get(from)?.request !== request) return;
    for (const name of locks) this.#names.add(name);
    const after = locks.at(-1);
    if (!last && after !== undefined) {
      this.#ask(from, after);
      return;
    }
    this.#asked.delete(from);
    this.#listed.add(from);
    if (this.#listed.size < this.#parts.context.quorum) return;
    this.#isOver = true;
    this.#done(this.#names);
  }
}
