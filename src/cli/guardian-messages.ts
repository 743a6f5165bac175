/**
 * What `elock lock` and the guardian of its command say to each other, and until when a word counts.
 *
 * Owns the messages and the clocks that both processes read alike: those of the machine, not of a
 * process. Never reads a wall clock.
 */
import os from 'node:os';
import process from 'node:process';

/** How long the lock was safe at one reading of the clocks (ms). */
export interface Vouch {
  readonly validMs: number;
  readonly monotonicMs: number;
  readonly bootMs: number;
}

/** To the guardian. */
export type Order =
  | {
      readonly kind: 'run';
      readonly command: readonly string[];
      readonly environment: Readonly<Record<string, string | undefined>>;
      readonly vouch: Vouch;
      /** Before the end of what was vouched for: SIGTERM, then SIGKILL. */
      readonly termMs: number;
      readonly killMs: number;
    }
  | { readonly kind: 'vouch'; readonly vouch: Vouch }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'lost' };

/** From the guardian. */
export type Account =
  | { readonly kind: 'started' }
  /** The command is being stopped: the lock is not sure any more. */
  | { readonly kind: 'stopping' }
  /** What was vouched for last is known. */
  | { readonly kind: 'heard' }
  /** Could not be run, with the code of the system. */
  | { readonly kind: 'failed'; readonly code: string }
  | {
      readonly kind: 'ended';
      readonly status: number | null;
      readonly signal: NodeJS.Signals | null;
      /** Whether it was stopped because the lock was no longer sure. */
      readonly stopped: boolean;
    };

/** What holds now. */
export function vouchFor(validMs: number): Vouch {
  return { validMs, ...readClocks() };
}

/** What is left of it (ms), by the clock that went further. */
export function leftMs(vouch: Vouch): number {
  const now = readClocks();
  const passed = Math.max(now.monotonicMs - vouch.monotonicMs, now.bootMs - vouch.bootMs);
  return vouch.validMs - passed;
}

/** `hrtime` counts from the same moment in every process; `uptime` goes on in sleep. */
function readClocks() {
  return { monotonicMs: Number(process.hrtime.bigint()) / 1e6, bootMs: os.uptime() * 1_000 };
}
