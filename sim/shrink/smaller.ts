/**
 * Plans that are a little smaller than a plan: what a shrinker tries.
 *
 * Owns what "smaller" means, pass by pass, the coarsest first. A fault carries its own end, so a
 * cut goes with its heal and a crash with its restart. Runs nothing.
 *
 * Some failures are that something did not happen, and with too little time or fewer faults it
 * never does: for these the passes that would only take the chance away are left out.
 */
import type { InvariantName } from '../checkers/verdict.ts';
import type { Direction, Fault, Heal, Plan, WorkloadPlan } from '../plan.ts';
import { machinesOf } from '../wishes.ts';
import { weakerFaults } from './weaker.ts';

/** Smaller plans of one kind; those that leave out most come first. */
export type Pass = (plan: Plan) => Iterable<Plan>;

/** Machines below this make no quorum that could be cut. */
const MACHINES_MIN = 3;
/** Times are rounded to one of these (ms). */
const ROUND_MS = [1_000, 100, 10] as const;

/** All passes, in the order in which they are tried. */
export const PASSES: ReadonlyMap<string, Pass> = new Map<string, Pass>([
  ['faults', fewerFaults],
  ['wishes', fewerWishes],
  ['machines', fewerMachines],
  ['clients', fewerClients],
  ['scripts', shorterScripts],
  ['links', fewerLinks],
  ['weaker faults', weakerPlans],
  ['durations', shorterTimes],
  ['phases', shorterPhases],
  ['times', rounderTimes],
  ['workload', plainerWorlds],
]);

/** What would make a failure to happen trivial. */
const LEFT_OUT: Readonly<Partial<Record<InvariantName, readonly string[]>>> = {
  live: ['phases'],
  expected: [
    'faults',
    'wishes',
    'scripts',
    'links',
    'weaker faults',
    'durations',
    'phases',
    'times',
  ],
};

/** The passes that make sense for a failure of that invariant. */
export function passesFor(invariant: InvariantName): (readonly [string, Pass])[] {
  return [...PASSES].filter(([name]) => !LEFT_OUT[invariant]?.includes(name));
}

/** Lists with a stretch left out: a half, a quarter, … one (Zeller's delta debugging). */
export function* without<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let size = items.length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < items.length; from += size) {
      yield [...items.slice(0, from), ...items.slice(from + size)];
    }
  }
}

function* fewerFaults(plan: Plan): Generator<Plan> {
  for (const faults of without(plan.faults)) yield { ...plan, faults };
}

function* fewerWishes(plan: Plan): Generator<Plan> {
  const { wishes = [] } = plan;
  for (const kept of without(wishes)) yield { ...plan, wishes: kept };
}

// Machines and clients

function* fewerMachines(plan: Plan): Generator<Plan> {
  for (let machines = MACHINES_MIN; machines < plan.machines; machines++) {
    yield onMachines(plan, machines);
  }
  if (plan.voters < plan.machines) yield { ...plan, voters: plan.machines };
}

/** The same on the first so many machines. */
function onMachines(plan: Plan, machines: number): Plan {
  const isThere = (machine: number) => machine < machines;
  return {
    ...plan,
    machines,
    voters: Math.min(plan.voters, machines),
    gains: plan.gains.slice(0, machines),
    faults: plan.faults.flatMap((fault) => faultOn(fault, isThere)),
    ...(plan.wishes === undefined
      ? {}
      : {
          wishes: plan.wishes.filter(
            ({ machine, change }) => isThere(machine) && machinesOf(change).every(isThere),
          ),
        }),
    heal: healOn(plan.heal, isThere),
    ...(plan.scripts === undefined
      ? {}
      : { scripts: plan.scripts.map((script) => ({ ...script, at: script.at % machines })) }),
  };
}

function faultOn(fault: Fault, isThere: (machine: number) => boolean): Fault[] {
  if ('links' in fault) {
    const links = fault.links.filter((link) => link.every(isThere));
    return links.length === 0 ? [] : [{ ...fault, links }];
  }
  if ('between' in fault) return fault.between.every(isThere) ? [fault] : [];
  return 'machine' in fault && !isThere(fault.machine) ? [] : [fault];
}

function healOn(heal: Heal, isThere: (machine: number) => boolean): Heal {
  if (heal.kind === 'core') return { kind: 'core', machines: heal.machines.filter(isThere) };
  return heal.kind === 'star' && !isThere(heal.center) ? { kind: 'all' } : heal;
}

function* fewerClients(plan: Plan): Generator<Plan> {
  for (let count = 0; count < plan.workload.clients; count++) yield withClients(plan, count);
}

/** Scripted clients are numbered behind the others: their numbers move. */
function withClients(plan: Plan, clients: number): Plan {
  const gone = plan.workload.clients - clients;
  const isGone = (client: number) => client >= clients && client < clients + gone;
  const renumbered = (client: number) => (client < clients ? client : client - gone);
  return {
    ...plan,
    workload: { ...plan.workload, clients },
    clientGains: plan.clientGains.filter((_, client) => !isGone(client)),
    faults: plan.faults.flatMap((fault): Fault[] => {
      if (!('client' in fault)) return [fault];
      if (isGone(fault.client) || (fault.kind === 'pose' && isGone(fault.as))) return [];
      const client = renumbered(fault.client);
      return [
        fault.kind === 'pose'
          ? { ...fault, client, as: renumbered(fault.as) }
          : { ...fault, client },
      ];
    }),
  };
}

function* shorterScripts(plan: Plan): Generator<Plan> {
  const { scripts = [], expectations = [] } = plan;
  for (const kept of without(expectations)) yield { ...plan, expectations: kept };
  for (const [index, script] of scripts.entries()) {
    for (const steps of without(script.steps)) {
      yield { ...plan, scripts: scripts.with(index, { ...script, steps }) };
    }
  }
}

// Faults

function* withFault(plan: Plan, index: number, faults: Iterable<Fault>): Generator<Plan> {
  for (const fault of faults) yield { ...plan, faults: plan.faults.with(index, fault) };
}

function* fewerLinks(plan: Plan): Generator<Plan> {
  for (const [index, fault] of plan.faults.entries()) {
    if (!('links' in fault)) continue;
    for (const links of without<Direction>(fault.links)) {
      if (links.length > 0) yield* withFault(plan, index, [{ ...fault, links }]);
    }
  }
}

function* weakerPlans(plan: Plan): Generator<Plan> {
  for (const [index, fault] of plan.faults.entries()) {
    yield* withFault(plan, index, weakerFaults(fault));
  }
  if (plan.heal.kind !== 'all') yield { ...plan, heal: { kind: 'all' } };
}

function* shorterTimes(plan: Plan): Generator<Plan> {
  for (const [index, fault] of plan.faults.entries()) {
    if (!('for' in fault)) continue;
    for (const part of [8, 2]) {
      const shorter = Math.floor(fault.for / part);
      if (shorter > 0) yield* withFault(plan, index, [{ ...fault, for: shorter }]);
    }
  }
}

function* shorterPhases(plan: Plan): Generator<Plan> {
  for (const key of ['faultsMs', 'progressMs'] as const) {
    for (const ms of [0, plan[key] >> 2, plan[key] >> 1, Math.floor(plan[key] * 0.9)]) {
      if (ms < plan[key]) yield { ...plan, [key]: ms };
    }
  }
}

function* rounderTimes(plan: Plan): Generator<Plan> {
  for (const [index, fault] of plan.faults.entries()) {
    for (const unit of ROUND_MS) {
      if (fault.at % unit !== 0) {
        yield* withFault(plan, index, [{ ...fault, at: fault.at - (fault.at % unit) }]);
      }
      if ('for' in fault && fault.for > unit && fault.for % unit !== 0) {
        yield* withFault(plan, index, [{ ...fault, for: fault.for - (fault.for % unit) }]);
      }
    }
  }
}

// The world

function* plainerWorlds(plan: Plan): Generator<Plan> {
  for (const workload of plainerWorkloads(plan.workload)) yield { ...plan, workload };
  for (const key of ['gains', 'clientGains'] as const) {
    if (plan[key].some((gain) => gain !== 0)) yield { ...plan, [key]: plan[key].map(() => 0) };
  }
  for (const key of ['delayUs', 'detectUs', 'syncUs'] as const) {
    if (plan[key].length > 1) yield { ...plan, [key]: [plan[key][0]!] };
  }
  for (const key of Object.keys(plan.settings)) {
    const settings = Object.entries(plan.settings).filter(([name]) => name !== key);
    yield { ...plan, settings: Object.fromEntries(settings) };
  }
}

function* plainerWorkloads(workload: WorkloadPlan): Generator<WorkloadPlan> {
  if (workload.locks > 1) yield { ...workload, locks: 1 };
  for (const key of ['oddPercent', 'tryPercent'] as const) {
    if (workload[key] > 0) yield { ...workload, [key]: 0 };
  }
  const { queuePercent = 0, ...queueless } = workload;
  if (queuePercent > 0) yield queueless;
  for (const key of ['thinkMs', 'holdMs', 'waitMs', 'timeoutsMs'] as const) {
    if (workload[key].length > 1) yield { ...workload, [key]: [workload[key][0]!] };
  }
}
