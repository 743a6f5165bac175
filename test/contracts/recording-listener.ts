/** A transport's listener that keeps what it heard, and lets a test wait for it. */
import type { Incarnation, Nonce, PeerId } from '../../src/core/types.ts';
import type { TransportListener } from '../../src/runtime/ports.ts';

/** One thing that a listener heard. */
export type Heard =
  | { readonly kind: 'opened'; readonly peer: PeerId; readonly incarnation: Incarnation }
  | { readonly kind: 'closed'; readonly peer: PeerId }
  | { readonly kind: 'frame'; readonly peer: PeerId; readonly text: string };

interface Waiter {
  readonly condition: () => boolean;
  readonly resolve: () => void;
}

/** Everything heard, in order. */
export class RecordingListener implements TransportListener {
  readonly heard: Heard[] = [];
  /** Peers whose channel was only said to be there once something is to be said. */
  readonly asleep: PeerId[] = [];
  /** Called with each thing, when it is heard. */
  react: (heard: Heard) => void = () => {};
  #waiters: Waiter[] = [];

  opened(peer: PeerId, incarnation: Incarnation, _?: Nonce, asleep = false): void {
    if (asleep) this.asleep.push(peer);
    this.#hear({ kind: 'opened', peer, incarnation });
  }

  closed(peer: PeerId): void {
    this.#hear({ kind: 'closed', peer });
  }

  frame(peer: PeerId, frame: Uint8Array): void {
    this.#hear({ kind: 'frame', peer, text: Buffer.from(frame).toString('latin1') });
  }

  /** Resolves once `condition` holds; it is looked at whenever something is heard. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ condition, resolve }));
  }

  /** The frames from one peer, as text. */
  framesFrom(peer: PeerId): string[] {
    return this.heard.flatMap((h) => (h.kind === 'frame' && h.peer === peer ? [h.text] : []));
  }

  /** How often channels to that peer opened, or closed. */
  count(kind: 'opened' | 'closed', peer: PeerId): number {
    return this.heard.filter((heard) => heard.kind === kind && heard.peer === peer).length;
  }

  #hear(heard: Heard): void {
    this.heard.push(heard);
    this.react(heard);
    const waiters = this.#waiters;
    this.#waiters = waiters.filter(({ condition }) => !condition());
    for (const waiter of waiters) if (!this.#waiters.includes(waiter)) waiter.resolve();
  }
}

/** A body that no transport takes for one of its own, framed as the port wants it. */
export function framed(...texts: readonly string[]): Uint8Array {
  const frames = texts.map((text) => {
    const body = Buffer.from(text, 'latin1');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, body]);
  });
  return Buffer.concat(frames);
}
