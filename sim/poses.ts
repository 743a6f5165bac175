/**
 * Clients of a seed that are on two connections at once: who, where, and when.
 *
 * A session goes to another peer although the first still serves it only where its home is not
 * heard there: so each episode has its trouble, about the moment at which the second connection
 * comes. Has a random stream of its own: the plan of a seed that draws none is as it would be
 * without.
 */
import { overlapBoundUs } from './clock-oracle.ts';
import type { Direction, Fault, Plan } from './plan.ts';
import { RandomStream } from './random.ts';

/** Seeds with such clients, and how often they do so. */
const POSING_PER_MILLION = 250_000;
const EPISODES = [1, 8] as const;
/** Those in which the session is brought to the first peer beforehand, and how long (ms). */
const BROUGHT_PER_MILLION = 800_000;
const BEFORE_MS = [100, 2_500] as const;
/** The second connection comes so long before or after the trouble begins, and stays (ms). */
const BESIDE_MS = [-300, 1_500] as const;
const STAYS_MS = [300, 9_000] as const;
/** Those in which the session's first client moves as well, that long after (ms). */
const MOVES_PER_MILLION = 500_000;
const MOVES_MS: readonly (readonly [number, number])[] = [
  [-100, 100],
  [100, 4_000],
];
/** Those in which a third client comes as well. */
const THIRD_PER_MILLION = 200_000;
/** How long the two peers do not hear one another, or the first one sleeps (ms). */
const TROUBLE_MS: readonly (readonly [number, number])[] = [
  [300, 2_000],
  [2_000, 9_000],
];

/** The first peer misses what others say from so long after that on, for so long (ms). */
const DEAF_FROM_MS = [-600, 2_000] as const;
const DEAF_MS = [50, 2_000] as const;
const BROKEN_PER_MILLION = 700_000;
/** Trouble in which some letters take long as well, and how long (µs). */
const SLOW_PER_MILLION = 400_000;
const SLOW_US = [5_000, 350_000] as const;

/** The same plan, with such clients if its seed draws any. */
export function withPoses(plan: Plan): Plan {
  const random = new RandomStream(plan.seed, 'plan:poses');
  const { machines, workload } = plan;
  if (!random.chance(POSING_PER_MILLION) || machines < 3 || workload.clients < 2) return plan;
  const count = random.between(...EPISODES);
  let { faults } = plan;
  for (let number = 0; number < count; number++) {
    const added = new Episode(plan, random).faults().filter(({ at }) => at < plan.faultsMs);
    // A pause is no matter to clocks by itself, but may meet another fault of theirs (P2).
    if (overlapBoundUs({ ...plan, faults: [...faults, ...added] }) === 0)
      faults = [...faults, ...added];
  }
  return { ...plan, faults: [...faults].sort((a, b) => a.at - b.at) };
}

/** One time that a session is on two connections. */
class Episode {
  readonly #random: RandomStream;
  /** The session's own client, and those that come as it. */
  readonly #clients: readonly number[];
  /** Its first home, where it goes, and others. */
  readonly #places: readonly number[];
  /** When the trouble begins. */
  readonly #at: number;

  constructor(plan: Plan, random: RandomStream) {
    this.#random = random;
    this.#clients = random.sample(indices(plan.workload.clients), 3);
    this.#places = random.sample(indices(plan.machines), plan.machines);
    this.#at = random.between(BEFORE_MS[1], plan.faultsMs);
  }

  faults(): Fault[] {
    const random = this.#random;
    const [own, other, third] = this.#clients as [number, number, number | undefined];
    const [first, second] = this.#places as [number, number];
    const comesAt = this.#at + random.between(...BESIDE_MS);
    const faults = [...this.#trouble(first, second), this.#pose(other, own, second, comesAt)];
    if (random.chance(BROUGHT_PER_MILLION)) {
      faults.push(this.#pose(own, own, first, this.#at - random.between(...BEFORE_MS)));
    }
    if (random.chance(MOVES_PER_MILLION)) {
      const to = random.pick([first, second, ...this.#places]);
      faults.push(this.#pose(own, own, to, comesAt + random.between(...random.pick(MOVES_MS))));
    }
    if (third !== undefined && random.chance(THIRD_PER_MILLION)) {
      const at = comesAt + random.between(...random.pick(MOVES_MS));
      faults.push(this.#pose(third, own, random.pick(this.#places), at));
    }
    return faults;
  }

  #pose(client: number, as: number, machine: number, at: number): Fault {
    return { kind: 'pose', at, for: this.#random.between(...STAYS_MS), client, as, machine };
  }

  /** Keeps the two peers from one another, stops the first, or has it miss what is said of it. */
  #trouble(first: number, second: number): Fault[] {
    const random = this.#random;
    const lasting = { at: this.#at, for: random.between(...random.pick(TROUBLE_MS)) };
    const apart: Direction[] = [
      [first, second],
      [second, first],
    ];
    const dice = random.below(10);
    if (dice === 0) return [];
    if (dice < 3) return [{ kind: 'pause', ...lasting, machine: first }];
    const kind = random.pick(['cut', 'clog'] as const);
    const links = dice === 3 ? [random.pick(apart)] : apart;
    const faults: Fault[] = [{ kind, ...lasting, links }];
    if (dice > 5) faults.push(...this.#deaf(first), ...this.#deaf(first));
    if (random.chance(SLOW_PER_MILLION)) faults.push(this.#slow(first, lasting));
    return faults;
  }

  /** That machine does not hear some others for a while; what they said is lost with channels. */
  #deaf(machine: number): Fault[] {
    const random = this.#random;
    const at = Math.max(0, this.#at + random.between(...DEAF_FROM_MS));
    const lasts = random.between(...DEAF_MS);
    const all = this.#places.filter((place) => place !== machine);
    const others = random.chance(500_000) ? all : random.sample(all, random.between(1, all.length));
    const links = others.map((other): Direction => [other, machine]);
    const broken = random.chance(BROKEN_PER_MILLION) ? others : [];
    return [
      { kind: 'cut', at, for: lasts, links },
      ...broken.map(
        (other): Fault => ({ kind: 'break', at: at + lasts - 5, between: [machine, other] }),
      ),
    ];
  }

  /** What some say to that machine, or it to them, comes late. */
  #slow(machine: number, lasting: { readonly at: number; readonly for: number }): Fault {
    const random = this.#random;
    const all = this.#places.filter((place) => place !== machine);
    const others = random.sample(all, random.between(1, all.length));
    const links = others.map(
      (other): Direction => (random.chance(500_000) ? [machine, other] : [other, machine]),
    );
    return { kind: 'delay', ...lasting, links, delayUs: [random.between(...SLOW_US)] };
  }
}

function indices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
