/**
 * What stories told to mutants have in common.
 *
 * Owns how a scenario becomes a hunt, and the parts that many are made of.
 */
import { compileScenario } from '../compile.ts';
import type { Scenario, ScenarioFault, ScenarioStep } from '../scenario.ts';
import type { Hunt } from './hunts.ts';

/** The plans of a story, one a seed. */
export const told = (scenario: Omit<Scenario, 'shows' | 'knownFrom'>): Hunt => {
  const whole = { ...scenario, shows: '', knownFrom: '' };
  return (seed) => compileScenario(whole, { seed });
};

/** Sessions end soon after their homes fall silent. */
export const SHORT = { minimumLeaseMs: 1_200, suspectMs: 400, heartbeatMs: 100 } as const;
/** Everybody is near, and notices late that a channel is cut. */
export const NEAR = { delayUs: [200, 300], syncUs: [50, 200], detectUs: [3_000_000] } as const;
/** Takes a lock, and asks again and again how safe it is. */
export const holds = (lock: string): ScenarioStep[] => [
  { do: 'lock', lock, until: 200 },
  { do: 'hold', lock, forMs: 12_000, everyMs: 100 },
];

/** Both directions between two groups. */
export function cut(
  at: number,
  forMs: number,
  from: string,
  to: string | string[],
): ScenarioFault[] {
  return [
    { kind: 'cut', at, for: forMs, links: { from, to } },
    { kind: 'cut', at, for: forMs, links: { from: to, to: from } },
  ];
}

/** The same, but what is said is only kept back. */
export function clog(
  at: number,
  forMs: number,
  from: string,
  to: string | string[],
): ScenarioFault[] {
  return [
    { kind: 'clog', at, for: forMs, links: { from, to } },
    { kind: 'clog', at, for: forMs, links: { from: to, to: from } },
  ];
}
