/**
 * The loop: event → `Peer.step` → effects, in the order that `core/event.ts` lays down.
 *
 * Owns the only timer, the connection ids, what waits for the disk and what leaves at the end of
 * the turn. Knows no rule of the protocol, no socket and no disk: production and the simulator
 * drive the same core through it. A send belongs to the channel that stood when it was said: when
 * that channel goes, so does what was held for it, and no later channel carries it.
 */
import type { Command } from '../core/command.ts';
import type { MembershipChange } from '../core/configuration.ts';
import type { Change, Effect, Event, MembershipOutcome, Observation } from '../core/event.ts';
import { assertNever } from '../core/invariant.ts';
import type {
  ClusterId,
  Configuration,
  ConnectionId,
  Epoch,
  Instant,
  PeerId,
} from '../core/types.ts';
import { ElockError } from '../errors.ts';
import { HELD_SENDS_MAX } from '../limits.ts';
import { decodeFrame, FrameWriter } from '../wire/codec.ts';
import type { FarewellCause } from '../wire/control-codec.ts';
import { DurabilityGate } from './durability-gate.ts';
import { logObservation } from './observation-log.ts';
import type {
  ClientEvents,
  Clients,
  Clock,
  Logger,
  RegisterStore,
  StepMachine,
  Transport,
} from './ports.ts';

/** What a driver is made of. */
export interface DriverOptions {
  readonly peer: StepMachine;
  readonly self: PeerId;
  /** Frames of any other cluster are malformed (rule 19). */
  readonly cluster: ClusterId;
  readonly clock: Clock;
  readonly store: RegisterStore;
  readonly transport: Transport;
  readonly clients: Clients;
  readonly logger: Logger;
  /** Called once, when the peer must not go on; nothing is spoken or answered any more. */
  readonly fatal: (error: ElockError) => void;
  /** Hears of every epoch that begins here, and whose channels are refused from then on. */
  readonly configured?: (configuration: Configuration, refused: readonly PeerId[]) => void;
  /** Hears every observation of the core. */
  readonly observer?: (observation: Observation) => void;
}

type Send = Extract<Effect, { kind: 'send' }>;
type Opened = Extract<Event, { kind: 'channel-opened' }>;

/** A standing channel, and what leaves on it at the end of this turn. */
interface Channel {
  readonly peer: PeerId;
  readonly frames: FrameWriter;
  /** False once it has gone: nothing is said or heard on it any more. */
  stands: boolean;
  /** Whether its frames leave at the end of this turn; else they wait for the next. */
  speaks: boolean;
  /** Whose frames leave next at the end of this turn. */
  next: Channel | null;
}

/** A send that waits for the disk; `null`: to this peer itself. */
interface HeldSend {
  readonly channel: Channel | null;
  readonly send: Send;
}

const TICK: Event = { kind: 'tick' };

/** Drives one peer; single-threaded, never re-entered: what comes in meanwhile waits its turn. */
export class Driver implements ClientEvents {
  readonly #options: DriverOptions;
  readonly #peer: StepMachine;
  readonly #clock: Clock;
  readonly #self: PeerId;
  readonly #channels = new Map<PeerId, Channel>();
  readonly #gate = new DurabilityGate<HeldSend>();
  /** Events that came while another was handled, and messages to this peer itself. */
  #inbox: Event[] = [];
  /** Channels with frames for the end of this turn, the first and the last of a chain. */
  #speaking: Channel | null = null;
  #lastSpeaking: Channel | null = null;
  #connections = 0;
  /** Wishes to change the voters, and who is told what came of each. */
  #wishes = 0;
  readonly #wished = new Map<number, (outcome: MembershipOutcome) => void>();
  #alarmAt: Instant = Number.POSITIVE_INFINITY;
  #stepping = false;
  #stopped = false;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#peer = options.peer;
    this.#clock = options.clock;
    this.#self = options.self;
  }

  /** Listens to the transport and sets the first alarm; called once. */
  start(): void {
    this.#options.transport.listen({
      opened: (peer, incarnation, nonce = 0, asleep = false) =>
        this.#opened(peer, { incarnation, nonce, asleep }),
      closed: (peer) => this.#closed(peer),
      frame: (peer, frame) => this.#frame(peer, frame),
    });
    this.#setAlarm();
  }

  /** From now on nothing happens: no event is handled, nothing more is said or answered. */
  stop(): void {
    this.#stopped = true;
    this.#clock.stop();
  }

  /** Ends the peer for a cause of its own; the first one counts. */
  fail(error: ElockError): void {
    if (this.#stopped) return;
    this.stop();
    this.#options.fatal(error);
  }

  /** Somebody who runs this peer wants the voters changed; answered once, in bounded time. */
  reconfigure(change: MembershipChange, answer: (outcome: MembershipOutcome) => void): void {
    const request = ++this.#wishes;
    this.#wished.set(request, answer);
    this.#dispatch({ kind: 'reconfigure', request, change });
  }

  #reconfigured(request: number, outcome: MembershipOutcome): void {
    const answer = this.#wished.get(request);
    this.#wished.delete(request);
    answer?.(outcome);
  }

  /** A client has connected; the id is never used again. */
  connect(): ConnectionId {
    return ++this.#connections as ConnectionId;
  }

  /** A client asks; at most one command of a connection is under way. */
  command(connection: ConnectionId, command: Command): void {
    this.#dispatch({ kind: 'command', connection, command });
  }

  /** Bytes came on a connection that asked for `keepalive`. */
  input(connection: ConnectionId): void {
    this.#dispatch({ kind: 'input', connection });
  }

  /** The client shut its sending side. */
  inputEnded(connection: ConnectionId): void {
    this.#dispatch({ kind: 'input-ended', connection });
  }

  /** The connection is over; `broken`: by an error. */
  disconnected(connection: ConnectionId, broken: boolean): void {
    this.#dispatch({ kind: 'disconnected', connection, broken });
  }

  /** A peer with a channel is said to have a configuration of that epoch. */
  epochHeard(peer: PeerId, epoch: Epoch): void {
    this.#dispatch({ kind: 'epoch-heard', peer, epoch });
  }

  #dispatch(event: Event): void {
    if (this.#stopped) return;
    if (this.#stepping) {
      this.#keep(event);
      return;
    }
    this.#stepping = true;
    this.#step(event);
    this.#drain();
  }

  /** For when what is under way is handled. */
  #keep(event: Event): void {
    if (this.#inbox.length === 0) this.#inbox = [event];
    else this.#inbox.push(event);
  }

  /** Handles what waits; when the core crashed, `#stepping` stays set and nothing happens again. */
  #drain(): void {
    this.#stepping = true;
    for (let next = 0; next < this.#inbox.length && !this.#stopped; next++) {
      this.#step(this.#inbox[next]!);
    }
    if (this.#inbox.length > 0) this.#inbox = [];
    this.#stepping = false;
    if (!this.#stopped) this.#setAlarm();
  }

  #step(event: Event): void {
    for (const effect of this.#peer.step(event, this.#clock.now())) {
      if (this.#stopped) return;
      this.#perform(effect);
    }
  }

  #perform(effect: Effect): void {
    const { clients } = this.#options;
    switch (effect.kind) {
      case 'send':
        this.#send(effect);
        break;
      case 'persist':
        this.#persist(effect.changes);
        break;
      case 'respond':
        clients.respond(effect.connection, effect.response);
        break;
      case 'tell':
        clients.tell(effect.connection, effect.lock, effect.response);
        return;
      case 'lost':
        clients.lost(effect.connection, effect.locks);
        break;
      case 'close':
        clients.close(effect.connection);
        break;
      case 'disconnect':
        this.#disconnect(effect.peer, effect.reason, effect.cause);
        break;
      case 'configured':
        this.#options.configured?.(effect.configuration, effect.refused);
        break;
      case 'reconfigured':
        this.#reconfigured(effect.request, effect.outcome);
        break;
      case 'observe':
        this.#observe(effect.observation);
        break;
      default:
        assertNever(effect);
    }
  }

  #observe(observation: Observation): void {
    logObservation(this.#options.logger, observation);
    this.#options.observer?.(observation);
  }

  // Speaking

  #send(send: Send): void {
    const channel = send.to === this.#self ? null : this.#channels.get(send.to);
    if (channel === undefined) return;
    if (!send.durable || this.#gate.open) this.#speak(channel, send);
    else this.#hold(channel, send);
  }

  #hold(channel: Channel | null, send: Send): void {
    if (channel !== null && this.#gate.size >= HELD_SENDS_MAX) {
      this.#disconnect(channel.peer, 'too many answers wait for the disk');
      return;
    }
    this.#gate.hold({ channel, send });
  }

  #speak(channel: Channel | null, send: Send): void {
    if (channel === null) {
      const { epoch, counter, message } = send;
      this.#keep({ kind: 'message', from: this.#self, epoch, counter, message });
      return;
    }
    if (!channel.speaks && send.patient !== true) this.#willSpeak(channel);
    channel.frames.add(send.epoch, send.counter, send.message);
  }

  #willSpeak(channel: Channel): void {
    channel.speaks = true;
    if (this.#lastSpeaking !== null) this.#lastSpeaking.next = channel;
    else {
      this.#speaking = channel;
      this.#clock.endOfTurn(this.#flush);
    }
    this.#lastSpeaking = channel;
  }

  readonly #flush = (): void => {
    let channel = this.#speaking;
    this.#speaking = null;
    this.#lastSpeaking = null;
    while (channel !== null && !this.#stopped) {
      const { peer, frames, stands, next } = channel;
      channel.next = null;
      channel.speaks = false;
      if (stands) this.#options.transport.send(peer, frames.take());
      channel = next;
    }
  };

  #persist(changes: readonly Change[]): void {
    this.#gate.submit();
    this.#options.store.write(changes, this.#written);
  }

  readonly #written = (error: Error | null): void => {
    if (this.#stopped || this.#stepping) return;
    if (error !== null) return this.#failToStore(error);
    this.#gate.confirm(this.#pass);
    this.#drain();
  };

  readonly #pass = ({ channel, send }: HeldSend): void => this.#speak(channel, send);

  #failToStore(cause: Error): void {
    const message = `the store failed, and this peer must not vote on: ${cause.message}`;
    this.fail(new ElockError('storeFailed', message, { cause }));
  }

  // Hearing

  #opened(peer: PeerId, life: Omit<Opened, 'kind' | 'peer'>): void {
    this.#forget(peer);
    const frames = new FrameWriter(this.#options.cluster);
    this.#channels.set(peer, { peer, frames, stands: true, speaks: false, next: null });
    this.#dispatch({ kind: 'channel-opened', peer, ...life });
  }

  #closed(peer: PeerId): void {
    if (this.#forget(peer)) this.#dispatch({ kind: 'channel-closed', peer });
  }

  #frame(peer: PeerId, frame: Uint8Array): void {
    const channel = this.#channels.get(peer);
    if (channel === undefined || this.#stopped) return;
    const decoded = decodeFrame(frame, this.#options.cluster);
    if (!decoded.ok) {
      this.#disconnect(peer, `malformed frame: ${decoded.reason}`);
      return;
    }
    for (const { epoch, counter, message } of decoded.messages) {
      if (!channel.stands) return;
      this.#dispatch({ kind: 'message', from: peer, epoch, counter, message });
    }
  }

  /** Closes a channel from this side; for the core it is closed at once. */
  #disconnect(peer: PeerId, reason: string, cause: FarewellCause = 'any'): void {
    this.#options.logger.log('warn', 'channel closed', { peer, reason });
    this.#options.transport.disconnect(peer, reason, cause);
    this.#closed(peer);
  }

  /** Drops a channel with all that was to leave on it; false when there was none. */
  #forget(peer: PeerId): boolean {
    const channel = this.#channels.get(peer);
    if (channel === undefined) return false;
    channel.stands = false;
    this.#channels.delete(peer);
    if (this.#gate.size > 0) this.#gate.retain((held) => held.channel !== channel);
    return true;
  }

  // Time

  /** Rings early when the deadline has moved later: that is cheaper than moving the alarm. */
  #setAlarm(): void {
    const deadline = this.#peer.deadline;
    if (deadline >= this.#alarmAt) return;
    this.#alarmAt = deadline;
    this.#clock.alarm(deadline, this.#ring);
  }

  readonly #ring = (): void => {
    if (this.#stopped) return;
    this.#alarmAt = Number.POSITIVE_INFINITY;
    if (this.#clock.now().home >= this.#peer.deadline) this.#dispatch(TICK);
    else this.#setAlarm();
  };
}
