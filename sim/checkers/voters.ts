/**
 * Who votes in which epoch: what every checker that counts votes goes by.
 *
 * Owns the configurations that were chosen, by epoch. An epoch that is not among them was never
 * agreed on, and nobody may take part in it (rule 18).
 */
import { quorumOf } from '../../src/core/quorum.ts';
import type { Configuration, Epoch, PeerId } from '../../src/core/types.ts';

/** The configurations of one world. */
export class Voters {
  readonly #configurations = new Map<Epoch, Configuration>();
  /** The one of the highest epoch that was chosen. */
  latest: Configuration;

  constructor(first: Configuration) {
    this.latest = first;
    this.#configurations.set(first.epoch, first);
  }

  /** The configuration of an epoch; `null`: none was chosen. */
  of(epoch: Epoch): Configuration | null {
    return this.#configurations.get(epoch) ?? null;
  }

  /** A configuration is chosen: from now on its epoch may begin. */
  chosen(configuration: Configuration): void {
    this.#configurations.set(configuration.epoch, configuration);
    if (configuration.epoch > this.latest.epoch) this.latest = configuration;
  }

  /** How many votes of that epoch choose; infinite: there is no such epoch. */
  quorum(epoch: Epoch): number {
    const configuration = this.of(epoch);
    return configuration === null
      ? Number.POSITIVE_INFINITY
      : quorumOf(configuration.voters.length);
  }

  /** The place of a peer among the voters of an epoch; -1: it has no vote there. */
  indexIn(epoch: Epoch, peer: PeerId): number {
    return this.of(epoch)?.voters.indexOf(peer) ?? -1;
  }
}
