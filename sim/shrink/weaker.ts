/**
 * Weaker faults for a fault: the same place and time, less harm.
 *
 *   cut → clog → delay            flap → cut        old-letters, loss → break
 *   lose-directory → crash that keeps nothing → … that keeps all → shutdown → pause
 *   disk-full → stuck-sync → slow-sync              suspend → pause
 *
 * Each chain ends, so a shrinker that follows them does.
 */
import type { Direction, Fault } from '../plan.ts';

/** A delay that takes the place of a clog (µs). */
const DELAY_US = [500_000];
/** A sync that takes the place of a stuck one (µs). */
const SYNC_US = [200_000];
/** A crash that takes the place of a lost directory lasts so long (ms). */
const CRASH_MS = 500;

/** The next weaker faults, if there are any. */
export function weakerFaults(fault: Fault): Fault[] {
  return 'links' in fault ? weakerOnLinks(fault) : weakerOnMachines(fault);
}

type LinksFault = Extract<Fault, { links: readonly Direction[] }>;

function weakerOnLinks(fault: LinksFault): Fault[] {
  const { at, for: lasts, links } = fault;
  switch (fault.kind) {
    case 'cut':
      return [{ kind: 'clog', at, for: lasts, links }];
    case 'clog':
      return [{ kind: 'delay', at, for: lasts, links, delayUs: DELAY_US }];
    case 'flap':
      return [{ kind: 'cut', at, for: lasts, links }];
    case 'loss':
    case 'old-letters':
      return [{ kind: 'break', at, between: links[0]! }];
    default:
      return [];
  }
}

function weakerOnMachines(fault: Exclude<Fault, LinksFault>): Fault[] {
  switch (fault.kind) {
    case 'lose-directory':
      return [{ ...fault, kind: 'crash', for: CRASH_MS, kept: 'none', power: false }];
    case 'crash': {
      if (fault.power) return [{ ...fault, power: false }];
      if (fault.kept !== 'all') return [{ ...fault, kept: 'all' }];
      return [{ kind: 'shutdown', at: fault.at, for: fault.for, machine: fault.machine }];
    }
    case 'shutdown':
      return [{ ...fault, kind: 'pause' }];
    case 'suspend':
      return [{ kind: 'pause', at: fault.at, for: fault.for, machine: fault.machine }];
    case 'disk-full':
      return [{ ...fault, kind: 'stuck-sync' }];
    case 'stuck-sync':
      return [{ ...fault, kind: 'slow-sync', syncUs: SYNC_US }];
    case 'step':
      return fault.byMs >> 1 === 0 ? [] : [{ ...fault, byMs: Math.trunc(fault.byMs / 2) }];
    case 'client':
      return fault.act === 'close' ? [] : [{ ...fault, act: 'close' }];
    default:
      return [];
  }
}
