/**
 * Scenarios and plans as files: what they must look like, and how they are read and written.
 *
 * Owns the checks of both forms, which share faults and steps: they differ in how machines, links
 * and clients are named. Knows nothing of what a scenario means.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { VOTERS_MAX } from '../src/core/configuration.ts';
import { DEFAULT_SETTINGS } from '../src/core/settings.ts';
import type { Plan } from './plan.ts';
import { type Scenario, ScenarioError } from './scenario.ts';
import {
  type Check,
  flag,
  integer,
  keyed,
  list,
  listOr,
  object,
  record,
  tagged,
  text,
  word,
} from './schema.ts';
import { SHAPE_NAMES } from './shapes.ts';
import { machinesOf } from './wishes.ts';

const table = list(integer(), 1);
const CLIENT_ENDS = ['vanish', 'reset', 'half-close', 'close'];
const gain = integer(-900_000, 9_000_000);
const clocks = list(word(['monotonic', 'boot', 'wall']), 1);
const codes = listOr(list(integer()), integer());
const settings = object(
  {},
  Object.fromEntries(Object.keys(DEFAULT_SETTINGS).map((key) => [key, integer()])),
);

/** How scenarios and plans name what a fault or a step is about. */
interface Naming {
  readonly machine: Check;
  readonly links: Check;
  readonly client: Check;
  readonly place: Check;
  readonly peers: Check;
}

function faultCheck({ machine, links, client, place }: Naming): Check {
  const kind = text;
  const lasting = { kind, at: integer(), for: integer() };
  const momentary = { kind, at: integer() };
  const onLinks = (more = {}) => object({ ...lasting, links, ...more });
  const onMachine = (more = {}) => object({ ...lasting, machine, ...more });
  return tagged('kind', {
    cut: onLinks(),
    flap: onLinks({ periodMs: integer(1) }),
    clog: onLinks(),
    delay: onLinks({ delayUs: table }),
    loss: onLinks({ perMillion: integer(0, 1_000_000) }),
    capacity: onLinks({ bytesPerMs: integer(1) }),
    'old-letters': onLinks({ lateMs: integer() }),
    break: object({ ...momentary, between: list(place, 2, 2) }),
    crash: onMachine({ kept: word(['all', 'some', 'none']), power: flag }),
    shutdown: onMachine(),
    pause: onMachine(),
    'slow-sync': onMachine({ syncUs: table }),
    'stuck-sync': onMachine(),
    'disk-full': onMachine(),
    'lose-directory': object({ ...momentary, machine }),
    'copy-directory': object({ ...momentary, machine }),
    'restore-directory': object({ ...momentary, machine }),
    rate: onMachine({ clocks, gain }),
    step: object({ ...momentary, machine, clocks, byMs: integer(-1e12, 1e12) }),
    freeze: onMachine({ clocks }),
    suspend: onMachine({ counted: flag }),
    client: object({ ...momentary, client, act: word(CLIENT_ENDS) }),
    'client-pause': object({ ...lasting, client }),
    pose: object({ ...lasting, client, as: client, machine }),
  });
}

function wishCheck({ place, peers }: Naming): Check {
  const kind = text;
  const change = tagged('kind', {
    add: object({ kind, peers }),
    remove: object({ kind, peers }),
    replace: object({ kind, peer: place, by: place, rests: flag }),
    set: object({ kind, voters: peers }),
    want: object({ kind, voters: integer(1, VOTERS_MAX) }),
    expel: object({ kind, peer: place }),
  });
  return object({ at: integer(), machine: place, change });
}

/** What a client may say by `ask`: what changes its locks or session has steps of its own. */
const line: Check = (value, path) => {
  const said = /^(set_timeout|keepalive|info|locks|peers|stats|echo|help)\b/;
  if (typeof value === 'string' && said.test(value)) return;
  throw new ScenarioError(`${path}: expected a line that a step may say, such as 'keepalive 2000'`);
};

function stepCheck({ place }: Naming): Check {
  const what = text;
  const asks = { answer: codes, until: codes };
  const lock = { do: what, lock: text };
  return tagged('do', {
    lock: object(lock, { ...asks, waitMs: integer() }),
    unlock: object(lock, asks),
    ping: object({ do: what }, asks),
    ask: object({ do: what, line }, asks),
    wait: object({ do: what, forMs: integer() }),
    until: object({ do: what, atMs: integer() }),
    await: object({ do: what, mark: text }),
    mark: object({ do: what, mark: text }),
    hold: object({ ...lock, forMs: integer() }, { everyMs: integer(1) }),
    read: object(lock, { outcome: word(['read', 'refused']) }),
    write: object(lock, { outcome: word(['written', 'refused']) }),
    go: object({ do: what, to: place }),
    pose: object({ do: what, as: text }),
    leave: object({ do: what, how: word(['vanish', 'reset', 'close']) }),
  });
}

const moment: Check = (value, path) => (typeof value === 'number' ? integer() : text)(value, path);
const expectation = keyed(
  {
    never: object({ never: text }),
    count: object({ count: text }, { atLeast: integer(), atMost: integer() }),
    mark: object({ mark: text }, { after: moment, before: moment }),
  },
  object({}),
);

const WORKLOAD_CHOICES = { writes: flag, queuePercent: integer(0, 100) };
const workload = {
  clients: integer(),
  locks: integer(1),
  thinkMs: table,
  holdMs: table,
  waitMs: table,
  tryPercent: integer(0, 100),
  oddPercent: integer(0, 100),
  timeoutsMs: table,
};

// Scenarios

const group = listOr(list(text, 1), text);
const places: Naming = {
  machine: group,
  client: text,
  place: text,
  peers: group,
  links: keyed(
    {
      split: object({ split: list(group, 1) }),
      parts: object({ parts: integer(2) }),
      isolate: object({ isolate: group }),
      deaf: object({ deaf: group }),
      mute: object({ mute: group }),
      from: object({ from: group, to: group }),
      shape: object({ shape: word(SHAPE_NAMES) }),
    },
    word(['all']),
  ),
};

const scenarioClient = object(
  { name: text, at: group, steps: list(stepCheck(places)) },
  { count: integer(1), timeoutMs: integer(), startMs: integer(), overMs: integer(), gain },
);

const scenarioCheck = object(
  {
    name: text,
    shows: text,
    knownFrom: text,
    peers: integer(1),
    clients: list(scenarioClient),
    faults: list(faultCheck(places)),
  },
  {
    peersMin: integer(1),
    peersMax: integer(1),
    observers: integer(),
    evenVoters: flag,
    faultsMs: integer(),
    progressMs: integer(),
    settings,
    delayUs: table,
    detectUs: table,
    syncUs: table,
    gains: record(gain),
    workload: object({}, { ...workload, ...WORKLOAD_CHOICES }),
    wishes: list(wishCheck(places)),
    heal: keyed({ core: object({ core: group }), star: object({ star: text }) }, word(['all'])),
    expect: list(expectation),
  },
);

// Plans

const direction = list(integer(), 2, 2);
const numbers: Naming = {
  machine: integer(),
  client: integer(),
  place: integer(),
  peers: list(integer(), 1),
  links: list(direction),
};

const planCheck = object(
  {
    seed: integer(),
    machines: integer(1),
    voters: integer(1),
    faultsMs: integer(),
    progressMs: integer(),
    settings,
    delayUs: table,
    detectUs: table,
    syncUs: table,
    gains: list(gain),
    clientGains: list(gain),
    workload: object(workload, WORKLOAD_CHOICES),
    faults: list(faultCheck(numbers)),
    heal: tagged('kind', {
      all: object({ kind: text }),
      core: object({ kind: text, machines: list(integer()) }),
      star: object({ kind: text, center: integer() }),
    }),
  },
  {
    scenario: text,
    rests: flag,
    wishes: list(wishCheck(numbers)),
    scripts: list(
      object({
        client: text,
        at: integer(),
        timeoutMs: integer(),
        startMs: integer(),
        steps: list(stepCheck(numbers)),
      }),
    ),
    expectations: list(expectation),
  },
);

/** What somebody wrote, if it is a scenario; throws `ScenarioError` otherwise. */
export function parseScenario(value: unknown): Scenario {
  scenarioCheck(value, 'scenario');
  return value as Scenario;
}

/** What somebody wrote, if it is a plan; throws `ScenarioError` otherwise. */
export function parsePlan(value: unknown): Plan {
  planCheck(value, 'plan');
  const plan = value as Plan;
  checkNumbers(plan);
  return plan;
}

/** No fault or script is about a machine or client that there is not. */
function checkNumbers({
  machines,
  voters,
  workload: { clients },
  faults,
  wishes = [],
  scripts = [],
  heal,
}: Plan) {
  const clientCount = clients + scripts.length;
  const links = faults.flatMap((fault) => ('links' in fault ? fault.links : []));
  const used = [
    voters - 1,
    ...links.flat(),
    ...faults.flatMap((fault) => ('machine' in fault ? [fault.machine] : [])),
    ...faults.flatMap((fault) => (fault.kind === 'break' ? fault.between : [])),
    ...wishes.flatMap(({ machine, change }) => [machine, ...machinesOf(change)]),
    ...scripts.map(({ at }) => at),
    ...scripts.flatMap(({ steps }) => steps.flatMap((step) => (step.do === 'go' ? step.to : []))),
    ...(heal.kind === 'core' ? heal.machines : heal.kind === 'star' ? [heal.center] : []),
  ];
  const machine = used.find((number) => number >= machines);
  if (machine !== undefined) throw new ScenarioError(`plan: there is no machine ${machine}`);
  for (const fault of faults) {
    const named = 'client' in fault ? [fault.client, 'as' in fault ? fault.as : 0] : [];
    if (named.every((number) => number < clientCount)) continue;
    throw new ScenarioError(`plan: ${fault.kind}: there is no such client`);
  }
}

/** A scenario in JSON, or the default export of a module; throws `ScenarioError`. */
export async function loadScenario(file: string): Promise<Scenario> {
  if (file.endsWith('.json')) return parseScenario(readJson(file));
  try {
    const loaded = (await import(pathToFileURL(file).href)) as { default?: unknown };
    return parseScenario(loaded.default);
  } catch (error) {
    if (error instanceof ScenarioError) throw error;
    throw new ScenarioError(`cannot load ${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** The plan in a file; throws `ScenarioError`. */
export function loadPlan(file: string): Plan {
  return parsePlan(readJson(file));
}

/** Writes a plan, and the directories on the way. */
export function savePlan(plan: Plan, file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, textOf(plan));
}

/** A line for each field, and for each fault, script and expectation: to be edited by hand. */
function textOf(plan: Plan): string {
  const rows = Object.entries(plan).map(([key, value]) => {
    const isLong = Array.isArray(value) && typeof value[0] === 'object';
    const text = isLong ? `[\n  ${value.map(toJson).join(',\n  ')}\n ]` : toJson(value);
    return ` ${toJson(key)}: ${text}`;
  });
  return `{\n${rows.join(',\n')}\n}\n`;
}

function toJson(value: unknown): string {
  return JSON.stringify(value);
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ScenarioError(`cannot read ${file}: ${(error as Error).message}`, { cause: error });
  }
}
