/**
 * A scenario and a seed make a plan, as a seed alone does in `faults.ts`; the plan is what runs.
 *
 * Owns which machines stand at which places, and what the seed draws where the scenario is silent.
 * The same scenario, seed and number of peers make the same plan.
 */

import { GAIN_MAX } from './faults.ts';
import { Places } from './places.ts';
import type { Fault, Heal, Plan, PlannedChange, PlannedWish, WorkloadPlan } from './plan.ts';
import { RandomStream } from './random.ts';
import {
  type Scenario,
  type ScenarioClient,
  ScenarioError,
  type ScenarioFault,
  type ScenarioHeal,
  type ScenarioStep,
  type ScenarioWish,
} from './scenario.ts';
import type { Script, Step } from './script.ts';
import type { Table } from './table.ts';

/** What a run of a scenario may choose. */
export interface CompileOptions {
  readonly seed: number;
  /** Default: as many as the scenario says. */
  readonly peers?: number | undefined;
}

/** Few make no cluster; above it a simulated second takes seconds. */
const PEERS_MAX = 31;
const FAULTS_MS = 20_000;
const PROGRESS_MS = 15_000;
/** As long as the shortest lease: with a shorter one a home vouches for less. */
const TIMEOUT_MS = 3_000;

const DELAYS: readonly Table[] = [
  [100, 300],
  [200, 500, 2_000],
  [1_000, 3_000, 8_000],
];
const SYNCS: readonly Table[] = [
  [50, 200],
  [500, 1_000, 5_000],
];
const DETECTS: readonly Table[] = [
  [300_000, 1_000_000],
  [1_000_000, 3_000_000],
];

/** Clients besides those of the scenario: none, unless it says so. */
const WORKLOAD: WorkloadPlan = {
  clients: 0,
  locks: 2,
  thinkMs: [1, 200],
  holdMs: [10, 300],
  waitMs: [3_000, 12_000],
  tryPercent: 20,
  oddPercent: 0,
  timeoutsMs: [TIMEOUT_MS],
};

/** The plan of a scenario; throws `ScenarioError` where it makes no sense. */
export function compileScenario(scenario: Scenario, { seed, peers }: CompileOptions): Plan {
  const machines = machinesOf(scenario, peers);
  const voters = votersOf(scenario, machines);
  const places = new Places(machines, voters);
  const random = new RandomStream(seed, 'scenario');
  const workload = { ...WORKLOAD, ...scenario.workload };
  const scripts = scenario.clients.flatMap((client) => scriptsOf(client, places));
  const clientOf = (name: string) => clientNamed(name, scripts, workload.clients);
  return {
    seed,
    machines,
    voters,
    faultsMs: scenario.faultsMs ?? FAULTS_MS,
    progressMs: scenario.progressMs ?? PROGRESS_MS,
    settings: scenario.settings ?? {},
    delayUs: scenario.delayUs ?? random.pick(DELAYS),
    detectUs: scenario.detectUs ?? random.pick(DETECTS),
    syncUs: scenario.syncUs ?? random.pick(SYNCS),
    gains: gainsOf(scenario, places, machines, random),
    clientGains: [
      ...Array.from({ length: workload.clients }, () => random.between(-GAIN_MAX, GAIN_MAX)),
      ...scenario.clients.flatMap(({ gain = 0, count = 1 }) => new Array<number>(count).fill(gain)),
    ],
    workload,
    faults: scenario.faults.flatMap((fault) => faultsOf(fault, places, clientOf)),
    ...(scenario.wishes === undefined
      ? {}
      : { wishes: scenario.wishes.map((wish) => wishOf(wish, places)) }),
    heal: healOf(scenario.heal ?? 'all', places),
    scenario: scenario.name,
    scripts,
    expectations: scenario.expect ?? [],
  };
}

function machinesOf({ name, peers, peersMin = 1, peersMax = PEERS_MAX }: Scenario, wanted = peers) {
  if (wanted >= peersMin && wanted <= peersMax) return wanted;
  throw new ScenarioError(`${name}: expected ${peersMin} to ${peersMax} peers, got ${wanted}`);
}

function votersOf({ name, observers = 0, evenVoters = false }: Scenario, machines: number): number {
  const voters = machines - observers;
  if (voters < 1)
    throw new ScenarioError(`${name}: ${observers} of ${machines} peers cannot observe`);
  return evenVoters ? voters - (voters & 1) : voters;
}

function gainsOf({ gains }: Scenario, places: Places, machines: number, random: RandomStream) {
  const drawn = Array.from({ length: machines }, () => random.between(-GAIN_MAX, GAIN_MAX));
  for (const [group, gain] of Object.entries(gains ?? {})) {
    for (const machine of places.group(group)) drawn[machine] = gain;
  }
  return drawn;
}

// Clients

function scriptsOf(client: ScenarioClient, places: Places): Script[] {
  const { name, count = 1, at, timeoutMs = TIMEOUT_MS, startMs = 0, overMs = 0 } = client;
  const machines = places.group(at);
  const steps = client.steps.map((step) => stepOf(step, places));
  return Array.from({ length: count }, (_, index) => ({
    client: count === 1 ? name : `${name}${index + 1}`,
    at: machines[index % machines.length]!,
    timeoutMs,
    startMs: startMs + Math.floor((index * overMs) / count),
    steps,
  }));
}

function stepOf(step: ScenarioStep, places: Places): Step {
  return step.do === 'go' ? { do: 'go', to: places.machine(step.to) } : step;
}

function clientNamed(name: string, scripts: readonly Script[], before: number): number {
  const index = scripts.findIndex(({ client }) => client === name);
  if (index >= 0) return before + index;
  throw new ScenarioError(`expected the name of a client, got '${name}'`);
}

// Faults

type ClientOf = (name: string) => number;

/** Of a group of machines each has the fault. */
function faultsOf(fault: ScenarioFault, places: Places, clientOf: ClientOf): Fault[] {
  if ('links' in fault) return [{ ...fault, links: places.links(fault.links) }];
  if (fault.kind === 'pose') {
    const [client, as] = [clientOf(fault.client), clientOf(fault.as)];
    return places.group(fault.machine).map((machine) => ({ ...fault, client, as, machine }));
  }
  if ('client' in fault) return [{ ...fault, client: clientOf(fault.client) }];
  if (fault.kind === 'break') {
    const [a, b] = fault.between;
    return [{ ...fault, between: [places.machine(a), places.machine(b)] }];
  }
  return places.group(fault.machine).map((machine) => ({ ...fault, machine }));
}

function wishOf({ at, machine, change }: ScenarioWish, places: Places): PlannedWish {
  return { at, machine: places.machine(machine), change: changeOf(change, places) };
}

function changeOf(change: ScenarioWish['change'], places: Places): PlannedChange {
  switch (change.kind) {
    case 'add':
    case 'remove':
      return { kind: change.kind, peers: places.group(change.peers) };
    case 'replace':
      return { ...change, peer: places.machine(change.peer), by: places.machine(change.by) };
    case 'set':
      return { kind: 'set', voters: places.group(change.voters) };
    case 'expel':
      return { kind: 'expel', peer: places.machine(change.peer) };
    case 'want':
      return change;
  }
}

function healOf(heal: ScenarioHeal, places: Places): Heal {
  if (heal === 'all') return { kind: 'all' };
  if ('core' in heal) return { kind: 'core', machines: places.group(heal.core) };
  return { kind: 'star', center: places.machine(heal.star) };
}
