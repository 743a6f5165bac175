/**
 * A home without a vote, spoken to by hand: for tests of what it may say of a session.
 */
import type { Message } from '../../src/core/message.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/settings.ts';
import type { ConnectionId, LockName, SessionRecord } from '../../src/core/types.ts';
import { ballot, Solo, sessionNamed } from './solo.ts';

/** The lease of its session, as the voters reckon it. */
export const LEASE_MS = 5_000;

/** A home without a vote, and a session of it whose record the voters x, y and z hold. */
export class HomeAlone {
  readonly solo: Solo;
  readonly record: SessionRecord;

  readonly #settings: Settings;

  constructor(settings = {}) {
    this.#settings = { ...DEFAULT_SETTINGS, ...settings };
    this.solo = new Solo({ self: 'h', voters: ['x', 'y', 'z'], settings });
    this.solo.wait(400, ['x', 'y', 'z']);
    this.solo.command(1, { kind: 'set-timeout', timeoutMs: LEASE_MS });
    this.solo.command(1, { kind: 'lock', name: 'door' as LockName, waitMs: null });
    const [first] = this.solo.said('accept');
    this.record = first?.record as SessionRecord;
    this.acceptFrom('x', 'y', 'z');
  }

  /** How long it waits for another home's answer. */
  get askMs() {
    return this.#settings.askMs;
  }

  get session() {
    return sessionNamed(this.solo.said('accept')[0]?.register.slice(1) ?? '').session;
  }

  get register() {
    return sessionNamed(this.session).register;
  }

  /** Its client leaves, `q` is let have the session, and over `connection` 2 it is asked for here. */
  askBack(): void {
    const { session, solo } = this;
    solo.meet('q');
    solo.step({ kind: 'disconnected', connection: 1 as ConnectionId, broken: false });
    solo.hear('q', { kind: 'resume', request: 5, session });
    solo.command(2, { kind: 'resume', session });
  }

  /** The same, and those voters accept that it is here again. */
  bringBack(...voters: string[]): void {
    this.askBack();
    this.promiseFrom({ x: this.record, y: this.record });
    this.acceptFrom(...voters);
  }

  /** Those voters accept what it sent them last of the session's register. */
  acceptFrom(...voters: string[]): void {
    const sent = this.solo.said('accept').filter(({ register }) => register === this.register);
    const { request = 0 } = sent.at(-1) ?? {};
    for (const from of voters) this.solo.hear(from, { kind: 'accepted', request });
  }

  /** Those voters promise what it asked last for the session's register. */
  promiseFrom(answers: Record<string, SessionRecord | null>): void {
    const sent = this.solo.said('prepare').filter(({ register }) => register === this.register);
    const { request = 0 } = sent.at(-1) ?? {};
    for (const [from, record] of Object.entries(answers)) {
      const round = record?.home === 'h' && record.state === 'live' ? 0 : 3;
      const accepted = record === null ? null : { ballot: ballot(round, 'h'), record };
      const answer: Message = { kind: 'promise', request, accepted, floorToken: 0, leaseLeftMs: 0 };
      this.solo.hear(from, answer);
    }
  }

  get validityMs(): number {
    this.solo.command(1, { kind: 'ping' });
    const pong = this.solo.responses.at(-1);
    return pong?.kind === 'pong' ? pong.validityMs : -1;
  }

  confirm(from: string): void {
    const sessions = [{ session: this.session, attachment: 1 }];
    this.solo.hear(from, { kind: 'confirmed', sessions, missing: [] });
  }

  get isLost(): boolean {
    return this.solo.effects.some(({ kind }) => kind === 'lost');
  }
}
