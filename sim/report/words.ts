/**
 * Events, effects and letters in a few words, each text kept once.
 *
 * Owns the table of texts and the short names of sessions: an id is long and means nothing to a
 * reader, so the client's own name for it (`c2#1`) stands in its place once it is known.
 */
import type { Effect } from '../../src/core/event.ts';
import { assertNever } from '../../src/core/invariant.ts';
import type { Message } from '../../src/core/message.ts';
import type { ClusterId } from '../../src/core/types.ts';
import { decodeFrame } from '../../src/wire/codec.ts';
import { FrameSplitter } from '../../src/wire/frame-splitter.ts';
import { describeMessage } from '../describe.ts';
import type { Letter } from '../recorder.ts';
import type { Family } from './recording.ts';

/** Longer texts are cut: a page is for looking at. */
const TEXT_LENGTH_MAX = 600;
/** A session's id: its maker, the maker's incarnation, 128 random bits; S: it names a register. */
const SESSION_ID = /(?<=\bS?)(n\d+(?:-\d+)?)-[0-9a-z]+-([0-9a-f]{32})/g;

const FAMILY_OF: Readonly<Partial<Record<Message['kind'], Family>>> = {
  prepare: 'vote',
  promise: 'vote',
  accept: 'vote',
  accepted: 'vote',
  refused: 'vote',
  superseded: 'vote',
  inherit: 'vote',
  forget: 'vote',
  keeps: 'vote',
  heartbeat: 'lease',
  alive: 'lease',
  confirm: 'session',
  confirmed: 'session',
  moved: 'session',
  resume: 'session',
  resumed: 'session',
  holdings: 'session',
  holding: 'session',
};
/** A letter with several messages takes the colour of the first of these in it. */
const RANK: readonly Family[] = ['vote', 'lock', 'session', 'lease'];

/** All texts of one recording. */
export class Words {
  readonly #numbers = new Map<string, number>();
  readonly #sessions = new Map<string, string>();
  readonly texts: string[] = [];

  /** The number of a text. */
  number(text: string): number {
    const short = this.shorten(text);
    const known = this.#numbers.get(short);
    if (known !== undefined) return known;
    this.#numbers.set(short, this.texts.length);
    return this.texts.push(short) - 1;
  }

  /** From now on that id is called so. */
  nameSession(id: string, name: string): void {
    this.#sessions.set(id, name);
  }

  /** The client's name of a session, or as much of the id as tells it apart. */
  sessionName(id: string): string {
    return this.shorten(id);
  }

  /** With short names of sessions, and cut where it is too long. */
  shorten(text: string): string {
    const short = text.replace(
      SESSION_ID,
      (id, maker, secret) => this.#sessions.get(id) ?? `${maker}-${secret.slice(0, 4)}…`,
    );
    return short.length <= TEXT_LENGTH_MAX ? short : `${short.slice(0, TEXT_LENGTH_MAX)} …`;
  }
}

/** What a letter says, and what it is about. */
export function describeLetter(
  { bytes }: Letter,
  cluster: ClusterId,
): { readonly text: string; readonly family: Family } {
  if (typeof bytes === 'string') return { text: bytes.trimEnd(), family: 'client' };
  const messages = messagesIn(bytes, cluster);
  const families = new Set(messages.map(({ kind }) => FAMILY_OF[kind] ?? 'lock'));
  const text = messages.map(describeMessage).join('\n');
  return { text, family: RANK.find((family) => families.has(family)) ?? 'lease' };
}

function messagesIn(bytes: Uint8Array, cluster: ClusterId): Message[] {
  const split = new FrameSplitter().push(bytes);
  if (!split.ok) return [];
  return split.frames.flatMap((frame) => {
    const decoded = decodeFrame(frame, cluster);
    return decoded.ok ? decoded.messages.map(({ message }) => message) : [];
  });
}

/** What a step did, a line each. */
export function describeEffects(effects: readonly Effect[]): string {
  return effects.map(describeEffect).join('\n');
}

function describeEffect(effect: Effect): string {
  switch (effect.kind) {
    case 'persist':
      return `writes ${effect.changes.map(changed).join(', ')}`;
    case 'send':
      return `→ ${effect.to}${effect.durable ? ' (once durable)' : ''}: ${describeMessage(effect.message)}`;
    case 'respond':
      return `answers connection ${effect.connection}: ${JSON.stringify(effect.response)}`;
    case 'tell':
      return `tells connection ${effect.connection} of ${effect.lock}: ${JSON.stringify(effect.response)}`;
    case 'lost':
      return `tells connection ${effect.connection} that it lost ${effect.locks.map(({ name }) => name).join(', ')}`;
    case 'close':
      return `closes connection ${effect.connection}`;
    case 'disconnect':
      return `closes the channel to ${effect.peer}: ${effect.reason}`;
    case 'configured':
      return `begins epoch ${effect.configuration.epoch}`;
    case 'reconfigured':
      return `answers wish ${effect.request}: ${JSON.stringify(effect.outcome)}`;
    case 'observe':
      return `notes ${JSON.stringify(effect.observation)}`;
    default:
      return assertNever(effect);
  }
}

function changed(change: Extract<Effect, { kind: 'persist' }>['changes'][number]): string {
  return change.kind === 'register' ? change.name : change.kind;
}
