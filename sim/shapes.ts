/**
 * Which links a network fault takes: partitions of every shape that is known to matter.
 *
 * Owns the shapes alone; draws which machine stands where.
 */
import { quorumOf } from '../src/core/quorum.ts';
import type { Direction } from './plan.ts';
import type { RandomStream } from './random.ts';

/** All directions between so many machines. */
export function everyLink(machines: number): Direction[] {
  const all = Array.from({ length: machines }, (_, index) => index);
  return all.flatMap((from) => all.filter((to) => to !== from).map((to): Direction => [from, to]));
}

/** Two machines. */
export function drawPair(machines: number, random: RandomStream): Direction {
  return random.pick(everyLink(machines));
}

/** Chooses among links by the places of their ends in some order of the machines. */
type Choice = (from: number, to: number, machines: number) => boolean;

const isFirstHalf = (place: number, machines: number) => 2 * place < machines;
const isAcross: Choice = (from, to, machines) =>
  isFirstHalf(from, machines) !== isFirstHalf(to, machines);

/** The shapes of which one is drawn, besides single links. */
const SHAPES = {
  'isolate-one': (from, to) => from === 0 || to === 0,
  /** It sends, and hears nothing. */
  deaf: (_from, to) => to === 0,
  /** It hears, and nothing of it arrives. */
  mute: (from) => from === 0,
  split: isAcross,
  'one-way-split': (from, to, machines) => isAcross(from, to, machines) && from < to,
  /** Two halves, and one machine that reaches both. */
  bridge: (from, to, machines) => from !== 0 && to !== 0 && isAcross(from, to, machines),
  chain: (from, to) => Math.abs(from - to) > 1,
  /** Every machine sees another majority. */
  'majorities-ring': (from, to, machines) => {
    const apart = Math.abs(from - to);
    return 2 * Math.min(apart, machines - apart) > quorumOf(machines);
  },
  /** All see one machine only. */
  star: (from, to) => from !== 0 && to !== 0,
} satisfies Readonly<Record<string, Choice>>;

/** What a shape is called. */
export type ShapeName = keyof typeof SHAPES;

/** Their names, in the order in which they are drawn. */
export const SHAPE_NAMES = Object.keys(SHAPES) as readonly ShapeName[];

const CHOICES: readonly Choice[] = Object.values(SHAPES);

/** What a shape takes, where each machine stands at the place of its number. */
export function linksOf(shape: ShapeName, machines: number): Direction[] {
  const choice: Choice = SHAPES[shape];
  return everyLink(machines).filter(([from, to]) => choice(from, to, machines));
}

/** A link, a pair, or a partition, over machines in random order. */
export function drawShape(machines: number, random: RandomStream): Direction[] {
  const shape = random.below(CHOICES.length + 2);
  if (shape >= CHOICES.length) {
    const [from, to] = drawPair(machines, random);
    return shape === CHOICES.length
      ? [[from, to]]
      : [
          [from, to],
          [to, from],
        ];
  }
  const all = Array.from({ length: machines }, (_, index) => index);
  const place = random.sample(all, machines);
  const choice = CHOICES[shape]!;
  return everyLink(machines).filter(([from, to]) => choice(place[from]!, place[to]!, machines));
}
