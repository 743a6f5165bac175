import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { planOf } from '../../sim/faults.ts';
import { compileScenario, runSimulation } from '../../sim/main.ts';
import type { Plan } from '../../sim/plan.ts';
import { SCRIPT } from '../../sim/report/page/page.ts';
import { FATES, VIEWS } from '../../sim/report/recording.ts';
import { type Recording, recordRun, writeReport } from '../../sim/report.ts';
import { bridge } from '../../sim/scenarios/bridge.ts';
import { reconfigureInCut } from '../../sim/scenarios/reconfigure-in-cut.ts';
import { Peer } from '../../src/core/peer.ts';

/** n1 is cut off from the two others for a while, then n3 crashes. */
function split(seed: number): Plan {
  const plan = planOf(seed, { machines: 3, voters: 3, faultsMs: 8_000, progressMs: 3_000 });
  return {
    ...plan,
    workload: { ...plan.workload, clients: 3, locks: 1, timeoutsMs: [2_000], oddPercent: 0 },
    delayUs: [500, 1_000],
    syncUs: [500, 1_000],
    clientGains: [0, 0, 0],
    faults: [
      {
        kind: 'cut',
        at: 2_000,
        for: 3_000,
        links: [
          [0, 1],
          [1, 0],
          [0, 2],
          [2, 0],
        ],
      },
      { kind: 'crash', at: 6_000, for: 1_000, machine: 2, kept: 'none', power: false },
    ],
    heal: { kind: 'all' },
  };
}

const names = ({ texts }: Recording, number: number) => texts[number];

describe('recording', () => {
  const plan = split(4);
  const { result, recording } = recordRun({ plan });

  it('leaves the run as it is', () => {
    expect(result.digest).toBe(runSimulation({ seed: 4, plan }).digest);
  });

  it('knows of every letter when it left and what became of it', () => {
    const fates = new Set(recording.letters.map(([, , , , fate]) => FATES[fate]));
    expect(fates).toContain('heard');
    expect(fates.has('lost') || fates.has('refused')).toBe(true);
    expect(recording.letters.every(([, , sent, end]) => sent <= end)).toBe(true);
  });

  it('tells a partition as the sides that it makes', () => {
    const cut = recording.spans.find(({ kind }) => kind === 'cut');
    expect(cut).toMatchObject({ sides: [0, 1, 1], text: 'cut n1 | n2 n3', toUs: 5_000_000 });
  });

  it('names the sides of a cut that leaves a bridge, and the bridge on neither', () => {
    const whole = compileScenario(bridge, { peers: 7, seed: 1 });
    const { spans } = recordRun({ plan: { ...whole, faultsMs: 3_100, progressMs: 1 } }).recording;
    expect(spans[0]).toMatchObject({
      lanes: [1, 2, 3, 4, 5, 6],
      sides: [0, 0, 0, 1, 1, 1],
      text: 'cut n2 n3 n4 | n5 n6 n7',
    });
  });

  it('tells when each peer learns of an epoch, whether it votes there, and when it takes part', () => {
    const whole = compileScenario(reconfigureInCut, { seed: 1 });
    const told = recordRun({ plan: { ...whole, faultsMs: 5_500, progressMs: 1 } }).recording;
    const of = (lane: number) =>
      told.epochs.filter((row) => row[0] === lane).map(([, , ...row]) => row);
    expect(of(0)).toEqual([]);
    expect(of(1)).toEqual([
      [2, 1, 0],
      [2, 1, 1],
    ]);
    expect(of(3)).toEqual([[2, 0, 0]]);
    expect(told.texts).toContain('2 of n2 n3 n5, serving');
  });

  it('has a lane for both ends of every letter, of clients that follow a script, too', () => {
    const whole = compileScenario(bridge, { peers: 3, seed: 1 });
    const told = recordRun({ plan: { ...whole, faultsMs: 7_000, progressMs: 1 } }).recording;
    const ends = new Set(told.letters.flatMap(([from, to]) => [told.lanes[from], told.lanes[to]]));
    expect([...ends].sort()).toEqual([...told.lanes].sort());
  });

  it('knows each holder in each view, and voters never two of one lock at once', () => {
    const voted = recording.bars.filter(([view]) => VIEWS[view] === 'voted');
    expect(new Set(recording.bars.map(([view]) => view)).size).toBe(VIEWS.length);
    const stretches = voted.map(([, , , , from, to]) => [from, to] as const);
    const sorted = stretches.sort(([a], [b]) => a - b);
    for (const [index, [from]] of sorted.entries()) {
      if (index > 0) expect(from).toBeGreaterThanOrEqual(sorted[index - 1]![1]);
    }
  });

  it('puts the state of a peer together at any event', () => {
    const of = (key: string) =>
      recording.changes.filter(([, lane, name]) => lane === 2 && names(recording, name) === key);
    expect(of('process').map(([, , , value]) => names(recording, value))).toEqual([
      'starts as n3, incarnation 1',
      'crashes, keeps none',
      'starts as n3, incarnation 2',
    ]);
    expect(of('disk Llock-0').length).toBeGreaterThan(0);
  });

  it('calls sessions as their clients do', () => {
    expect(recording.texts.some((text) => /[0-9a-f]{32}/.test(text))).toBe(false);
  });

  it('shows the part that is asked for, from the state at its beginning', () => {
    const part = recordRun({ plan, fromMs: 6_500, toMs: 7_500 }).recording;
    expect(part.events.every(([at]) => at >= 6_500_000 && at <= 7_500_000)).toBe(true);
    const begin = part.changes.filter(([event]) => event === -1);
    expect(begin.map(([, , key]) => names(part, key))).toContain('disk Llock-0');
    expect(part.leftOut[0]).toMatch(/before 6\.50 s, and what happened after 7\.50 s/);
  });

  it('shows the end of a run that failed', () => {
    const createPeer = (options: ConstructorParameters<typeof Peer>[0]) => {
      const peer = new Peer(options);
      return {
        get deadline() {
          return peer.deadline;
        },
        step: (...[event, now]: Parameters<Peer['step']>) => {
          if (now.home > 4_000) throw new Error('seeded');
          return peer.step(event, now);
        },
      };
    };
    const failed = recordRun({ plan, createPeer });
    expect(failed.recording.violations[0]?.invariant).toBe('assert');
    expect(failed.recording.toUs).toBe(failed.recording.endUs);
  });
});

describe('page', () => {
  const { recording } = recordRun({ plan: split(5), toMs: 3_000 });
  const folder = mkdtempSync(join(tmpdir(), 'elock-report-'));
  const file = join(folder, 'report.html');
  writeReport({ ...recording, texts: [...recording.texts, '</script><script>'] }, file);
  const page = readFileSync(file, 'utf8');
  rmSync(folder, { recursive: true });

  it('needs nothing but itself', () => {
    expect(page).not.toMatch(/(?:src|href)=|https?:|@import|url\(/);
  });

  it('holds the recording, whatever is in it', () => {
    const embedded = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)?.[1];
    expect(JSON.parse(embedded ?? '')).toMatchObject({ digest: recording.digest });
  });

  it('has a script that compiles', () => {
    expect(() => new Script(SCRIPT)).not.toThrow();
  });
});
