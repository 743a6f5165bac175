/**
 * Places of a scenario as machines and links of a plan.
 *
 * Owns what the names of groups and shapes mean for a number of machines and voters.
 */
import { quorumOf } from '../src/core/quorum.ts';
import type { Direction } from './plan.ts';
import { type Group, type Links, ScenarioError } from './scenario.ts';
import { everyLink, linksOf } from './shapes.ts';

/** The machines of one run, by place. */
export class Places {
  readonly #machines: number;
  readonly #voters: number;

  constructor(machines: number, voters: number) {
    this.#machines = machines;
    this.#voters = voters;
  }

  /** The machines of a group, in order. */
  group(group: Group): number[] {
    const names = typeof group === 'string' ? [group] : group;
    return [...new Set(names.flatMap((name) => this.#named(name)))].sort((a, b) => a - b);
  }

  /** The one machine there. */
  machine(group: Group): number {
    const [machine, ...more] = this.group(group);
    if (machine !== undefined && more.length === 0) return machine;
    throw new ScenarioError(`expected one machine, got '${group}'`);
  }

  /** The directions that a fault takes. */
  links(links: Links): Direction[] {
    const all = everyLink(this.#machines);
    if (links === 'all') return all;
    if ('shape' in links) return linksOf(links.shape, this.#machines);
    if ('split' in links)
      return apart(all, this.#partOf(links.split.map((each) => this.group(each))));
    if ('parts' in links) {
      const { parts } = links;
      return apart(all, (machine) => Math.floor((machine * parts) / this.#machines));
    }
    if ('isolate' in links) return apart(all, this.#partOf([this.group(links.isolate)]));
    if ('deaf' in links) return this.#oneWay(null, this.group(links.deaf));
    if ('mute' in links) return this.#oneWay(this.group(links.mute), null);
    return this.#oneWay(this.group(links.from), this.group(links.to));
  }

  #named(name: string): number[] {
    const few = this.#voters - quorumOf(this.#voters);
    const half = this.#voters >> 1;
    switch (name) {
      case 'all':
        return this.#range(0);
      case 'others':
        return this.#range(1);
      case 'last':
        return [this.#machines - 1];
      case 'minority':
        return this.#range(0, few);
      case 'majority':
        return this.#range(few);
      case 'first-half':
        return this.#range(0, half);
      case 'second-half':
        return this.#range(half);
      case 'voters':
        return this.#range(0, this.#voters);
      case 'spares':
        return this.#range(this.#voters);
      default:
        return [this.#numbered(name)];
    }
  }

  #numbered(name: string): number {
    const machine = Number(/^n(\d+)$/.exec(name)?.[1] ?? 0) - 1;
    if (machine >= 0 && machine < this.#machines) return machine;
    throw new ScenarioError(
      `expected n1 to n${this.#machines}, last, all, others, minority, majority, first-half, ` +
        `second-half, voters or spares, got '${name}'`,
    );
  }

  #range(from: number, to = this.#machines): number[] {
    return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
  }

  /** Whoever is in none of the groups makes up one more. */
  #partOf(groups: readonly (readonly number[])[]): (machine: number) => number {
    return (machine) => groups.findIndex((group) => group.includes(machine));
  }

  /** Without a group: whoever is not in the other. */
  #oneWay(from: readonly number[] | null, to: readonly number[] | null): Direction[] {
    const inFrom = (machine: number) => from?.includes(machine) ?? !to?.includes(machine);
    const inTo = (machine: number) => to?.includes(machine) ?? !from?.includes(machine);
    return everyLink(this.#machines).filter(([a, b]) => inFrom(a) && inTo(b));
  }
}

function apart(all: readonly Direction[], partOf: (machine: number) => number): Direction[] {
  return all.filter(([from, to]) => partOf(from) !== partOf(to));
}
