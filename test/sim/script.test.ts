/**
 * Scripts and expectations: each step does what it says, and what does not come about is told.
 */
import { describe, expect, it } from 'vitest';
import { compileScenario } from '../../sim/compile.ts';
import type { Scenario, ScenarioStep } from '../../sim/scenario.ts';
import type { Expectation } from '../../sim/script.ts';
import { runPlan } from '../../sim/simulation.ts';

/** What is violated when one client follows these steps in a quiet world. */
function follow(steps: readonly ScenarioStep[], more: Partial<Scenario> = {}): string[] {
  const scenario: Scenario = {
    name: 'script',
    shows: 'Steps.',
    knownFrom: 'Here.',
    peers: 3,
    faultsMs: 4_000,
    progressMs: 4_000,
    clients: [{ name: 'H', at: 'n1', steps }],
    faults: [],
    ...more,
  };
  const { violations } = runPlan({ plan: compileScenario(scenario, { seed: 1 }) });
  return violations.map(({ invariant, detail }) => `${invariant}: ${detail}`);
}

function expecting(...expect: Expectation[]): string[] {
  return follow(
    [
      { do: 'lock', lock: 'a' },
      { do: 'unlock', lock: 'a' },
    ],
    { expect },
  );
}

describe('script', () => {
  it('takes each kind of step', () => {
    const steps: ScenarioStep[] = [
      { do: 'ask', line: 'keepalive 2000', answer: 200 },
      { do: 'lock', lock: 'a', waitMs: 500, answer: [200, 409] },
      { do: 'ping', answer: 200 },
      { do: 'hold', lock: 'a', forMs: 300, everyMs: 100 },
      { do: 'read', lock: 'a', outcome: 'read' },
      { do: 'wait', forMs: 10 },
      { do: 'write', lock: 'a', outcome: 'written' },
      { do: 'go', to: 'n2' },
      { do: 'await', mark: 'H resumed' },
      { do: 'unlock', lock: 'a', answer: 200 },
      { do: 'mark', mark: 'half' },
      { do: 'leave', how: 'vanish' },
      { do: 'until', atMs: 2_000 },
      { do: 'go', to: 'n3' },
      { do: 'lock', lock: 'a', until: 200 },
      { do: 'unlock', lock: 'a', answer: 200 },
    ];
    const expect_: Expectation[] = [
      { mark: 'half', before: 2_000 },
      { mark: 'H done', after: 'half', before: 4_000 },
      { count: 'acquired', atLeast: 2 },
    ];
    expect(follow(steps, { expect: expect_ })).toEqual([]);
  });

  it('is told on when an answer or outcome is another', () => {
    expect(follow([{ do: 'lock', lock: 'a', answer: 409 }])).toEqual([
      'expected: H heard 200 and not 409 to lock a',
    ]);
    expect(
      follow([
        { do: 'lock', lock: 'a' },
        { do: 'read', lock: 'a', outcome: 'refused' },
      ]),
    ).toEqual(['expected: to read a, H was read, not refused']);
  });

  it('is told on when it does not end', () => {
    const [violation] = follow([{ do: 'await', mark: 'never' }]);
    expect(violation).toBe('live: H has not got past {"do":"await","mark":"never"}');
  });

  it('asks again over another connection until it gets what it must', () => {
    const steps: ScenarioStep[] = [
      { do: 'until', atMs: 1_000 },
      { do: 'lock', lock: 'a', waitMs: 1_000, until: 200 },
      { do: 'unlock', lock: 'a' },
    ];
    const crash = { kind: 'crash', at: 900, for: 2_000, kept: 'all', power: false } as const;
    const faults = [{ ...crash, machine: 'n1' }];
    const [first, last] = [2_900, 4_500];
    const expect_ = [{ mark: 'H has a', after: first, before: last }];
    expect(follow(steps, { faults, expect: expect_ })).toEqual([]);
  });

  it('stands for many clients, each at the next machine of its group', () => {
    const clients = [
      {
        name: 'w',
        count: 5,
        at: ['n2', 'n3'],
        steps: [
          { do: 'lock', lock: 'a', waitMs: 4_000, answer: 200 },
          { do: 'unlock', lock: 'a', answer: 200 },
        ],
      },
    ] satisfies Scenario['clients'];
    expect(follow([], { clients, expect: [{ mark: 'w5 done' }] })).toEqual([]);
  });
});

describe('expectation', () => {
  it('that comes about is no violation', () => {
    expect(expecting({ mark: 'H has a', before: 'H done' }, { never: 'H lost a' })).toEqual([]);
  });

  it.each<[Expectation, RegExp]>([
    [{ mark: 'H has b' }, /^expected: no 'H has b'$/],
    [{ never: 'H has a' }, /^expected: 'H has a' at 0\.\d+ s$/],
    [{ mark: 'H has a', after: 'H done' }, /, not after 'H done'$/],
    [{ mark: 'H done', before: 'H has a' }, /, not before 'H has a'$/],
    [{ mark: 'H done', before: 1 }, /, not before '1'$/],
    [{ count: 'acquired', atLeast: 1_000_000 }, /^expected: acquired is \d+$/],
    [{ count: 'acquired', atMost: 0 }, /^expected: acquired is \d+$/],
  ])('%j that does not is one', (expectation, message) => {
    expect(expecting(expectation)[0]).toMatch(message);
  });
});
