/**
 * The page that people look at: one run as one HTML file that needs nothing else.
 *
 * Owns what is recorded and where it is written. What a page shows is `report/recording.ts`, how
 * it looks is `report/page/`.
 */
import { writeFileSync } from 'node:fs';
import { Collector } from './report/collector.ts';
import { pageOf } from './report/page/page.ts';
import type { Recording, Window } from './report/recording.ts';
import { EventCounter } from './report/window.ts';
import { type Result, type RunOptions, runPlan } from './simulation.ts';

export type { Recording } from './report/recording.ts';

/** What to record. */
export interface RecordOptions extends RunOptions {
  /** The part to show (ms); default: all of it. Shortened where that is too much for a page. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** A run, and what a page shows of it. */
export interface Recorded {
  readonly result: Result;
  readonly recording: Recording;
}

/**
 * Runs a plan twice: to see how much there is to show, and to record it.
 *
 * `createPeer` must make the same peers in both runs.
 */
export function recordRun(options: RecordOptions): Recorded {
  const counter = new EventCounter();
  const { trace: _unread, ...quiet } = options;
  const { simulatedMs, violations } = runPlan({ ...quiet, recorder: counter });
  const wanted = wantedPart(options, (simulatedMs + 1) * 1_000);
  const window = counter.fit(wanted, violations.length > 0 && options.fromMs === undefined);
  const collector = new Collector(window);
  const result = runPlan({ ...options, recorder: collector });
  const leftOut = describeLeftOut(window, (simulatedMs + 1) * 1_000);
  return { result, recording: collector.recording(result, leftOut) };
}

/** Writes the page of a recording. */
export function writeReport(recording: Recording, file: string): void {
  writeFileSync(file, pageOf(recording));
}

function wantedPart({ fromMs, toMs }: RecordOptions, endUs: number): Window {
  const toUs = Math.min(endUs, (toMs ?? endUs) * 1_000);
  return { fromUs: Math.min((fromMs ?? 0) * 1_000, toUs), toUs };
}

function describeLeftOut({ fromUs, toUs }: Window, endUs: number): string[] {
  const seconds = (us: number) => `${(us / 1_000_000).toFixed(2)} s`;
  const parts = [
    fromUs > 0 ? `what happened before ${seconds(fromUs)}` : '',
    toUs < endUs ? `what happened after ${seconds(toUs)}` : '',
  ].filter((part) => part !== '');
  if (parts.length === 0) return [];
  return [`Left out: ${parts.join(', and ')}. Use --from and --to to see another part.`];
}
