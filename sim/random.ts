/**
 * Labelled, independent streams of random integers, all from one seed.
 *
 * Owns the generator (xoshiro128**) and how a label becomes its state. A stream depends on the
 * seed and its label alone: taking one consumer away does not reshuffle the others. 32-bit integer
 * arithmetic only, so that every engine gives the same numbers.
 *
 * @see Blackman, Vigna, "Scrambled Linear Pseudorandom Number Generators" (2021)
 */

/** 2^32: the number of values of `next`. */
const RANGE = 4_294_967_296;
/** One million: chances are told in parts of it. */
const MILLION = 1_000_000;

/** One stream of random integers. */
export class RandomStream {
  readonly #state = new Int32Array(4);

  /** The same seed and label give the same stream, always. */
  constructor(seed: number, label: string) {
    let hash = hashText(`${seed}:${label}`);
    for (let i = 0; i < 4; i++) {
      hash = mix(hash + 0x9e3779b9);
      this.#state[i] = hash;
    }
    if (this.#state.every((word) => word === 0)) this.#state[0] = 1;
  }

  /** Uniform in [0, 2^32). */
  readonly next = (): number => {
    const state = this.#state;
    const s1 = state[1]!;
    const scrambled = Math.imul(rotate(Math.imul(s1, 5), 7), 9);
    const s2 = state[2]! ^ state[0]!;
    const s3 = state[3]! ^ s1;
    state[1] = s1 ^ s2;
    state[0] = state[0]! ^ s3;
    state[2] = s2 ^ (s1 << 9);
    state[3] = rotate(s3, 11);
    return scrambled >>> 0;
  };

  /** Uniform in [0, count); 0 for a count of 0. */
  below(count: number): number {
    return Math.floor((this.next() * count) / RANGE);
  }

  /** Uniform in [low, high], both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True in that many cases of a million; draws nothing when that is none. */
  chance(perMillion: number): boolean {
    return perMillion > 0 && this.below(MILLION) < perMillion;
  }

  /** One of them; they must not be empty. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** That many of them, in random order. */
  sample<T>(items: readonly T[], count: number): T[] {
    const left = [...items];
    for (let i = 0; i < count && i < left.length; i++) {
      const j = this.between(i, left.length - 1);
      const swapped = left[i]!;
      left[i] = left[j]!;
      left[j] = swapped;
    }
    return left.slice(0, count);
  }
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/** FNV-1a over the code units. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash;
}

/** The finalizer of MurmurHash3: each bit of the input moves half of those of the output. */
function mix(word: number): number {
  let mixed = word | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
