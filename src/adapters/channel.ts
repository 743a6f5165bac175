/**
 * One stream to one peer: hellos, frames in order, keep-alives, and its end.
 *
 *     greeting ──hello of the other, accepted──▶ open ──end, fault, silence, stream gone──▶ closed
 *        └─────────────────refused, fault, silence, stream gone───────────────────────────▶┘
 *
 * Owns the stream and what was read of it. Never says anything before both hellos are there, and
 * nothing after the end. Unsent bytes stay with the stream, which sends them as the other side
 * takes them; they are bounded here. The other side's id is that of its authenticated connection.
 */
import type { Connection, Stream } from '@libp2p/interface';
import { assertNever } from '../core/invariant.ts';
import type { Epoch, Incarnation, Nonce, PeerId } from '../core/types.ts';
import {
  FAREWELL_MS_MAX,
  GREETING_ROUNDS_MAX,
  IDLE_ROUNDS_MIN,
  QUIET_IDLE_ROUNDS_MAX,
  QUIET_ROUNDS_MAX,
  SILENCE_KEPT,
  SILENCES_GRANTED,
  SILENT_IDLE_ROUNDS_MAX,
  SILENT_ROUNDS_MAX,
  SILENT_SLOW_ROUNDS_MAX,
  SLEEPY_ROUNDS_MIN,
  UNSENT_BYTES_MAX,
} from '../limits.ts';
import {
  type AboutSecrets,
  type ControlFrame,
  decodeControlFrame,
  encodeControlFrame,
  type Farewell,
  type FarewellCause,
  type Hello,
  type Introduced,
  isControlFrame,
} from '../wire/control-codec.ts';
import { FrameSplitter } from '../wire/frame-splitter.ts';
import { spareWindowUpdates } from './fewer-writes.ts';
import { hearPlainly } from './lean-stream.ts';

/** Why a channel is ended. */
export interface ChannelEnd {
  readonly reason: string;
  /** Something was refused, by this side or the other: it is not to be tried again at once. */
  readonly fault: boolean;
  /** Neither side had anything to say: it comes back when one has. */
  readonly asleep?: true;
}

/** Why a hello is refused, and what that asks of the other side. */
export type Refusal = Pick<Farewell, 'cause' | 'reason'>;

/** Whose channel it is, and who hears of it. */
export interface ChannelOwner {
  /** What to say of this side; the channel adds its number. */
  introduce(): Omit<Hello, 'kind' | 'channel'>;
  /** Judges the other side's hello; `null`: accepted, else why it is refused. */
  judge(channel: Channel, hello: Hello): Refusal | null;
  opened(channel: Channel): void;
  frame(channel: Channel, frame: Uint8Array): void;
  /** What the other side knows of the cluster. */
  introduced(channel: Channel, known: readonly Introduced[]): void;
  aboutSecrets(channel: Channel, frame: AboutSecrets): void;
  /** The other side says that this peer was removed from the cluster. */
  shutOut(channel: Channel): void;
  /** The other side remembers a later start of this peer. */
  outdated(channel: Channel): void;
  /** Nothing was heard for too long; after `closed`. */
  abandoned(channel: Channel, reason: string): void;
  /** Whether a voter is at either end: then silence is noticed soon. */
  isUrgent(channel: Channel): boolean;
  /** Once; nothing is heard of the channel any more. */
  closed(channel: Channel, end: ChannelEnd, wasOpen: boolean): void;
}

/** What a channel is made of. */
export interface ChannelOptions {
  readonly peer: PeerId;
  readonly connection: Connection;
  readonly stream: Stream;
  /** For a channel opened from this side: its number. */
  readonly number: number | null;
  readonly owner: ChannelOwner;
}

const KEEP_ALIVE = encodeControlFrame({ kind: 'keep-alive' });

/** A stream between two peers, from the hellos to the end. */
export class Channel {
  readonly peer: PeerId;
  readonly connection: Connection;
  /** Whether this side opened it. */
  readonly isOpener: boolean;
  readonly #stream: Stream;
  readonly #owner: ChannelOwner;
  readonly #splitter = new FrameSplitter();
  #number: number;
  #incarnation: Incarnation = 0;
  #nonce: Nonce = 0;
  #epoch: Epoch = 0;
  #state: 'greeting' | 'open' | 'closed' = 'greeting';
  /** Rounds since anything was heard, and since anything was said. */
  #silentRounds = 0;
  #quietRounds = 0;
  /** The longest silence that was broken, in rounds; it is forgotten by and by. */
  #slowness = 0;
  /** Rounds since the last message, either way. */
  #idleRounds = 0;
  #age = 0;
  #lastWords: Promise<void> = Promise.resolve();

  constructor(options: ChannelOptions) {
    this.peer = options.peer;
    this.connection = options.connection;
    this.isOpener = options.number !== null;
    this.#stream = options.stream;
    this.#owner = options.owner;
    this.#number = options.number ?? 0;
  }

  /** Resolves, in bounded time, once what this side said last has left. */
  get lastWords(): Promise<void> {
    return this.#lastWords;
  }

  /** Whether both hellos were exchanged, and the channel has not ended. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Rises with each channel of this pair and opener's incarnation; 0: not known yet. */
  get number(): number {
    return this.#number;
  }

  /** Of the other side; 0: not known yet. */
  get incarnation(): Incarnation {
    return this.#incarnation;
  }

  get nonce(): Nonce {
    return this.#nonce;
  }

  /** Of the other side when it said hello; 0: not known yet. */
  get epoch(): Epoch {
    return this.#epoch;
  }

  /** In rounds, from its beginning. */
  get age(): number {
    return this.#age;
  }

  get #silentRoundsMax(): number {
    if (!this.#owner.isUrgent(this)) return SILENT_IDLE_ROUNDS_MAX;
    if (this.#state === 'greeting') return GREETING_ROUNDS_MAX;
    if (this.#isIdle) return SILENT_IDLE_ROUNDS_MAX;
    const granted = Math.min(SILENCES_GRANTED * this.#slowness, SILENT_SLOW_ROUNDS_MAX);
    return Math.max(granted, SILENT_ROUNDS_MAX);
  }

  get #isIdle(): boolean {
    return this.#idleRounds >= IDLE_ROUNDS_MIN;
  }

  /** Whether it may end for want of anything to say; one side decides, the other agrees. */
  get isSleepy(): boolean {
    return this.isOpen && this.isOpener && this.#idleRounds >= SLEEPY_ROUNDS_MIN;
  }

  /** Ends for that reason. */
  sleep(): void {
    this.end({ reason: 'nothing to say', fault: false, asleep: true }, 'asleep');
  }

  /** Begins to read and, as the opener, to speak. */
  start(): void {
    const stream = hearPlainly(this.#stream);
    spareWindowUpdates(stream);
    stream.addEventListener('message', (event) => this.#read(event.data.subarray()));
    stream.addEventListener('remoteCloseWrite', () => this.#gone('ended by the other side'));
    stream.addEventListener('close', (event) => {
      this.#gone(event.error?.message ?? 'ended by the other side');
    });
    if (stream.status !== 'open') this.#gone('ended at once');
    else if (this.isOpener) this.#greet();
  }

  /** Sends whole frames; dropped when the channel is not open. */
  send(frames: Uint8Array): void {
    if (this.#isIdle) this.#silentRounds = 0;
    this.#idleRounds = 0;
    if (this.#state === 'open') this.#write(frames);
  }

  /** Tells the other side of all peers that this one knows. */
  tell(known: readonly Introduced[]): void {
    if (this.#state === 'open') this.#write(encodeControlFrame({ kind: 'introduction', known }));
  }

  /** Tells the other side about the secret of the cluster. */
  tellAboutSecrets(frame: AboutSecrets): void {
    this.send(encodeControlFrame(frame));
  }

  /** Ends the channel, and says why to the other side. */
  end(end: ChannelEnd, cause: FarewellCause = 'any'): void {
    if (this.#state === 'closed') return;
    this.#write(encodeControlFrame({ kind: 'farewell', cause, reason: end.reason }));
    if (!this.#close(end)) return;
    const stream = this.#stream;
    const signal = AbortSignal.timeout(FAREWELL_MS_MAX);
    this.#lastWords = stream
      .close({ signal })
      .then(() => endOf(stream, signal))
      .catch(() => {})
      .then(() => stream.abort(new Error(end.reason)))
      // A reset cannot be sent where the connection has gone meanwhile.
      .catch(() => {});
  }

  /** Ends the channel without a word to anybody: a newer one takes its place. */
  supersede(): void {
    this.#state = 'closed';
    this.#stream.abort(new Error('superseded by a newer channel'));
  }

  /**
   * One round has passed: counts silence, and breaks it.
   *
   * Rounds are counted, not time: when this process was late itself, the rounds were late too, and
   * what the other side had sent meanwhile is heard before the next one. An idle channel is allowed
   * a longer silence, by both sides alike: what makes it busy for one does so for the other. So is
   * whoever spoke again after a long one: its machine is busy, and meeting anew is more work yet.
   *
   * @param weight - what this round counts for as silence
   */
  round(weight = 1): void {
    if (this.#state === 'closed') return;
    this.#age += 1;
    this.#slowness *= SILENCE_KEPT;
    this.#silentRounds += weight;
    this.#idleRounds += 1;
    const isIdle = this.#isIdle;
    const silentMax = this.#silentRoundsMax;
    const quietMax = isIdle ? QUIET_IDLE_ROUNDS_MAX : QUIET_ROUNDS_MAX;
    if (this.#silentRounds > silentMax) this.#abandon();
    else if (++this.#quietRounds >= quietMax) this.#keepAlive();
  }

  // Speaking

  #keepAlive(): void {
    if (this.#state === 'open') this.#write(KEEP_ALIVE);
  }

  #greet(): void {
    const introduction = this.#owner.introduce();
    this.#write(encodeControlFrame({ kind: 'hello', ...introduction, channel: this.#number }));
  }

  #write(bytes: Uint8Array): void {
    this.#quietRounds = 0;
    if (this.#stream.writeBufferLength + bytes.length > UNSENT_BYTES_MAX) {
      this.#gone(`more than ${UNSENT_BYTES_MAX} bytes unsent`);
      return;
    }
    try {
      this.#stream.send(bytes);
    } catch (error) {
      this.#gone((error as Error).message);
    }
  }

  // Hearing

  #read(bytes: Uint8Array): void {
    if (this.#state === 'closed') return;
    if (!this.#isIdle) this.#slowness = Math.max(this.#slowness, this.#silentRounds);
    this.#silentRounds = 0;
    const split = this.#splitter.push(bytes);
    if (!split.ok) {
      this.end({ reason: split.reason, fault: true });
      return;
    }
    for (const frame of split.frames) {
      this.#hear(frame);
      if (this.#hasEnded()) return;
    }
  }

  /** Its own method, since hearing a frame may end the channel behind the compiler's back. */
  #hasEnded(): boolean {
    return this.#state === 'closed';
  }

  #hear(frame: Uint8Array): void {
    if (isControlFrame(frame)) {
      const decoded = decodeControlFrame(frame);
      if (decoded.ok) this.#obey(decoded.frame);
      else this.end({ reason: decoded.reason, fault: true });
    } else if (this.#state === 'open') {
      this.#idleRounds = 0;
      this.#owner.frame(this, frame);
    } else {
      this.end({ reason: 'frame before any hello', fault: true });
    }
  }

  #obey(frame: ControlFrame): void {
    switch (frame.kind) {
      case 'hello':
        this.#meet(frame);
        return;
      case 'introduction':
        if (this.#state === 'open') this.#owner.introduced(this, frame.known);
        return;
      case 'keep-alive':
        return;
      case 'farewell':
        this.#takeFarewell(frame);
        return;
      case 'secret':
      case 'secret-held':
        if (this.#state === 'open') this.#owner.aboutSecrets(this, frame);
        return;
      case 'charter':
        this.end({ reason: 'a charter that nobody asked for', fault: true });
        return;
      default:
        assertNever(frame);
    }
  }

  #meet(hello: Hello): void {
    if (this.#state !== 'greeting') {
      this.end({ reason: 'more than one hello', fault: true });
      return;
    }
    const refusal = this.#owner.judge(this, hello);
    if (refusal !== null) {
      this.end({ reason: refusal.reason, fault: true }, refusal.cause);
      return;
    }
    this.#number = hello.channel;
    this.#incarnation = hello.incarnation;
    this.#nonce = hello.nonce;
    this.#epoch = hello.epoch;
    if (!this.isOpener) this.#greet();
    if (this.#hasEnded()) return;
    this.#state = 'open';
    this.#owner.opened(this);
  }

  /** Said before the channel was open, it is a refusal; what was said lately may not be heard. */
  #takeFarewell({ cause, reason }: Farewell): void {
    const fault = this.#state === 'greeting';
    const sleeps = cause === 'asleep' && this.isOpen && this.#isIdle;
    const end = { reason: `the other side says: ${reason}`, fault };
    if (this.#close(sleeps ? { ...end, asleep: true } : end)) {
      this.#stream.abort(new Error(reason));
    }
    if (cause === 'stale-incarnation') this.#owner.outdated(this);
    if (cause === 'removed') this.#owner.shutOut(this);
  }

  // Ending

  #abandon(): void {
    const reason = 'nothing was heard for too long';
    if (this.#close({ reason, fault: false })) this.#owner.abandoned(this, reason);
  }

  #gone(reason: string): void {
    if (this.#close({ reason, fault: false })) this.#stream.abort(new Error(reason));
  }

  /** False when the channel had ended before. */
  #close(end: ChannelEnd): boolean {
    if (this.#state === 'closed') return false;
    const wasOpen = this.#state === 'open';
    this.#state = 'closed';
    this.#owner.closed(this, end, wasOpen);
    return true;
  }
}

/** Resolves when the other side ends a stream, too: a reset before that overtakes last words. */
function endOf(stream: Stream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const options = { once: true };
    stream.addEventListener('close', () => resolve(), options);
    stream.addEventListener('remoteCloseWrite', () => resolve(), options);
    signal.addEventListener('abort', () => resolve(), options);
  });
}
