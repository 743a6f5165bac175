/**
 * What is known of every peer and client at every moment, as named lines of text.
 *
 * Owns the present lines of each lane, and what changed at which event. The scrubber puts the
 * state at any event together from these. A peer's lines come from what it heard, did and stored,
 * never from inside its core: any core can be recorded.
 */
import type { ChangeRow } from './recording.ts';
import type { Words } from './words.ts';

/** The lines of all lanes. */
export class LaneState {
  readonly #words: Words;
  readonly #lanes: Map<string, string>[];
  #changes: ChangeRow[] = [];
  /** Changes belong to this event; -1: nothing is shown yet. */
  event = -1;

  constructor(words: Words, lanes: number) {
    this.#words = words;
    this.#lanes = Array.from({ length: lanes }, () => new Map<string, string>());
  }

  /** A line becomes so; `null`: there is none any more. */
  set(lane: number, key: string, value: string | null): void {
    const lines = this.#lanes[lane]!;
    if ((lines.get(key) ?? null) === value) return;
    if (value === null) lines.delete(key);
    else lines.set(key, value);
    if (this.event >= 0) this.#changes.push(this.#row(this.event, lane, key, value));
  }

  /** The lane has these lines now, and no others. */
  begins(lane: number, lines: ReadonlyMap<string, string>): void {
    for (const key of [...this.#lanes[lane]!.keys()]) {
      if (!lines.has(key)) this.set(lane, key, null);
    }
    for (const [key, value] of lines) this.set(lane, key, value);
  }

  /** From now on changes are kept; what stands now is where they begin. */
  begin(): void {
    this.#changes = this.#lanes.flatMap((lines, lane) =>
      [...lines].map(([key, value]) => this.#row(-1, lane, key, value)),
    );
  }

  get changes(): readonly ChangeRow[] {
    return this.#changes;
  }

  #row(event: number, lane: number, key: string, value: string | null): ChangeRow {
    return [event, lane, this.#words.number(key), value === null ? -1 : this.#words.number(value)];
  }
}
