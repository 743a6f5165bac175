/**
 * Everything that happens in a run, as one digest, and as one trace line each when somebody looks.
 *
 * Owns the digest and the columns of the trace: time in seconds, what, who, whom, detail. Off by
 * default: then only the digest is kept. Changes nothing of what it is told.
 */
import { Digest } from './digest.ts';
import type { Recorder } from './recorder.ts';
import type { Scheduler } from './scheduler.ts';

/** Takes the lines of a trace. */
export type TraceSink = (line: string) => void;

/** What happened, in the order of their numbers in the digest. */
export const NOTES = [
  'opened',
  'closed',
  'frames',
  'refused',
  'durable',
  'tick',
  'line',
  'answer',
  'ended',
  'fault',
  'healed',
  'process',
  'believes',
  'resource',
  'wish',
  'epoch',
] as const;

/** A kind of note. */
export type Note = (typeof NOTES)[number];

const NUMBER = new Map<Note, number>(NOTES.map((note, index) => [note, index]));
/** Of what is noted most. */
const FRAMES = NOTES.indexOf('frames');

/** The record of one run. */
export class Journal {
  readonly #scheduler: Scheduler;
  readonly #sink: TraceSink | null;
  readonly #recorder: Recorder | null;
  readonly #digest = new Digest();

  constructor(scheduler: Scheduler, sink: TraceSink | null, recorder: Recorder | null = null) {
    this.#scheduler = scheduler;
    this.#sink = sink;
    this.#recorder = recorder;
  }

  /** Whether anybody reads lines: only then is a detail worth making. */
  get traced(): boolean {
    return this.#sink !== null;
  }

  get digest(): string {
    return this.#digest.toString();
  }

  /** Something with a text; `whom` is empty where nobody else is concerned. */
  note(note: Note, who: string, whom: string, detail: string): void {
    this.#begin(NUMBER.get(note)!, who, whom);
    this.#digest.text(detail);
    this.#recorder?.noted(note, who, whom, detail);
    this.line(note, who, whom, detail);
  }

  /** Frames that reached somebody. */
  noteFrames(who: string, whom: string, frames: Uint8Array): void {
    this.#begin(FRAMES, who, whom);
    this.#digest.bytes(frames);
  }

  /** A line for the trace alone. */
  line(what: string, who: string, whom: string, detail: string): void {
    if (this.#sink === null) return;
    const seconds = (this.#scheduler.now / 1_000_000).toFixed(6).padStart(13);
    this.#sink(`${seconds} ${what.padEnd(9)} ${who.padEnd(4)} ${whom.padEnd(4)} ${detail}`);
  }

  #begin(note: number, who: string, whom: string): void {
    this.#digest.integer(this.#scheduler.now);
    this.#digest.integer(note);
    this.#digest.text(who);
    this.#digest.text(whom);
  }
}
