/**
 * How fast the simulator is: five peers, checkers on, on one core, against the world's own time.
 *
 * Runs in this process; the servers that stand meanwhile are idle. Told by CPU time, which other
 * work of the machine moves less than the clock on the wall: a run is one thread, and waits for
 * nothing. The share of an engine's start and of its compiling is thrown away with a warm-up.
 */
import type { Plan } from '../../../sim/plan.ts';
import { runPlan } from '../../../sim/simulation.ts';
import type { ElockCell } from '../cell.ts';

const PEERS = 5;
/** Of clients that think about as long as people's programs do: 100 lock operations a second. */
const CLIENTS = 13;
/** Until the engine has compiled what runs often, as it soon has in a swarm. */
const WARM_UP_S = 300;
/** Simulated seconds for each second that a short cell measures. */
const SIMULATED_S = 100;

export const simulator: ElockCell = {
  name: 'sim',
  title: `Simulator: ${PEERS} peers, checkers on, ${CLIENTS} clients, no faults`,
  of: 'elock',
  fresh: false,
  alone: false,
  columns: [
    { key: 'speed', title: 'simulated s / CPU s', digits: 0, compared: false },
    { key: 'eventsPerSecond', title: 'events / CPU s', digits: 0, compared: false },
    { key: 'eventsPerSimulated', title: 'events / simulated s', digits: 0, compared: false },
    { key: 'operations', title: 'lock + unlock / simulated s', digits: 0, compared: false },
  ],
  async run(_system, { measureMs }) {
    runPlan({ plan: planOf(WARM_UP_S) });
    const simulatedS = Math.ceil((SIMULATED_S * measureMs) / 1_000);
    const before = process.cpuUsage();
    const { events, counts, violations } = runPlan({ plan: planOf(simulatedS) });
    const { user, system } = process.cpuUsage(before);
    const cpuS = (user + system) / 1_000_000;
    return {
      figures: {
        speed: simulatedS / cpuS,
        eventsPerSecond: events / cpuS,
        eventsPerSimulated: events / simulatedS,
        operations: (2 * (counts['acquired'] ?? 0)) / simulatedS,
      },
      errors: violations.map(({ invariant, detail }) => `${invariant}: ${detail}`),
    };
  },
};

function planOf(seconds: number): Plan {
  return {
    seed: 1,
    machines: PEERS,
    voters: PEERS,
    faultsMs: 0,
    progressMs: seconds * 1_000,
    settings: {},
    delayUs: [200, 500, 2_000],
    detectUs: [2_000_000, 6_000_000],
    syncUs: [500, 1_000, 5_000],
    gains: Array.from({ length: PEERS }, () => 0),
    clientGains: Array.from({ length: CLIENTS }, () => 0),
    workload: {
      clients: CLIENTS,
      locks: 2 * CLIENTS,
      thinkMs: [20, 420],
      holdMs: [1, 60],
      waitMs: [100, 2_000],
      tryPercent: 30,
      oddPercent: 0,
      timeoutsMs: [8_000],
    },
    faults: [],
    heal: { kind: 'all' },
  };
}
