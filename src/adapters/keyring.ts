/**
 * The generations of the cluster's secret that open this peer's door, newest first.
 *
 * Owns which of them count at a moment, and how they change: a newer one comes to the front, and
 * those before it are good for SECRET_OVERLAP_MS more, so that whoever was away meanwhile can still
 * come in and be told. Everything is on disk before it counts. Two peers that rotate at once make
 * two keys of one generation: everywhere the one that sorts higher is the newer.
 */
import { SECRET_OVERLAP_MS, SECRETS_MAX } from '../limits.ts';
import type { HeldSecret, Secret, SecretKey } from '../wire/secret.ts';
import { newSecretKey } from './system-random.ts';

/** What a ring of keys needs. */
export interface KeyringOptions {
  /** Newest first; never empty. */
  readonly held: readonly HeldSecret[];
  /** Returns when they are durable. */
  readonly save: (held: readonly HeldSecret[]) => void;
  /** Wall time in ms since 1970: nothing but the end of old keys depends on it. */
  readonly now: () => number;
}

/** The keys of one peer. */
export class Keyring {
  readonly #options: KeyringOptions;
  #held: readonly HeldSecret[];

  constructor(options: KeyringOptions) {
    this.#options = options;
    this.#held = options.held;
  }

  /** Those that count now, newest first. */
  get keys(): readonly SecretKey[] {
    return this.#counting().map(({ key }) => key);
  }

  get newest(): Secret {
    return this.#held[0]!;
  }

  /** When the last of the old ones retires, in wall time; `null`: there is none. */
  get retiresAt(): number | null {
    const times = this.#counting().map(({ retiresAt }) => retiresAt ?? 0);
    return times.length > 1 ? Math.max(...times) : null;
  }

  /** Makes the next generation. */
  rotate(): Secret {
    const { generation } = this.newest;
    const secret = { generation: generation + 1, key: newSecretKey() };
    this.learn(secret);
    return secret;
  }

  /** Takes in what another member has; false when it is nothing new. */
  learn(secret: Secret): boolean {
    if (this.#held.some(({ key }) => key === secret.key)) return false;
    const retiresAt = this.#options.now() + SECRET_OVERLAP_MS;
    if (isNewer(secret, this.newest)) {
      const old = this.#counting().map((held) => ({
        ...held,
        retiresAt: Math.min(held.retiresAt ?? retiresAt, retiresAt),
      }));
      this.#keep([{ ...secret, retiresAt: null }, ...old]);
      return true;
    }
    // Made at the same moment as a newer one: whoever has it must still find the door open.
    if (secret.generation < this.newest.generation) return false;
    this.#keep([this.#held[0]!, { ...secret, retiresAt }, ...this.#counting().slice(1)]);
    return true;
  }

  /** Nobody needs the old ones any more. */
  retire(): void {
    if (this.#held.length > 1) this.#keep([this.#held[0]!]);
  }

  #counting(): readonly HeldSecret[] {
    const now = this.#options.now();
    return this.#held.filter(({ retiresAt }) => retiresAt === null || now < retiresAt);
  }

  #keep(held: readonly HeldSecret[]): void {
    const kept = held.slice(0, SECRETS_MAX);
    this.#options.save(kept);
    this.#held = kept;
  }
}

/** Whether the first is to replace the second. */
export function isNewer(a: Secret, b: Secret): boolean {
  return a.generation !== b.generation ? a.generation > b.generation : a.key > b.key;
}
