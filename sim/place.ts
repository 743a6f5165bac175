/**
 * A machine's place in the network: who lives there, and which channels it believes to have.
 */
import type { TransportListener } from '../src/runtime/ports.ts';
import type { Channel, ChannelEnd } from './channel.ts';

/** The present life of a machine's peer, as the network knows it. */
export interface Life extends ChannelEnd {
  listener: TransportListener | null;
}

/** One machine's place in the network. */
export interface Place {
  readonly machine: number;
  life: Life | null;
  /** It lost its power: nobody there answers that a process is over. */
  dark: boolean;
  /** By machine number: the channel that stands, as this end sees it. */
  readonly standing: (Channel | null)[];
}

/** Nobody lives there yet. */
export function emptyPlace(machine: number, machines: number): Place {
  const standing = new Array<Channel | null>(machines).fill(null);
  return { machine, life: null, dark: false, standing };
}
