/**
 * Whether the disk of a data directory is nearly full.
 *
 * Looks when it is asked, but not too often, and answers what it saw last; a disk that cannot be
 * looked at counts as one with space. Only warns: a write that fails is the store's affair.
 */
import { statfs } from 'node:fs';
import { DISK_LOOK_MS_MIN, DISK_LOW_BYTES } from '../limits.ts';

/** The space of one directory. */
export class DiskSpace {
  readonly #directory: string;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isLow = false;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Whether less than DISK_LOW_BYTES were left when it was last looked. */
  get isLow(): boolean {
    if (performance.now() - this.#lookedAt >= DISK_LOOK_MS_MIN) this.#look();
    return this.#isLow;
  }

  #look(): void {
    this.#lookedAt = performance.now();
    statfs(this.#directory, (error, stats) => {
      if (error === null) this.#isLow = stats.bavail * stats.bsize < DISK_LOW_BYTES;
    });
  }
}
