/**
 * What a cell of the bench is: one way of using a lock system, and the figures it comes to.
 *
 * Also the times that all cells share. A cell starts and stops no servers.
 */
import type { LockSystem } from './lock-system.ts';
import { percentile } from './statistics.ts';
import type { ElockSystem } from './systems/elock.ts';

/** One column of a cell's table. */
export interface Column {
  readonly key: string;
  readonly title: string;
  readonly digits: number;
  /** Whether the ratio of elock's figure to a rival's is worth a look. */
  readonly compared: boolean;
}

/** What one run of a cell on one system came to. */
export interface Measured {
  /** By the key of the column; NaN where nothing was measured. */
  readonly figures: Readonly<Record<string, number>>;
  /** What went wrong; the bench fails with any. */
  readonly errors: readonly string[];
}

/** How long and how large the cells are. */
export interface Extent {
  /** What each short cell measures for, after its warm-up. */
  readonly measureMs: number;
  /** What the load of 1,000 clients lasts, its warm-up included. */
  readonly loadMs: number;
  /** Locks held at once. */
  readonly heldLocks: number;
  /** How often a peer is killed under its clients. */
  readonly kills: number;
}

/** What a cell is run with. */
export interface CellOptions extends Extent {
  /** For files of its own; gone after the system has stopped. */
  readonly directory: string;
}

interface CellBase {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly Column[];
  /** Whether servers must be just started, rather than warmed up. */
  readonly fresh: boolean;
  /**
   * Whether it runs in one pass only, on servers of its own: it takes long, and what it leaves
   * behind keeps servers busy for long.
   */
  readonly alone: boolean;
}

/** A cell that every system runs. */
export interface CommonCell extends CellBase {
  readonly of: 'all';
  run(system: LockSystem, options: CellOptions): Promise<Measured>;
}

/** A cell that asks for what only elock has. */
export interface ElockCell extends CellBase {
  readonly of: 'elock';
  run(system: ElockSystem, options: CellOptions): Promise<Measured>;
}

export type Cell = CommonCell | ElockCell;

/** What each short cell throws away first. */
export const WARM_UP_MS = 700;

/** The ms since `startedAt`, a reading of `performance.now()`. */
export function msSince(startedAt: number): number {
  return performance.now() - startedAt;
}

/** The figures `<kind>P50` and `<kind>P99` of durations in ms. */
export function p50AndP99(kind: string, durations: readonly number[]): Record<string, number> {
  return {
    [`${kind}P50`]: percentile(durations, 0.5),
    [`${kind}P99`]: percentile(durations, 0.99),
  };
}
