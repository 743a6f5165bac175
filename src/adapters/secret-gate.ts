/**
 * Who knows the secret of the clients.
 *
 * Owns its comparison, which takes the same time whatever was said, and how often an address may be
 * wrong. Keeps a keyed hash, never the secret; nothing here is ever logged.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  WRONG_SECRET_ADDRESSES_MAX,
  WRONG_SECRETS_BURST,
  WRONG_SECRETS_PER_SECOND,
} from '../limits.ts';
import { TokenBucket } from './token-bucket.ts';

const WRONG_SECRETS = { perSecond: WRONG_SECRETS_PER_SECOND, burst: WRONG_SECRETS_BURST };
const KEY_BYTES = 32;

/** Judges secrets for all connections of a peer. */
export class SecretGate {
  readonly #key = randomBytes(KEY_BYTES);
  readonly #digest: Buffer;
  readonly #now: () => number;
  /** What each address may still be wrong, the one that was wrong last at the end. */
  readonly #wrong = new Map<string, TokenBucket>();

  /**
   * @param secret - one code unit a byte
   * @param now - monotonic (ms)
   */
  constructor(secret: string, now: () => number = () => performance.now()) {
    this.#digest = this.#digestOf(secret);
    this.#now = now;
  }

  /** @param address - `null`: none, and so no limit by address */
  judge(secret: string, address: string | null): 'right' | 'wrong' | 'barred' {
    const bucket = address === null ? undefined : this.#wrong.get(address);
    if (bucket !== undefined && bucket.waitMs(this.#now()) > 0) return 'barred';
    if (timingSafeEqual(this.#digestOf(secret), this.#digest)) return 'right';
    if (address !== null) this.#wasWrong(address, bucket);
    return 'wrong';
  }

  #wasWrong(address: string, known: TokenBucket | undefined): void {
    const now = this.#now();
    const bucket = known ?? new TokenBucket(WRONG_SECRETS, now);
    bucket.take(now);
    this.#wrong.delete(address);
    this.#wrong.set(address, bucket);
    if (this.#wrong.size <= WRONG_SECRET_ADDRESSES_MAX) return;
    for (const oldest of this.#wrong.keys()) {
      this.#wrong.delete(oldest);
      return;
    }
  }

  #digestOf(secret: string): Buffer {
    return createHmac('sha256', this.#key).update(secret, 'latin1').digest();
  }
}
