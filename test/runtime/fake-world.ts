/**
 * Tiny fakes of the driver's ports: they write down what was done, in one list, and do what the
 * test says next. A scripted core answers each event with the effects that the test gives it.
 */
import type { Effect, Event } from '../../src/core/event.ts';
import type { Message } from '../../src/core/message.ts';
import type { ClusterId, ConnectionId, Instant, Now, PeerId } from '../../src/core/types.ts';
import type { ElockError } from '../../src/errors.ts';
import { Driver } from '../../src/runtime/driver.ts';
import type { TransportListener } from '../../src/runtime/ports.ts';
import { LENGTH_BYTES } from '../../src/wire/byte-writer.ts';
import { decodeFrame, FrameWriter } from '../../src/wire/codec.ts';
import { FrameSplitter } from '../../src/wire/frame-splitter.ts';

export const SELF = 'peer-a' as PeerId;
export const OTHER = 'peer-b' as PeerId;
export const THIRD = 'peer-c' as PeerId;
export const CLUSTER = 'c'.repeat(64) as ClusterId;
export const CLIENT = 1 as ConnectionId;

/** A voter's word, held back until earlier writes are durable. */
export function durableSend(to: PeerId, request: number): Effect {
  return { ...promptSend(to, request), durable: true } as Effect;
}

/** A word that is not held back. */
export function promptSend(to: PeerId, request: number): Effect {
  const message: Message = { kind: 'accepted', request };
  return { kind: 'send', to, epoch: 1, counter: request, message, durable: false };
}

/** A word that may wait for the next to that peer. */
export function patientSend(to: PeerId, request: number): Effect {
  return { ...promptSend(to, request), patient: true } as Effect;
}

/** A write of nothing: what matters is when it is durable. */
export const PERSIST: Effect = { kind: 'persist', changes: [] };

/** A driver among fakes, and the list of what it did. */
export class FakeWorld {
  readonly done: string[] = [];
  readonly fatal: ElockError[] = [];
  readonly events: Event[] = [];
  readonly script: Effect[][] = [];
  readonly writes: ((error: Error | null) => void)[] = [];
  readonly #turns: (() => void)[] = [];
  #ring: (() => void) | null = null;
  listener!: TransportListener;
  time = 0;
  deadline: Instant = Number.POSITIVE_INFINITY;
  readonly driver: Driver;

  constructor() {
    const world = this;
    this.driver = new Driver({
      peer: {
        get deadline() {
          return world.deadline;
        },
        step: (event) => this.#step(event),
      },
      self: SELF,
      cluster: CLUSTER,
      clock: {
        now: (): Now => ({ home: this.time, voter: this.time }),
        alarm: (at, ring) => {
          this.done.push(`alarm ${at}`);
          this.#ring = ring;
        },
        endOfTurn: (call) => this.#turns.push(call),
        stop: () => this.done.push('clock stopped'),
      },
      store: {
        write: (_changes, written) => {
          this.done.push('write');
          this.writes.push(written);
        },
      },
      transport: {
        listen: (listener) => {
          this.listener = listener;
        },
        send: (peer, frames) => this.done.push(`${peer} ← ${requestsOf(frames).join(' ')}`),
        disconnect: (peer, reason, cause) => {
          this.done.push(`disconnect ${peer}: ${reason}, ${cause}`);
        },
      },
      clients: {
        respond: (connection, response) => this.done.push(`respond ${connection} ${response.kind}`),
        tell: (connection, lock, response) =>
          this.done.push(`tell ${connection} ${lock} ${response.kind}`),
        lost: (connection, locks) => this.done.push(`lost ${connection} ${locks.length}`),
        close: (connection) => this.done.push(`close ${connection}`),
      },
      logger: { log: (level, message) => this.done.push(`${level}: ${message}`) },
      fatal: (error) => this.fatal.push(error),
      observer: (observation) => this.done.push(`observed ${observation.kind}`),
    });
    this.driver.start();
  }

  #step(event: Event): readonly Effect[] {
    this.events.push(event);
    return this.script.shift() ?? [];
  }

  /** Opens a channel and forgets that it did. */
  open(...peers: PeerId[]): this {
    for (const peer of peers) this.listener.opened(peer, 1);
    this.events.length = 0;
    return this;
  }

  /** Has the next event, a client's, answered with these effects; further scripts follow it. */
  act(...scripts: Effect[][]): void {
    this.script.push(...scripts);
    this.driver.command(CLIENT, { kind: 'ping' });
  }

  /** The oldest write that is under way ends. */
  written(error: Error | null = null): void {
    this.writes.shift()!(error);
  }

  endTurn(): void {
    for (const call of this.#turns.splice(0)) call();
  }

  ring(): void {
    this.#ring!();
  }

  /** What was done since the last call. */
  take(): string[] {
    return this.done.splice(0);
  }

  /** The requests of the messages that this peer heard, from itself or others. */
  heard(): number[] {
    return this.events.flatMap((event) =>
      event.kind === 'message' && event.message.kind === 'accepted' ? [event.message.request] : [],
    );
  }
}

/** A frame of such messages, as the transport gives it to the driver. */
export function frameOf(...requests: number[]): Uint8Array {
  const writer = new FrameWriter(CLUSTER);
  for (const request of requests) writer.add(1, 7, { kind: 'accepted', request });
  return writer.take().subarray(LENGTH_BYTES);
}

function requestsOf(bytes: Uint8Array): number[] {
  const split = new FrameSplitter().push(bytes);
  if (!split.ok) throw new Error(split.reason);
  return split.frames.flatMap((frame) => {
    const decoded = decodeFrame(frame, CLUSTER);
    if (!decoded.ok) throw new Error(decoded.reason);
    return decoded.messages.map(({ message }) => ('request' in message ? message.request : -1));
  });
}
