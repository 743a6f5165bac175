/**
 * How a new secret reaches every member: over the channels that the old one let in.
 *
 *     on a new channel, to all when there is a newer one,
 *     and to whoever says that it has a newer one ─────────── secret-held (generation, mark) ──▶
 *     to whoever says that it has an older one ────────────── secret (generation, key) ────────▶
 *
 * Owns who is known to have the newest. When all known members have it, the old ones are retired;
 * until then, or until their time is over, they open the door for whoever was away. A mark tells
 * two keys of one generation apart, and says nothing about the key.
 */
import { createHash } from 'node:crypto';
import type { PeerId } from '../core/types.ts';
import type { Logger } from '../runtime/ports.ts';
import type { AboutSecrets, SecretFrame, SecretHeldFrame } from '../wire/control-codec.ts';
import type { Secret } from '../wire/secret.ts';
import { isNewer, type Keyring } from './keyring.ts';

const MARK_DIGITS = 16;

/** What the spreading of secrets needs. */
export interface SecretSpreadOptions {
  readonly keyring: Keyring;
  /** All members that are known, this peer left out, reachable or not. */
  readonly members: () => Iterable<PeerId>;
  /** Dropped where there is no channel. */
  readonly say: (peer: PeerId, frame: AboutSecrets) => void;
  readonly logger: Logger;
}

/** The part of one peer in it. */
export class SecretSpread {
  readonly #options: SecretSpreadOptions;
  /** What each peer said last that it has. */
  readonly #held = new Map<PeerId, string>();
  readonly #waiting = new Set<() => void>();

  constructor(options: SecretSpreadOptions) {
    this.#options = options;
  }

  /** Known members that have not said that they have the newest secret. */
  get missing(): readonly PeerId[] {
    const mark = markOf(this.#options.keyring.newest);
    return [...this.#options.members()].filter((peer) => this.#held.get(peer) !== mark);
  }

  /** Whether a member is to be asked, or told, before the old secret can be retired. */
  awaits(peer: PeerId): boolean {
    const { keyring } = this.#options;
    return keyring.retiresAt !== null && this.#held.get(peer) !== markOf(keyring.newest);
  }

  /** Makes the next generation, and hands it out to all that are reached. */
  rotate(): void {
    const { generation } = this.#options.keyring.rotate();
    this.#options.logger.log('info', 'the cluster has a new secret', { generation });
    this.#announce();
  }

  /** Resolves when no known member is without the newest any more, or `boundMs` have passed. */
  settled(boundMs: number): Promise<void> {
    if (this.missing.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, boundMs);
      this.#waiting.add(end);
    });
  }

  /** A channel stands. */
  opened(peer: PeerId): void {
    this.#options.say(peer, this.#own());
  }

  /** A member says something about it. */
  heard(peer: PeerId, frame: AboutSecrets): void {
    if (frame.kind === 'secret') this.#learn(peer, frame);
    else this.#compare(peer, frame);
  }

  #compare(peer: PeerId, { generation, mark }: SecretHeldFrame): void {
    this.#held.set(peer, mark);
    const { newest } = this.#options.keyring;
    const own = this.#own();
    // Of two keys of one generation neither knows which is newer from the mark: both are told.
    if (generation > newest.generation) this.#options.say(peer, own);
    else if (mark !== own.mark) this.#options.say(peer, { kind: 'secret', secret: newest });
    this.#retireIfSettled();
  }

  #learn(peer: PeerId, { secret }: SecretFrame): void {
    this.#held.set(peer, markOf(secret));
    const { keyring, logger } = this.#options;
    const before = keyring.newest;
    if (keyring.learn(secret) && keyring.newest !== before) {
      logger.log('info', 'got a new secret', { generation: secret.generation, from: peer });
      this.#announce();
    } else if (isNewer(keyring.newest, secret)) {
      this.#options.say(peer, { kind: 'secret', secret: keyring.newest });
    } else this.#options.say(peer, this.#own());
    this.#retireIfSettled();
  }

  #announce(): void {
    for (const peer of this.#options.members()) this.opened(peer);
    this.#retireIfSettled();
  }

  #own(): SecretHeldFrame {
    const { newest } = this.#options.keyring;
    return { kind: 'secret-held', generation: newest.generation, mark: markOf(newest) };
  }

  #retireIfSettled(): void {
    if (this.missing.length > 0) return;
    const { keyring, logger } = this.#options;
    if (keyring.retiresAt !== null) {
      keyring.retire();
      logger.log('info', 'all known members have the newest secret; the old is void', {
        generation: keyring.newest.generation,
      });
    }
    for (const end of [...this.#waiting]) end();
  }
}

function markOf({ key }: Secret): string {
  return createHash('sha256').update(`elock secret ${key}`).digest('hex').slice(0, MARK_DIGITS);
}
