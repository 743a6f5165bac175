/**
 * Certificates and keys that are replaced while a peer runs: read anew when their files change, and
 * whenever somebody says so.
 *
 * Owns when to read, and that what cannot be used changes nothing. Files are looked at now and then
 * rather than watched: renamed, linked or mounted ones tell nobody. Two files are never replaced at
 * one moment, so a change is read once they have stood still from one look to the next.
 */
import { statSync } from 'node:fs';
import type { Logger } from '../runtime/ports.ts';
import type { TlsMaterial } from './text-door.ts';

/** What is watched, and who is told. */
export interface CredentialWatchOptions {
  /** Paths; of a link that counts to which it leads. */
  readonly files: readonly string[];
  /** Between two looks (ms). */
  readonly everyMs: number;
  /** What is in use: it was read just before. */
  readonly present: TlsMaterial;
  /** @throws Error if a file cannot be used */
  readonly read: () => TlsMaterial;
  /** @throws Error if it is of no use, and then keeps what was */
  readonly take: (material: TlsMaterial) => void;
  readonly logger: Logger;
}

/** Looks at the files until it is stopped. */
export class CredentialWatch {
  readonly #options: CredentialWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #present: TlsMaterial;
  /** What the files looked like when they were read, and at the latest look. */
  #read: string;
  #seen: string;

  constructor(options: CredentialWatchOptions) {
    this.#options = options;
    this.#present = options.present;
    this.#read = lookOf(options.files);
    this.#seen = this.#read;
    this.#timer = setInterval(() => this.#look(), options.everyMs).unref();
  }

  /** Reads the files at once, also those that look as they did. */
  readNow(): void {
    const { logger, files } = this.#options;
    this.#seen = lookOf(files);
    this.#read = this.#seen;
    try {
      this.#take();
    } catch (cause) {
      const error = cause instanceof Error ? cause.message : String(cause);
      logger.log('error', 'new certificates cannot be used; those before stay in use', { error });
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const before = this.#seen;
    this.#seen = lookOf(this.#options.files);
    if (this.#seen === before && this.#seen !== this.#read) this.readNow();
  }

  #take(): void {
    const { read, take, logger, files } = this.#options;
    const material = read();
    const { cert, key, clientCa } = this.#present;
    const isSame = cert === material.cert && key === material.key;
    if (isSame && clientCa === material.clientCa) return;
    take(material);
    this.#present = material;
    logger.log('info', 'certificates were read anew', { files: files.join(' ') });
  }
}

/** What tells one content of files from another, without reading them. */
function lookOf(files: readonly string[]): string {
  return files.map(lookOfOne).join();
}

function lookOfOne(file: string): string {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = statSync(file);
    return [dev, ino, size, mtimeMs, ctimeMs].join(' ');
  } catch {
    return 'cannot be looked at';
  }
}
