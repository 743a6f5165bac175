/**
 * The search of a peer that was invited, and has never met its cluster.
 *
 * Asks at every address that it was given or that mDNS tells, again and again, until one peer
 * answers with a charter that belongs to the invite. Owns a libp2p node of its own, which does not
 * listen: nobody can mistake the newcomer for a member. What it found is stored by the caller.
 */
import type { Libp2p, PrivateKey } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import { SEARCH_ADDRESSES_MAX, SEARCH_LOG_MS } from '../limits.ts';
import type { Logger } from '../runtime/ports.ts';
import type { CharterFrame } from '../wire/control-codec.ts';
import type { SecretKey } from '../wire/secret.ts';
import { askForCharter } from './charter-exchange.ts';
import { createNode, DIAL_MS_MAX } from './libp2p-node.ts';
import { parsePeerAddress } from './peer-address.ts';
import { Redial } from './redial.ts';

/** What a search is made of. */
export interface ClusterSearchOptions {
  readonly privateKey: PrivateKey;
  /** How the cluster id begins. */
  readonly cluster: string;
  readonly keys: () => readonly SecretKey[];
  /** Where peers of the cluster may be. */
  readonly addresses: readonly string[];
  readonly mdns: boolean;
  /** Why an answer is not the one; `null`: it is. */
  readonly judge: (answer: CharterFrame) => string | null;
  readonly logger: Logger;
}

/** How a search stands. */
export interface SearchStatus {
  readonly addresses: readonly string[];
  /** What came of the latest attempt; `null`: none has ended. */
  readonly latest: string | null;
}

/** One search, from its start until the cluster is found. */
export class ClusterSearch {
  readonly #options: ClusterSearchOptions;
  readonly #attempts = new Map<string, Redial>();
  readonly #found: Promise<CharterFrame>;
  #resolve!: (answer: CharterFrame) => void;
  #node: Libp2p | null = null;
  #latest: string | null = null;

  constructor(options: ClusterSearchOptions) {
    this.#options = options;
    this.#found = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get status(): SearchStatus {
    return { addresses: [...this.#attempts.keys()], latest: this.#latest };
  }

  /** Looks for the cluster for as long as it takes; says so in the log. */
  async find(): Promise<CharterFrame> {
    const { addresses, logger } = this.#options;
    this.#node = await this.#createNode();
    await this.#node.start();
    for (const address of addresses) this.#ask(address);
    this.#log();
    const logging = setInterval(() => this.#log(), SEARCH_LOG_MS);
    const answer = await this.#found;
    clearInterval(logging);
    for (const attempt of this.#attempts.values()) attempt.stop();
    await this.#node.stop();
    logger.log('info', 'found the cluster', { cluster: answer.configuration.cluster });
    return answer;
  }

  #log(): void {
    const { addresses, latest } = this.status;
    const fields = { addresses: addresses.slice(0, 8), ...(latest === null ? {} : { latest }) };
    this.#options.logger.log('warn', 'looking for the cluster', fields);
  }

  #createNode(): Promise<Libp2p> {
    const { privateKey, cluster, keys, mdns } = this.#options;
    return createNode({
      ...{ privateKey, cluster, mdns, listen: [] },
      privateNetwork: { keys, refused: () => {}, answered: () => {} },
      discovered: (peer, found) => {
        for (const text of found) {
          const address = parsePeerAddress(text)?.address;
          if (address !== undefined) this.#ask(`${address}/p2p/${peer}`);
        }
      },
    });
  }

  #ask(address: string): void {
    if (this.#attempts.has(address) || this.#attempts.size >= SEARCH_ADDRESSES_MAX) return;
    const attempt = new Redial(() => this.#attempt(address));
    this.#attempts.set(address, attempt);
    attempt.hurry();
  }

  async #attempt(address: string): Promise<void> {
    try {
      const answer = await askForCharter(this.#node!, multiaddr(address), DIAL_MS_MAX);
      const fault = this.#options.judge(answer);
      if (fault === null) this.#resolve(answer);
      else this.#note(address, fault);
    } catch (error) {
      this.#note(address, (error as Error).message);
    }
  }

  #note(address: string, reason: string): void {
    this.#latest = `${address}: ${reason}`;
    this.#options.logger.log('debug', 'no cluster there', { address, reason });
  }
}
