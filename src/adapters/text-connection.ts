/**
 * One client's socket: bytes in and out of a conversation, and how it ends.
 *
 * Owns the socket and its timers. Joins the answers of one turn of the loop into one write. Knows
 * neither lines nor commands: those are the conversation's. Reports its end exactly once, when the
 * socket is closed for good.
 */
import type { Socket } from 'node:net';
import type { Command } from '../core/command.ts';
import type { ConnectionId } from '../core/types.ts';
import { CLOSING_MS_MAX, CONFIRM_PROBE_MS, CONFIRM_PROBES_MAX } from '../limits.ts';
import type { ClientEvents } from '../runtime/ports.ts';
import { Conversation, type ConversationOwner, type Ending } from '../text/conversation.ts';
import type { PeerDirectory } from '../text/format.ts';
import { ConnectionWarden, type WardenOptions } from './connection-warden.ts';

/** What a connection is made of. */
export interface TextConnectionOptions {
  /** Carries the lines; with `allowHalfOpen`. */
  readonly lines: Socket;
  /** Below that, if it is encrypted; otherwise the same. */
  readonly raw: Socket;
  readonly events: ClientEvents;
  readonly directory: PeerDirectory;
  readonly warden: WardenOptions;
}

/** A conversation over a socket. */
export class TextConnection implements ConversationOwner {
  readonly id: ConnectionId;
  readonly directory: PeerDirectory;
  readonly conversation: Conversation;
  readonly #socket: Socket;
  readonly #raw: Socket;
  readonly #warden: ConnectionWarden;
  readonly #events: ClientEvents;
  /** Answers of this turn. */
  #unsent = '';
  #ending = false;
  /** What was last written may not have arrived. */
  #broken = false;
  #timer: NodeJS.Timeout | undefined;

  constructor({ lines: socket, raw, events, directory, warden }: TextConnectionOptions) {
    this.#socket = socket;
    this.#raw = raw;
    this.#events = events;
    this.directory = directory;
    this.#warden = new ConnectionWarden(warden, {
      allowed: () => this.conversation.allowed(),
      admissionOver: () => this.conversation.admissionOver(),
    });
    this.conversation = new Conversation(this, this.#warden);
    this.id = events.connect();
    socket.on('data', (chunk) => this.conversation.receive(chunk));
    socket.on('drain', () => this.conversation.outputDrained());
    socket.on('end', () => this.#inputEnded());
    socket.on('error', () => {
      this.#broken = true;
    });
    socket.on('close', () => this.#closed());
  }

  command(command: Command): void {
    this.#events.command(this.id, command);
  }

  input(): void {
    this.#events.input(this.id);
  }

  write(text: string): void {
    if (this.#unsent === '') process.nextTick(this.#send);
    this.#unsent += text;
  }

  unreadBytes(): number {
    return this.#unsent.length + this.#socket.writableLength;
  }

  pauseInput(): void {
    this.#socket.pause();
  }

  resumeInput(): void {
    this.#socket.resume();
  }

  end(ending: Ending): void {
    this.#ending = true;
    if (this.#socket.destroyed) return;
    this.#send();
    if (ending === 'confirm') this.#confirm(CONFIRM_PROBE_MS, CONFIRM_PROBES_MAX);
    else this.#shut();
  }

  /** By a reset, where there is one: the kernel, too, drops what the client does not read. */
  abort(): void {
    this.#ending = true;
    this.#broken = true;
    this.#unsent = '';
    if (this.#raw.remoteAddress === undefined) this.#socket.destroy();
    else this.#raw.resetAndDestroy();
  }

  /** Calls once the end of the connection has been reported. */
  onClosed(call: () => void): void {
    this.#socket.once('close', call);
  }

  readonly #send = (): void => {
    const text = this.#unsent;
    this.#unsent = '';
    if (text !== '' && this.#socket.writable) this.#socket.write(text, 'latin1');
  };

  #inputEnded(): void {
    if (this.#ending) return;
    this.#events.inputEnded(this.id);
    this.conversation.inputEnded();
  }

  /**
   * Writes nothing, now and then, before it shuts: a client that is gone resets the connection when
   * the grant reaches it, and a write is what hears of that once the input has ended.
   */
  #confirm(delayMs: number, probesLeft: number): void {
    if (probesLeft === 0) {
      this.#shut();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#socket.write('');
      this.#confirm(2 * delayMs, probesLeft - 1);
    }, delayMs);
  }

  #shut(): void {
    this.#socket.end();
    this.#timer = setTimeout(() => this.abort(), CLOSING_MS_MAX);
  }

  #closed(): void {
    clearTimeout(this.#timer);
    this.#warden.stop();
    this.conversation.close();
    this.#events.disconnected(this.id, this.#broken);
  }
}
