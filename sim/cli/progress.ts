/**
 * Says on standard error, now and then, how far a long run has come.
 */

/** Nobody waits for less (ms of the wall). */
const EVERY_MS = 5_000;

/** The progress of one command. */
export class Progress {
  #next = performance.now() + EVERY_MS;

  /** Says it, if nothing was said for a while. */
  tell(what: () => string): void {
    const now = performance.now();
    if (now < this.#next) return;
    this.#next = now + EVERY_MS;
    process.stderr.write(`… ${what()}\n`);
  }
}
