/**
 * What an exploration covers: how many faults, and of which kinds, and what clients ask.
 *
 * Owns the defaults and their wording. Whatever is not in a scope is not explored, and a result
 * says no more than its scope.
 */
import { firstConfigurationOf, type MembershipChange } from '../../src/core/configuration.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/settings.ts';
import type { Configuration, PeerId } from '../../src/core/types.ts';
import { clusterOf, peerIdOf } from '../names.ts';

/** How long a short jump of time is (ms): past every back-off, and past waiting for a keeper. */
export const SHORT_JUMP_MS = 500;
/** How long a long one is (ms): past the lease of every session. */
export const LONG_JUMP_MS = 3_200;

/** Leases as short as can be, and few heartbeats in one: what is explored is not their pace. */
const SETTINGS: Partial<Settings> = {
  sessionTimeoutMs: DEFAULT_SETTINGS.minimumLeaseMs,
  heartbeatMs: 1_000,
  suspectMs: 2_100,
};

/** Bounds of an exploration. */
export interface ScopeOptions {
  /** Peers, all of them voters but for the spares (3). */
  readonly peers?: number;
  /** The last so many peers do not vote at first (0). */
  readonly spares?: number;
  /** How often, at any moment, the first peer is asked to put the last one in the place of the last
   * voter; without spares to do without that voter (0). */
  readonly changes?: number;
  /** Each at a peer of its own, each acquires the one lock and releases it (2). */
  readonly clients?: number;
  /** How often a peer may crash, and start anew at any later moment (1). */
  readonly crashes?: number;
  /** How often a peer may be cut off from all others, and be healed at any later moment (1). */
  readonly cuts?: number;
  /** How often time may jump, past back-offs or past a lease (2). */
  readonly jumps?: number;
  /**
   * How often something else happens than what is first in a fixed order (no limit): with a limit
   * this is delay-bounded scheduling, which covers what few surprises can do.
   *
   * @see Emmi, Qadeer, Rakamarić, "Delay-Bounded Scheduling" (POPL 2011)
   */
  readonly detours?: number;
  /** Whether a peer's own votes come back to it at any later moment, as from a slow disk (false). */
  readonly slowDisks?: boolean;
  /** Whether hellos, heartbeats and their answers may be under way while other things happen
   * (false: they arrive as soon as nothing waits before them in their channel). */
  readonly slowLeases?: boolean;
  /** Whether clients wait for the lock, or try once (true: they wait). */
  readonly waits?: boolean;
}

/** All of it. */
export interface Scope extends Required<ScopeOptions> {
  /** All peers, the voters of the first epoch before the others. */
  readonly ids: readonly PeerId[];
  readonly configuration: Configuration;
  readonly change: MembershipChange;
  readonly settings: Settings;
  /** Of what the core draws at random, one draw is explored. */
  readonly seed: number;
  /** Whether a core's fields can be read (`core-state.ts`); else its past stands for its state. */
  readonly readable: boolean;
}

/** The scope of some bounds. */
export function scopeOf(options: ScopeOptions, readable: boolean): Scope {
  const peers = options.peers ?? 3;
  const spares = options.spares ?? 0;
  const ids = Array.from({ length: peers }, (_, index) => peerIdOf(index, 1));
  const voters = ids.slice(0, peers - spares);
  return {
    peers,
    spares,
    changes: options.changes ?? 0,
    ids,
    change: changeOf(voters, ids),
    clients: options.clients ?? 2,
    crashes: options.crashes ?? 1,
    cuts: options.cuts ?? 1,
    jumps: options.jumps ?? 2,
    detours: options.detours ?? Number.POSITIVE_INFINITY,
    slowDisks: options.slowDisks ?? false,
    slowLeases: options.slowLeases ?? false,
    waits: options.waits ?? true,
    configuration: firstConfigurationOf(clusterOf(voters), voters, voters.length),
    settings: { ...DEFAULT_SETTINGS, ...SETTINGS },
    seed: 1,
    readable,
  };
}

function changeOf(voters: readonly PeerId[], ids: readonly PeerId[]): MembershipChange {
  const peer = voters.at(-1)!;
  const by = ids.at(-1)!;
  return by === peer
    ? { kind: 'remove', peers: [peer] }
    : { kind: 'replace', peer, by, rests: true };
}

/** In a line. */
export function describeScope(scope: Scope): string {
  const {
    peers,
    spares,
    changes,
    clients,
    crashes,
    cuts,
    jumps,
    detours,
    slowDisks,
    slowLeases,
    waits,
  } = scope;
  return [
    spares === 0 ? `${peers} peers` : `${peers} peers (${peers - spares} of them vote at first)`,
    clientsIn(clients, waits),
    ...(changes === 0 ? [] : [`${changes} change${changes === 1 ? '' : 's'} of the voters`]),
    `${crashes} crash${crashes === 1 ? '' : 'es'}`,
    `${cuts} cut${cuts === 1 ? '' : 's'} of a peer`,
    `${jumps} jump${jumps === 1 ? '' : 's'} of time`,
    slowDisks ? 'own votes at any later moment' : 'own votes at once',
    slowLeases ? 'heartbeats at any later moment' : 'hellos and heartbeats at once',
    Number.isFinite(detours)
      ? `orders with at most ${detours} detour${detours === 1 ? '' : 's'}`
      : 'every order across channels',
  ].join(', ');
}

function clientsIn(clients: number, waits: boolean): string {
  if (clients === 1) return `1 client that ${waits ? 'waits for' : 'tries'} 1 lock and releases it`;
  return `${clients} clients that ${waits ? 'wait for' : 'try'} 1 lock and release it`;
}
