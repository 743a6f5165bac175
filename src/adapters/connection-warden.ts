/**
 * The guard of one connection: its secret, the time it has for that, and how fast it may go on.
 *
 * Owns both timers. Answers nothing itself: that is the conversation's part.
 */
import { HOLD_BACK_MS_MIN, WRONG_SECRETS_PER_CONNECTION } from '../limits.ts';
import type { Verdict, Warden } from '../text/warden.ts';
import type { SecretGate } from './secret-gate.ts';
import { TokenBucket } from './token-bucket.ts';

/** What a warden goes by. */
export interface WardenOptions {
  /** `null`: no secret is asked for. */
  readonly gate: SecretGate | null;
  /** Whom a wrong secret is counted to; `null`: nobody. */
  readonly address: string | null;
  readonly commandsPerSecond: number;
  /** For the right secret. */
  readonly admissionMs: number;
  /** Told of each secret that lets nobody in. */
  readonly wrong: () => void;
}

/** What a warden tells its connection. */
export interface WardenOwner {
  /** More lines may run. */
  allowed(): void;
  /** The time for a secret is over. */
  admissionOver(): void;
}

/** Guards one connection from its begin to its end. */
export class ConnectionWarden implements Warden {
  readonly #options: WardenOptions;
  readonly #owner: WardenOwner;
  readonly #bucket: TokenBucket;
  #wrongSecrets = 0;
  #admission: NodeJS.Timeout | undefined;
  #holdBack: NodeJS.Timeout | undefined;

  constructor(options: WardenOptions, owner: WardenOwner) {
    this.#options = options;
    this.#owner = owner;
    const { commandsPerSecond, admissionMs, gate } = options;
    const size = { perSecond: commandsPerSecond, burst: commandsPerSecond };
    this.#bucket = new TokenBucket(size, performance.now());
    if (gate === null) return;
    this.#admission = setTimeout(() => owner.admissionOver(), admissionMs);
  }

  get asksSecret(): boolean {
    return this.#options.gate !== null;
  }

  judge(secret: string): Verdict {
    const { gate, address, wrong } = this.#options;
    if (gate === null) return 'not-asked';
    const verdict = gate.judge(secret, address);
    if (verdict === 'right') {
      clearTimeout(this.#admission);
      return verdict;
    }
    wrong();
    this.#wrongSecrets += 1;
    const isLast = this.#wrongSecrets >= WRONG_SECRETS_PER_CONNECTION;
    return verdict === 'wrong' && isLast ? 'wrong-too-often' : verdict;
  }

  spend(): boolean {
    const now = performance.now();
    this.#bucket.take(now);
    const waitMs = this.#bucket.waitMs(now);
    if (waitMs === 0) return true;
    const holdMs = Math.max(waitMs, HOLD_BACK_MS_MIN);
    this.#holdBack = setTimeout(() => this.#owner.allowed(), holdMs);
    return false;
  }

  /** The connection is over. */
  stop(): void {
    clearTimeout(this.#admission);
    clearTimeout(this.#holdBack);
  }
}
