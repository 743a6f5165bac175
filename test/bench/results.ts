/**
 * All figures of a run, by pass, cell and system; and their medians over the passes.
 */
import type { Measured } from './cell.ts';
import { median } from './statistics.ts';

/** One run of one cell on one system in one pass. */
export interface Result {
  readonly pass: number;
  readonly cell: string;
  readonly system: string;
  readonly measured: Measured;
}

/** Looks up a figure; NaN where it was not measured. */
export type Lookup = (cell: string, system: string, key: string) => number;

/** What was measured, in the order of measuring. */
export class Results {
  readonly all: Result[] = [];

  /** The figures of one pass; of cells that run in one pass only, those of that one. */
  ofPass(pass: number): Lookup {
    return (cell, system, key) => {
      const results = this.#of(cell, system);
      const result = results.find((each) => each.pass === pass) ?? results[0];
      return result?.measured.figures[key] ?? Number.NaN;
    };
  }

  /** The median over all passes of whatever is computed from the figures of one. */
  median(compute: (figures: Lookup) => number): number {
    const passes = [...new Set(this.all.map((result) => result.pass))];
    return median(passes.map((pass) => compute(this.ofPass(pass))));
  }

  /** The systems that ran a cell, in the order of running. */
  systemsOf(cell: string): readonly string[] {
    const results = this.all.filter((result) => result.cell === cell);
    return [...new Set(results.map((result) => result.system))];
  }

  /** What went wrong anywhere, and where. */
  errors(): readonly string[] {
    return this.all.flatMap(({ pass, cell, system, measured }) =>
      measured.errors.map((error) => `${cell}, ${system}, pass ${pass}: ${error}`),
    );
  }

  #of(cell: string, system: string): readonly Result[] {
    return this.all.filter((result) => result.cell === cell && result.system === system);
  }
}
