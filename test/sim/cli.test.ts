/**
 * `elock sim` as its users meet it: output for people and programs, files, exit statuses.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunLine } from '../../sim/cli/outcome.ts';
import { SCENARIOS } from '../../sim/scenarios/all.ts';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { BUNDLED, MAIN } from '../bundled.ts';
import { ElockProcess } from '../end-to-end/dev-cluster.ts';

/** Those look for files of their own beside the program. */
const AS_BUILT = ['swarm', 'explore'];

async function sim(...args: string[]) {
  const main = AS_BUILT.includes(args[0]!) ? MAIN : BUNDLED;
  const elock = new ElockProcess(['sim', ...args], {}, '', main);
  const { status } = await elock.ended;
  return { status, output: elock.output, log: elock.log.join('\n') };
}

/** A quick scenario, in a file of its own; it fails if asked to. */
function scenarioFile(directory: string, fails: boolean): string {
  const file = join(directory, 'quick.json');
  const steps = [
    { do: 'lock', lock: 'a', until: 200 },
    { do: 'unlock', lock: 'a' },
  ];
  const scenario = {
    name: 'quick',
    shows: 'That a file runs.',
    knownFrom: 'Here.',
    peers: 3,
    faultsMs: 2_000,
    progressMs: 2_000,
    clients: [{ name: 'H', at: 'n1', steps }],
    faults: [],
    expect: fails ? [{ never: 'H has a' }] : [],
  };
  mkdirSync(directory, { recursive: true });
  writeFileSync(file, JSON.stringify(scenario));
  return file;
}

describe('elock sim', () => {
  it('shows help for itself and its subcommands', async () => {
    const help = await sim('--help');
    expect(help).toMatchObject({ status: 0, log: '' });
    for (const command of ['list', 'run', 'swarm', 'replay'])
      expect(help.output).toContain(command);
    expect((await sim('run', '--help')).output).toContain('--seed');
  });

  it('lists what there is', async () => {
    const { status, output } = await sim('list');
    expect(status).toBe(0);
    for (const { name, shows, knownFrom } of SCENARIOS) {
      expect(output).toContain(`${name} (`);
      expect(output).toContain(shows);
      expect(output).toContain(knownFrom);
    }
    const lines = (await sim('list', '--json')).output.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).name)).toEqual(SCENARIOS.map(({ name }) => name));
  });

  it.each([
    [['run']],
    [['run', 'no-such-scenario']],
    [['run', 'chain', '--peers', '9']],
    [['run', 'clean-split', '--seed', 'x']],
    [['swarm']],
    [['swarm', '--seeds', '9..1']],
    [['replay', '/nowhere.json']],
    [['nonsense']],
  ])('exits with 2 when it is used wrongly: %j', async (args) => {
    const { status, log } = await sim(...args);
    expect(status).toBe(2);
    expect(log).not.toBe('');
  });
});

describe('elock sim run', () => {
  it('prints one line of JSON, the same each time but for the time it took', async () => {
    const args = ['run', 'drift-inside', '--seed', '4', '--peers', '5', '--json'];
    const [first, second] = await Promise.all([sim(...args), sim(...args)]);
    const { wallS, ...line } = JSON.parse(first.output) as RunLine;
    expect(first.status).toBe(0);
    expect(line).toMatchObject({ scenario: 'drift-inside', seed: 4, peers: 5, violations: [] });
    expect(line.digest).toMatch(/^[0-9a-f]{16}$/);
    expect(line.simulatedS).toBe(35);
    expect(line.events).toBeGreaterThan(1_000);
    expect(wallS).toBeGreaterThan(0);
    expect(JSON.parse(second.output)).toMatchObject(line);
  });

  it('says what goes wrong, then what came of it, with a line for each event if asked', async () => {
    const { output } = await sim('run', 'drift-inside', '--trace');
    const lines = output.split('\n');
    expect(lines[0]).toBe('drift-inside: seed 1, 3 peers, 3 voters');
    expect(lines[1]).toMatch(/^ {2}cut at=3000 /);
    expect(output).toMatch(/^ +\d+\.\d{6} line {6}H +lock a$/m);
    expect(output).toMatch(/digest [0-9a-f]{16}\n.*\n {2}held\n$/);
  });

  it('runs a scenario from a file, and several at once', async () => {
    const file = scenarioFile(temporaryDirectory(), false);
    const { status, output } = await sim('run', file, 'swarm', '--json', '--seed', '3');
    expect(status).toBe(0);
    const lines = output.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).scenario)).toEqual(['quick', 'swarm']);
  });

  it('ends a failure with the command that replays it', async () => {
    const directory = temporaryDirectory();
    const file = scenarioFile(directory, true);
    const { status, output } = await sim('run', file, '--plans', directory);
    expect(status).toBe(1);
    expect(output).toContain("VIOLATED expected at 4 s: 'H has a'");
    const [, plan] = /\nelock sim replay (\S+) --trace\n$/.exec(output) ?? [];
    const failed = JSON.parse((await sim('run', file, '--plans', directory, '--json')).output);
    const replayed = await sim('replay', plan!, '--json');
    expect(replayed.status).toBe(1);
    const { wallS, ...same } = failed;
    expect(JSON.parse(replayed.output)).toMatchObject(same);
    expect(same.plan).toBe(plan);
  });

  it('writes a page to look at', async () => {
    const directory = temporaryDirectory();
    mkdirSync(directory, { recursive: true });
    const page = join(directory, 'page.html');
    const file = scenarioFile(directory, false);
    expect((await sim('run', file, '--report', page)).status).toBe(0);
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/i);
  });
});

describe('elock sim swarm', () => {
  it('sums up its seeds, the same whatever the number of threads', async () => {
    const args = ['swarm', '--seeds', '2..4', '--scenario', 'drift-inside', '--json'];
    const [one, three] = await Promise.all([
      sim(...args, '--jobs', '1'),
      sim(...args, '--jobs', '3'),
    ]);
    const { wallS, ...line } = JSON.parse(one!.output);
    expect(line).toMatchObject({ seeds: 3, failed: [], simulatedS: 105 });
    expect(line.sometimes.acquired).toBeGreaterThan(10);
    expect(wallS).toBeGreaterThan(0);
    expect(JSON.parse(three!.output)).toMatchObject(line);
  });

  it('stops at the first failure if asked to, keeps its plan, and writes JUnit', async () => {
    const directory = temporaryDirectory();
    const file = scenarioFile(directory, true);
    const junit = join(directory, 'junit.xml');
    const options = ['--until-fail', '--jobs', '1', '--plans', directory, '--junit', junit];
    const { status, output } = await sim(
      'swarm',
      '--seeds',
      '1..9',
      '--scenario',
      file,
      ...options,
    );
    expect(status).toBe(1);
    expect(output).toContain('1 seeds, 1 failed');
    expect(output).toMatch(/\nelock sim replay \S+ --trace\n$/);
    expect(readdirSync(directory)).toContain('quick-3-1.json');
    const xml = readFileSync(junit, 'utf8');
    expect(xml).toContain('tests="1" failures="1"');
    expect(xml).toContain('<failure message="');
  });

  it('begins no seed after its budget', async () => {
    const { status, output } = await sim('swarm', '--seeds', '1..9', '--budget', '0s', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ seeds: 0, failed: [], sometimes: {} });
  });

  it('shrinks the plan of a failure, and leaves plan and test beside it', async () => {
    const directory = temporaryDirectory();
    const plans = join(directory, 'plans');
    expect((await sim('run', scenarioFile(directory, true), '--plans', plans)).status).toBe(1);
    const plan = join(plans, readdirSync(plans)[0]!);
    const { status, output } = await sim('shrink', plan, '--runs', '30');
    expect(status).toBe(1);
    const small = plan.replace('.json', '.small.json');
    expect(output.trim().split('\n').at(-1)).toBe(`elock sim replay ${small} --trace`);
    expect((await sim('replay', small)).status).toBe(1);
    expect(readFileSync(plan.replace('.json', '.small.test.ts'), 'utf8')).toContain(
      'runSimulation',
    );
  });

  it('explores a scope, and says which and whether all of it', async () => {
    const bounds = ['--clients', '1', '--crashes', '0', '--cuts', '0', '--jumps', '0'];
    const { status, output } = await sim('explore', ...bounds);
    expect(status).toBe(0);
    expect(output).toMatch(/^exhausted: 3 peers, 1 client .*\n {2}\d+ states, \d+ of them quiet/);
  });
});
