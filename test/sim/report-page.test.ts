/**
 * The page's script, executed: what it shows at an event is what the run knew at that event.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { compileScenario, runPlan } from '../../sim/main.ts';
import { Collector } from '../../sim/report/collector.ts';
import type { Recording } from '../../sim/report/recording.ts';
import { staleVoterReturns } from '../../sim/scenarios/stale-voter-returns.ts';
import { ReportPage, TruthTeller } from './report-page.ts';

/** Changes of the voters, a crash, and an old copy of a directory that is put back. */
const PLAN = {
  ...compileScenario(staleVoterReturns, { seed: 1 }),
  faultsMs: 9_400,
  progressMs: 1,
};
/** Distinct moments from one truth to the next. */
const EVERY = 61;

function record(): { recording: Recording; truths: TruthTeller['truths'] } {
  const collector = new Collector({ fromUs: 0, toUs: 9_400_000 });
  const teller = new TruthTeller(collector, EVERY);
  const result = runPlan({ plan: PLAN, recorder: teller });
  // Cut short as it is, it keeps not all of the scenario's promises.
  const recording = collector.recording({ ...result, violations: [] }, []);
  return { recording, truths: teller.truths };
}

describe('page with its script executed', () => {
  const { recording, truths } = record();
  const pages: ReportPage[] = [];
  const open = (hash = '') => {
    const page = new ReportPage(recording, hash);
    pages.push(page);
    return page;
  };
  afterAll(() => Promise.all(pages.map((page) => page.close())));
  const lastAt = (time: number) => recording.events.findLastIndex(([at]) => at === time);

  it('says what it shows, and begins at the first fault or wish', () => {
    const page = open();
    expect(page.text('verdict')).toBe('held');
    expect(page.text('facts')).toContain(`${recording.events.length} events`);
    expect(page.text('moment')).toContain(', 2.000000 s');
    expect(page.written).toEqual(
      expect.arrayContaining(['n5', 'no voter', 'faults, wishes', 'e2']),
    );
  });

  it('shows of every disk and client at an event what the run knew then', () => {
    const page = open();
    let lines = 0;
    for (const [time, truth] of truths) {
      const event = lastAt(time);
      if (event < 0) continue;
      page.scrub(event);
      for (const [lane, told] of truth) {
        page.choose(lane);
        const shown = new Map(
          [...page.state].map(([key, value]) => [key, value.split(' held')[0]]),
        );
        const of = lane.startsWith('n') ? /^disk L/ : /^believes in$/;
        const keys = [...shown.keys()].filter((key) => of.test(key));
        expect([time, lane, keys.sort()]).toEqual([time, lane, [...told.keys()].sort()]);
        for (const [key, value] of told) {
          expect([time, lane, shown.get(key)]).toEqual([time, lane, value]);
          lines++;
        }
      }
    }
    expect(lines).toBeGreaterThan(500);
  });

  it('steps by one event with the keys and the buttons, and stays within the run', () => {
    const page = open('#event=100');
    const moment = () => Number(/^event (\d+)/.exec(page.text('moment'))?.[1]);
    page.press('ArrowRight');
    expect(moment()).toBe(102);
    page.press('ArrowLeft');
    page.press('ArrowLeft');
    expect(moment()).toBe(100);
    page.scrub(recording.events.length - 1);
    page.press('ArrowRight');
    expect(moment()).toBe(recording.events.length);
    expect(page.window.location.hash).toContain(`event=${recording.events.length - 1}`);
  });

  it('opens at the moment that the address names, and whatever the address says', () => {
    const whole = open('#event=500&lane=n4&from=2&to=3');
    expect(whole.text('moment')).toContain('event 501 of');
    expect(whole.window.location.hash).toContain('lane=n4&from=2.0000&to=3.0000');
    expect(open('#event=x&from=y&to=&at=zz&lane=none').text('moment')).toContain('2.000000 s');
  });

  it('tells a violation, and leads to it', () => {
    const violation = { invariant: 'fenced', at: 5_000_000, detail: 'made up' } as const;
    const page = new ReportPage({ ...recording, violations: [violation, violation] });
    pages.push(page);
    expect(page.text('verdict')).toBe('fenced violated');
    expect(Number(/, ([\d.]+) s/.exec(page.text('moment'))?.[1])).toBeCloseTo(5, 1);
  });
});
