import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileScenario } from '../../sim/compile.ts';
import { planOf } from '../../sim/faults.ts';
import type { Scenario } from '../../sim/scenario.ts';
import {
  loadPlan,
  loadScenario,
  parsePlan,
  parseScenario,
  savePlan,
} from '../../sim/scenario-file.ts';
import { SCENARIOS } from '../../sim/scenarios/all.ts';
import { runPlan } from '../../sim/simulation.ts';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';

const SMALL: Scenario = {
  name: 'small',
  shows: 'Something.',
  knownFrom: 'Nowhere.',
  peers: 3,
  clients: [{ name: 'H', at: 'n1', steps: [{ do: 'lock', lock: 'a', answer: 200 }] }],
  faults: [{ kind: 'cut', at: 1, for: 2, links: { isolate: 'n1' } }],
};

describe('scenario as JSON', () => {
  it.each(SCENARIOS)('$name makes the same plan as in TypeScript', (scenario) => {
    const read = parseScenario(JSON.parse(JSON.stringify(scenario)));
    expect(compileScenario(read, { seed: 7 })).toEqual(compileScenario(scenario, { seed: 7 }));
  });

  it('is read from a file, or from a module', async () => {
    const directory = temporaryDirectory();
    const json = join(directory, 'small.json');
    writeFileSync(json, JSON.stringify(SMALL));
    expect(await loadScenario(json)).toEqual(SMALL);
    const module = join(directory, 'small.mjs');
    writeFileSync(module, `export default ${JSON.stringify(SMALL)}`);
    expect(await loadScenario(module)).toEqual(SMALL);
    await expect(loadScenario(join(directory, 'none.json'))).rejects.toThrow('cannot read');
    await expect(loadScenario(join(directory, 'none.mjs'))).rejects.toThrow('cannot load');
  });

  it.each<[string, object]>([
    ['scenario: faults is missing', { faults: undefined }],
    ["scenario: no such key 'fault'", { fault: [] }],
    ['scenario.peers: expected a whole number from 1, got 0', { peers: 0 }],
    ['scenario.faults[0].kind: expected cut, flap', { faults: [{ kind: 'bomb' }] }],
    ['scenario.faults[0]: for is missing', { faults: [{ kind: 'pause', at: 1, machine: 'n1' }] }],
    [
      'scenario.faults[0].links: expected one of split, parts',
      { faults: [{ kind: 'cut', at: 1, for: 2, links: { isolated: 'n1' } }] },
    ],
    ['scenario.clients[0].steps[0].do: expected lock', { clients: [client({ do: 'jump' })] }],
    ['expected a line that a step may say', { clients: [client({ do: 'ask', line: 'lock a' })] }],
    ['scenario.expect[0]: expected one of never, count, mark', { expect: [{ mask: 'x' }] }],
    ['scenario.heal: expected all', { heal: 'none' }],
  ])('that is none is refused: %s', (message, change) => {
    const changed = JSON.parse(JSON.stringify({ ...SMALL, ...change }));
    expect(() => parseScenario(changed)).toThrow(message);
  });

  it.each<[string, Partial<Scenario>, number]>([
    ['small: expected 1 to 31 peers, got 40', {}, 40],
    ['small: expected 4 to 31 peers, got 3', { peersMin: 4 }, 3],
    ["got 'n4'", { clients: [{ name: 'H', at: 'n4', steps: [] }] }, 3],
    [
      "expected the name of a client, got 'G'",
      { faults: [{ kind: 'client-pause', at: 1, for: 2, client: 'G' }] },
      3,
    ],
    ['3 of 3 peers cannot observe', { observers: 3 }, 3],
  ])('that makes no sense is refused: %s', (message, change, peers) => {
    expect(() => compileScenario({ ...SMALL, ...change }, { seed: 1, peers })).toThrow(message);
  });

  it('counts observers out, and makes the voters even where it is asked to', () => {
    expect(compileScenario({ ...SMALL, observers: 1 }, { seed: 1 }).voters).toBe(2);
    expect(compileScenario({ ...SMALL, evenVoters: true }, { seed: 1 }).voters).toBe(2);
  });
});

function client(step: object) {
  return { name: 'H', at: 'n1', steps: [step] };
}

describe('plan as JSON', () => {
  it('is the same after a file', () => {
    const file = join(temporaryDirectory(), 'plans', 'one.json');
    for (const seed of [1, 2, 3]) {
      const plan = planOf(seed);
      savePlan(plan, file);
      expect(loadPlan(file)).toEqual(plan);
    }
    const plan = compileScenario(SMALL, { seed: 1 });
    savePlan(plan, file);
    expect(runPlan({ plan: loadPlan(file) })).toEqual(runPlan({ plan }));
  });

  it.each<[string, object]>([
    ['plan: there is no machine 3', { voters: 4 }],
    ['plan: there is no machine 9', { heal: { kind: 'star', center: 9 } }],
    [
      'plan: client: there is no such client',
      { faults: [{ kind: 'client', at: 1, client: 8, act: 'close' }] },
    ],
    [
      'plan: pose: there is no such client',
      { faults: [{ kind: 'pose', at: 1, for: 1, client: 0, as: 2, machine: 1 }] },
    ],
    [
      'plan.faults[0].links[0]: expected a list of 2, got [1]',
      { faults: [{ kind: 'cut', at: 1, for: 1, links: [[1]] }] },
    ],
  ])('that cannot be is refused: %s', (message, change) => {
    const plan = { ...planOf(1, { machines: 3, clients: 2 }), faults: [], heal: { kind: 'all' } };
    expect(() => parsePlan({ ...plan, ...change })).toThrow(message);
  });
});
