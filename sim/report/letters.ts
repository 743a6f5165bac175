/**
 * Letters of one recording: when each left, and when its fate was known.
 *
 * Owns the rows. A letter that is lost has no arrival: its end is the moment at which it was given
 * up. A letter keeps its row from being sent on, so that one under way at the end is shown, too.
 */
import type { ClusterId } from '../../src/core/types.ts';
import type { Fate, Letter } from '../recorder.ts';
import { FAMILIES, FATES, type LetterRow } from './recording.ts';
import { describeLetter, type Words } from './words.ts';

interface Posted {
  readonly from: number;
  readonly to: number;
  readonly sentUs: number;
  readonly letter: Letter;
}

/** All letters of one recording. */
export class Letters {
  readonly #cluster: ClusterId;
  readonly #words: Words;
  readonly #underWay = new Map<Letter, Posted>();
  readonly #rows: LetterRow[] = [];

  constructor(cluster: ClusterId, words: Words) {
    this.#cluster = cluster;
    this.#words = words;
  }

  /** A letter leaves. */
  sent(letter: Letter, from: number, to: number, now: number): void {
    this.#underWay.set(letter, { from, to, sentUs: now, letter });
  }

  /** Its fate is known; it is kept if `shown`. A lost one may still arrive, and be refused. */
  ended(letter: Letter, fate: Fate, now: number, shown: boolean): void {
    const posted = this.#underWay.get(letter);
    if (posted === undefined) return;
    this.#underWay.delete(letter);
    if (shown) this.#rows.push(this.#row(posted, fate, now));
  }

  /** In the order in which they left; those under way come to an end here. */
  rows(now: number): LetterRow[] {
    const left = [...this.#underWay.values()].map((posted) => this.#row(posted, 'sent', now));
    return [...this.#rows, ...left].sort((a, b) => a[2] - b[2]);
  }

  #row({ from, to, sentUs, letter }: Posted, fate: Fate, now: number): LetterRow {
    const { text, family } = describeLetter(letter, this.#cluster);
    const [fateNumber, familyNumber] = [FATES.indexOf(fate), FAMILIES.indexOf(family)];
    return [from, to, sentUs, now, fateNumber, familyNumber, this.#words.number(text)];
  }
}
