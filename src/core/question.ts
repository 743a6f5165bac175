/**
 * Asking the home of a session, or the maker of its id, whether a client may have it (rule 16).
 *
 *   unasked ──open──▶ pending ──answered, or silent for too long──▶ answered
 *                        └──a channel to whom it asks opens──▶ pending, asked anew
 *
 * A home that this peer has not met yet, as one of the two has only just begun, is waited for as
 * one that does not answer. What an answer means is for the attempt to take the session over
 * (`resume.ts`).
 */
import type { Context } from './context.ts';
import type { Links } from './links.ts';
import type { Resumed } from './message.ts';
import { makerAmong } from './names.ts';
import { isHome } from './session.ts';
import type { PeerId, SessionId, SessionRecord } from './types.ts';
import type { Writer } from './writer.ts';

/** What a question needs. */
export interface QuestionParts {
  readonly context: Context;
  readonly links: Links;
  readonly writer: Writer;
}

/** One question, which may be asked again from the start. */
export class Question {
  readonly #parts: QuestionParts;
  readonly #session: SessionId;
  readonly #answered: (answer: Resumed | null) => void;
  #stage: 'unasked' | 'pending' | 'answered' = 'unasked';
  #request = 0;
  /** Whom it asks; `null`: the maker of the id. */
  #record: SessionRecord | null = null;

  /** @param answered - told what was said, or `null`: nothing, for too long */
  constructor(
    parts: QuestionParts,
    session: SessionId,
    answered: (answer: Resumed | null) => void,
  ) {
    this.#parts = parts;
    this.#session = session;
    this.#answered = answered;
  }

  get isUnasked(): boolean {
    return this.#stage === 'unasked';
  }

  /** It may be asked from the start: what is said to it as it was asked so far counts no more. */
  reset(): void {
    this.#stage = 'unasked';
  }

  /** The maker of the id, of a session without a record; false: there is none that is heard. */
  askMaker(): boolean {
    const { context, links } = this.#parts;
    const maker = makerAmong(this.#session, links.known);
    if (maker === null || maker === context.self || !links.hears(maker)) return false;
    this.#record = null;
    this.#ask(maker, context.settings.askMs);
    return true;
  }

  /** The home that a record names; one that is silent has answered at once. */
  askHome(record: SessionRecord): void {
    this.#record = record;
    const patienceMs = this.#patienceMs(record);
    if (patienceMs > 0) this.#ask(record.home, patienceMs);
    else this.#end(null);
  }

  /** How long its answer, or a channel to it, is waited for. */
  #patienceMs(record: SessionRecord): number {
    const { context, links } = this.#parts;
    const { home, incarnation } = record;
    if (isHome(record, context.self, context.incarnation)) return 0;
    const isMet = links.incarnationOf(home) === incarnation;
    if (links.hears(home) && isMet) return context.settings.askMs;
    return links.awaitedMs(home, incarnation);
  }

  #ask(peer: PeerId, patienceMs: number): void {
    const { context, links, writer } = this.#parts;
    const request = writer.newRequest();
    this.#request = request;
    this.#stage = 'pending';
    if (links.isOpen(peer)) context.send(peer, { kind: 'resume', request, session: this.#session });
    context.after(patienceMs, () => {
      if (this.#request === request && this.#stage === 'pending') this.#end(null);
    });
  }

  /** Whoever was waited for is there, or may not have heard the question, nor this its answer. */
  channelOpened(peer: PeerId): void {
    const record = this.#record;
    if (this.#stage === 'pending' && record?.home === peer) this.askHome(record);
  }

  onResumed(answer: Resumed): void {
    if (this.#stage === 'pending' && answer.request === this.#request) this.#end(answer);
  }

  #end(answer: Resumed | null): void {
    this.#stage = 'answered';
    this.#answered(answer);
  }
}
