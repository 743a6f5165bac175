/**
 * What waits in a channel of an explored world, and what it is called.
 *
 * Owns names only: a name stands for a letter's content, and is the same for the same content.
 */
import type { Incarnation, PeerId } from '../../src/core/types.ts';
import type { Send } from './local-peer.ts';

/** An item of a channel, in order with all others. */
export type Letter =
  /** All that one step said to one peer: production puts it into one frame, too. */
  | {
      readonly kind: 'frame';
      readonly name: string;
      readonly from: PeerId;
      readonly sends: readonly Send[];
    }
  | {
      readonly kind: 'opened';
      readonly name: string;
      readonly incarnation: Incarnation;
      /** Numbers all channels of a world. */
      readonly channel: number;
    }
  | { readonly kind: 'closed'; readonly name: string };

/** Whether it only says that a peer is there: a hello, heartbeats, and answers to them. */
export function isLease(letter: Letter): boolean {
  if (letter.kind !== 'frame') return letter.kind === 'opened';
  return letter.sends.every(({ message: { kind } }) => kind === 'heartbeat' || kind === 'alive');
}

/** For people. */
export function describeLetter(letter: Letter): string {
  if (letter.kind !== 'frame') return letter.kind;
  return letter.sends.map(({ message }) => message.kind).join(', ');
}
