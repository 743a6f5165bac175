/**
 * A seed makes a plan: which faults, where, when and for how long.
 *
 * Swarm testing: each run draws its own small mix of fault kinds, so that no kind drowns another,
 * and its own delays, disks, clocks and workload. Keeps a majority of voters with their votes, and
 * clocks inside the drift bound, by the oracle: what is outside it is for named scenarios.
 *
 * @see Groce et al., "Swarm Testing" (ISSTA 2012)
 */
import { quorumOf } from '../src/core/quorum.ts';
import { withChanges } from './changes.ts';
import { overlapBoundUs } from './clock-oracle.ts';
import type { Fault, FaultKind, Heal, Plan, WorkloadPlan } from './plan.ts';
import { withPoses } from './poses.ts';
import { RandomStream } from './random.ts';
import { drawQueues, drawRare, FAST_SYNC_US, NEAR_US } from './rare.ts';
import { drawPair, drawShape, everyLink } from './shapes.ts';
import type { Table } from './table.ts';

/** What a swarm leaves to its caller. */
export interface SwarmOptions {
  readonly machines?: number;
  readonly voters?: number;
  readonly faultsMs?: number;
  readonly progressMs?: number;
  readonly clients?: number;
}

/** Two clocks that gain at most this differ by less than the drift bound of 2 %. */
export const GAIN_MAX = 9_900;
/** Pause between two faults of a run: its least and its most (ms). */
const PAUSE_MS = [150, 4_000] as const;
/** Where a run ends in rest, names are forgotten so soon (ms): it need not last for minutes. */
const RESTING_FORGET_MS = 1_000;

const DELAYS: readonly Table[] = [
  NEAR_US,
  [200, 500, 2_000],
  [5_000, 10_000, 40_000],
  [100, 200, 300, 500, 30_000],
];
const SYNCS: readonly Table[] = [FAST_SYNC_US, [500, 1_000, 5_000], [2_000, 8_000, 60_000]];
const DETECTS: readonly Table[] = [
  [300_000, 1_000_000],
  [2_000_000, 6_000_000],
];
const TIMEOUTS: readonly (readonly number[])[] = [[8_000], [0, 1_000, 5_000], [2_000, 8_000]];

/**
 * An old copy that is put back is for named scenarios: one too many, and votes are forgotten.
 * Clients on two connections come in whole episodes (`poses.ts`).
 */
type SwarmKind = Exclude<FaultKind, 'copy-directory' | 'restore-directory' | 'pose'>;

const KINDS: readonly SwarmKind[] = [
  'cut',
  'flap',
  'clog',
  'delay',
  'loss',
  'capacity',
  'old-letters',
  'break',
  'crash',
  'shutdown',
  'pause',
  'slow-sync',
  'stuck-sync',
  'disk-full',
  'lose-directory',
  'rate',
  'step',
  'freeze',
  'suspend',
  'client',
  'client-pause',
];

/** The plan of a seed. */
export function planOf(seed: number, options: SwarmOptions = {}): Plan {
  const random = new RandomStream(seed, 'plan');
  const machines = options.machines ?? random.pick([3, 3, 5, 5, 7]);
  const voters = options.voters ?? drawVoters(machines, random);
  const faultsMs = options.faultsMs ?? 40_000;
  const progressMs = options.progressMs ?? 30_000;
  const workload = drawWorkload(random, options.clients);
  const gains = (count: number) =>
    Array.from({ length: count }, () => random.between(-GAIN_MAX, GAIN_MAX));
  const base = {
    seed,
    machines,
    voters,
    faultsMs,
    progressMs,
    settings: {},
    delayUs: random.pick(DELAYS),
    detectUs: random.pick(DETECTS),
    syncUs: random.pick(SYNCS),
    gains: gains(machines),
    clientGains: gains(workload.clients),
    workload,
    ...drawRare(seed, options.clients === undefined ? workload : null),
  };
  base.workload = { ...base.workload, ...drawQueues(seed) };
  const faults = new FaultMaker(base, random).all();
  const fixed: Plan = { ...base, faults, heal: drawHeal(base, faults, random) };
  const plan = withPoses(options.voters === undefined ? withChanges(fixed) : fixed);
  if (!rests(plan)) return plan;
  return { ...plan, rests: true, settings: { ...plan.settings, forgetMs: RESTING_FORGET_MS } };
}

/**
 * Half of the runs after which the world is whole: then nothing may be left over in the end. Drawn
 * apart, so that the rest of a seed's plan stays what it is without.
 */
function rests({ seed, heal, faults }: Plan): boolean {
  const isWhole = heal.kind === 'all' && !faults.some(({ kind }) => kind === 'lose-directory');
  return isWhole && new RandomStream(seed, 'rest').chance(500_000);
}

/** Some runs have peers that are no voters. */
function drawVoters(machines: number, random: RandomStream): number {
  return machines > 3 && random.chance(250_000) ? machines - 2 : machines;
}

function drawWorkload(random: RandomStream, clients?: number): WorkloadPlan {
  const count = clients ?? random.between(3, 12);
  return {
    clients: count,
    locks: random.pick([1, 2, count]),
    thinkMs: random.pick<Table>([
      [1, 50],
      [20, 400],
    ]),
    holdMs: random.pick<Table>([
      [1, 60],
      [10, 300, 2_500],
    ]),
    waitMs: random.pick<Table>([
      [100, 2_000],
      [3_000, 12_000],
    ]),
    tryPercent: random.pick([10, 30, 80]),
    oddPercent: random.pick([0, 10, 30]),
    timeoutsMs: random.pick(TIMEOUTS),
  };
}

/** A voter that lost its votes is needed by nobody: a star or core is drawn from the others. */
function drawHeal(
  { machines, voters }: Omit<Plan, 'faults' | 'heal'>,
  faults: readonly Fault[],
  random: RandomStream,
): Heal {
  const lost = faults.flatMap((fault) => (fault.kind === 'lose-directory' ? [fault.machine] : []));
  const whole = Array.from({ length: voters }, (_, index) => index).filter(
    (index) => !lost.includes(index),
  );
  const dice = random.below(10);
  if (dice < 6) return { kind: 'all' };
  if (dice < 8) {
    const core = random.sample(whole, random.between(quorumOf(voters), whole.length));
    return { kind: 'core', machines: core.sort((a, b) => a - b) };
  }
  return { kind: 'star', center: random.below(machines) };
}

/** Draws the faults of one plan. */
class FaultMaker {
  readonly #plan: Omit<Plan, 'faults' | 'heal'>;
  readonly #random: RandomStream;
  readonly #lost = new Set<number>();

  constructor(plan: Omit<Plan, 'faults' | 'heal'>, random: RandomStream) {
    this.#plan = plan;
    this.#random = random;
  }

  /** In the order of their times. */
  all(): Fault[] {
    const random = this.#random;
    const kinds = random.sample(KINDS, random.between(1, 6));
    const pauseMs = random.between(...PAUSE_MS);
    const faults: Fault[] = [];
    let at = random.between(500, 4_000);
    while (at < this.#plan.faultsMs) {
      const fault = this.#fault(random.pick(kinds), at);
      if (fault !== null && this.#clocksHold([...faults, fault])) faults.push(fault);
      at += random.between(pauseMs >> 1, 2 * pauseMs);
    }
    return faults;
  }

  /** Whether one of each machine's two clocks still counts all time (P2). */
  #clocksHold(faults: readonly Fault[]): boolean {
    return overlapBoundUs({ ...this.#plan, faults, heal: { kind: 'all' } }) === 0;
  }

  #fault(kind: SwarmKind, at: number): Fault | null {
    const random = this.#random;
    const lasting = { at, for: this.#duration() };
    const machine = random.below(this.#plan.machines);
    switch (kind) {
      case 'cut':
      case 'clog':
        return { kind, ...lasting, links: drawShape(this.#plan.machines, random) };
      case 'flap':
        return {
          kind,
          ...lasting,
          links: drawShape(this.#plan.machines, random),
          periodMs: random.between(50, 1_500),
        };
      case 'delay':
        return {
          kind,
          ...lasting,
          links: drawShape(this.#plan.machines, random),
          delayUs: random.pick(DELAYS),
        };
      case 'loss':
        return {
          kind,
          ...lasting,
          links: drawShape(this.#plan.machines, random),
          perMillion: random.pick([1_000, 20_000]),
        };
      case 'capacity':
        return {
          kind,
          ...lasting,
          links: drawShape(this.#plan.machines, random),
          bytesPerMs: random.pick([2, 20, 200]),
        };
      case 'old-letters':
        return {
          kind,
          ...lasting,
          links: everyLink(this.#plan.machines),
          lateMs: random.pick([100, 30_000]),
        };
      case 'break':
        return { kind, at, between: drawPair(this.#plan.machines, random) };
      case 'crash':
        return {
          kind,
          ...lasting,
          machine,
          kept: random.pick(['all', 'some', 'none']),
          power: random.chance(300_000),
        };
      case 'shutdown':
      case 'pause':
      case 'stuck-sync':
      case 'disk-full':
        return { kind, ...lasting, machine };
      case 'slow-sync':
        return { kind, ...lasting, machine, syncUs: random.pick([[50_000, 400_000], SYNCS[2]!]) };
      case 'lose-directory':
        return this.#loseDirectory(at, machine);
      case 'rate':
        return {
          kind,
          ...lasting,
          machine,
          clocks: ['monotonic', 'boot', 'wall'],
          gain: random.between(-GAIN_MAX, GAIN_MAX),
        };
      case 'step':
        return {
          kind,
          at,
          machine,
          clocks: ['wall'],
          byMs: random.pick([-3_600_000, -5_000, 5_000, 3_600_000]),
        };
      case 'freeze':
        return { kind, ...lasting, machine, clocks: [random.pick(['monotonic', 'boot', 'wall'])] };
      case 'suspend':
        return { kind, ...lasting, machine, counted: random.chance(500_000) };
      case 'client':
        return {
          kind,
          at,
          client: random.below(this.#plan.workload.clients),
          act: random.pick(['vanish', 'reset', 'half-close', 'close']),
        };
      case 'client-pause':
        return { kind, ...lasting, client: random.below(this.#plan.workload.clients) };
    }
  }

  /** Mostly short against a lease, sometimes long. */
  #duration(): number {
    const random = this.#random;
    return random.chance(300_000) ? random.between(2_000, 12_000) : random.between(50, 2_500);
  }

  /** A majority of voters keeps its votes, or nothing could ever be chosen again. */
  #loseDirectory(at: number, machine: number): Fault | null {
    const { voters } = this.#plan;
    const mayLose = voters - quorumOf(voters);
    if (this.#lost.has(machine) || this.#lost.size >= mayLose) return null;
    this.#lost.add(machine);
    return { kind: 'lose-directory', at, machine };
  }
}
