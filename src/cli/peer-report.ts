/**
 * What a peer that `elock dev` started tells it, over the channel between the two processes.
 */
import type { PeerId } from '../core/types.ts';

/** One message of a peer. */
export type PeerReport =
  /** It serves clients. */
  | {
      readonly kind: 'started';
      readonly id: PeerId;
      readonly port: number;
      readonly addresses: readonly string[];
    }
  /** It reaches a majority of the voters, or no longer. */
  | { readonly kind: 'quorum'; readonly has: boolean };
