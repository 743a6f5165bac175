/**
 * One client's connection to one peer: two ordered streams of text, and how each side ends it.
 *
 * Owns what is under way and the states of both ends. The peer's end is a production
 * `Conversation`, treated as the TCP adapter treats it; the client's end is one of `client.ts`.
 * A client that closed answers what still reaches it with a reset, as a machine does.
 */
import type { Command } from '../src/core/command.ts';
import type { ConnectionId } from '../src/core/types.ts';
import { CLOSING_MS_MAX } from '../src/limits.ts';
import type { ClientEvents } from '../src/runtime/ports.ts';
import { Conversation, type ConversationOwner, type Ending } from '../src/text/conversation.ts';
import { NO_DIRECTORY } from '../src/text/format.ts';
import { machineName } from './names.ts';
import type { SimulatedProcess } from './process.ts';
import type { RandomStream } from './random.ts';
import type { Fate, Letter, Recorder } from './recorder.ts';
import type { Scheduler } from './scheduler.ts';
import { drawFrom, type Table } from './table.ts';

/** Clients are near their peers (µs). */
const LATENCY_US: Table = [80, 150, 400];
/** As long as the TCP adapter looks whether a client that had shut its side is there (µs). */
const CONFIRM_US = 127_000;
/** After this TCP's own probes tell a peer that a client's machine is gone (µs). */
const PROBED_US = 10_000_000;

/** The client's end. */
export interface ConnectionListener {
  /** Text of the peer, cut anywhere; `byFormer`: the session had left that home by then. */
  received(text: string, byFormer: boolean): void;
  /** Nothing more comes. */
  closed(): void;
}

/** What a peer's machine is told of its connections. */
export interface ConnectionOwner extends ClientEvents {
  /** Whether the session that is meant there has moved on to another home. */
  isFormer(connection: SimulatedConnection): boolean;
  /** It is over, and forgotten. */
  forgotten(connection: SimulatedConnection): void;
}

/** What a connection is made of. */
export interface ConnectionOptions {
  readonly scheduler: Scheduler;
  readonly random: RandomStream;
  readonly client: number;
  /** As in the trace: a client that follows a script is called as the script calls it. */
  readonly clientName: string;
  readonly clientProcess: SimulatedProcess;
  readonly listener: ConnectionListener;
  readonly machine: number;
  readonly recorder: Recorder | null;
  readonly peerProcess: SimulatedProcess;
  readonly owner: ConnectionOwner;
}

/** A connection, from the moment at which the peer accepted it. */
export class SimulatedConnection implements ConversationOwner {
  /** A simulated peer announces nothing. */
  readonly directory = NO_DIRECTORY;
  readonly id: ConnectionId;
  readonly client: number;
  /** Which session the client means to use here: the client's own name for it. */
  session = '';
  readonly #options: ConnectionOptions;
  readonly conversation: Conversation;
  #client: 'open' | 'shut' | 'gone' | 'vanished' = 'open';
  #peer: 'open' | 'ending' | 'over' = 'open';
  #toPeerDue = 0;
  #toClientDue = 0;
  #unreadBytes = 0;
  /** The peer was told that the client shut its sending side: it may be gone. */
  inputHasEnded = false;
  /** Input that the conversation does not want yet; `null`: it wants what comes. */
  #kept: Buffer[] | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.client = options.client;
    this.conversation = new Conversation(this);
    this.id = options.owner.connect();
  }

  // The client's end

  /** Sends text, if it still may. */
  send(text: string): void {
    if (this.#client === 'open') {
      const letter = { bytes: text };
      this.#record('sent', true, letter);
      this.#toPeer(() => {
        this.#record(this.#peer === 'open' ? 'heard' : 'lost', true, letter);
        this.#receive(Buffer.from(text, 'latin1'));
      });
    }
  }

  /** Shuts the sending side and reads on. */
  shut(): void {
    if (this.#client !== 'open') return;
    this.#client = 'shut';
    this.#toPeer(() => this.#inputEnded());
  }

  /** Closes both sides; what still comes is answered with a reset. */
  close(): void {
    this.shut();
    if (this.#client === 'shut') this.#client = 'gone';
  }

  /** The client's process ends: the connection is reset. */
  reset(): void {
    if (this.#client === 'gone' || this.#client === 'vanished') return;
    this.#client = 'gone';
    this.#toPeer(() => this.#over(true));
  }

  /** The client's machine is gone; the peer hears of it much later. */
  vanish(): void {
    if (this.#client === 'vanished') return;
    this.#client = 'vanished';
    this.#options.peerProcess.after(PROBED_US, () => this.#over(true));
  }

  #toPeer(call: () => void): void {
    const { scheduler, random, peerProcess } = this.#options;
    this.#toPeerDue = Math.max(this.#toPeerDue, scheduler.now + drawFrom(LATENCY_US, random));
    peerProcess.at(this.#toPeerDue, call);
  }

  /** Neither side has ended it, as far as either knows. */
  get stands(): boolean {
    return this.#client === 'open' && this.#peer === 'open';
  }

  // The peer's end

  input(): void {
    this.#options.owner.input(this.id);
  }

  command(command: Command): void {
    this.#options.owner.command(this.id, command);
  }

  write(text: string): void {
    this.#unreadBytes += text.length;
    const letter = { bytes: text };
    const byFormer = this.#options.owner.isFormer(this);
    this.#record('sent', false, letter);
    this.#toClient(() => this.#arrive(text, letter, byFormer));
  }

  unreadBytes(): number {
    return this.#unreadBytes;
  }

  pauseInput(): void {
    this.#kept ??= [];
  }

  resumeInput(): void {
    const kept = this.#kept ?? [];
    this.#kept = null;
    this.#options.peerProcess.after(0, () => {
      for (const chunk of kept) this.#receive(chunk);
    });
  }

  end(ending: Ending): void {
    this.#peer = 'ending';
    if (ending === 'confirm') this.#options.peerProcess.after(CONFIRM_US, () => this.#shut());
    else this.#shut();
  }

  abort(): void {
    this.#toClient(() => this.#closed());
    this.#options.peerProcess.after(0, () => this.#over(true));
  }

  /** The peer's process has ended; `silently`: with its machine, which tells nobody. */
  peerEnded(silently: boolean): void {
    this.#peer = 'over';
    if (silently) this.#options.clientProcess.after(PROBED_US, () => this.#closed());
    else this.#toClient(() => this.#closed());
  }

  #receive(chunk: Buffer): void {
    if (this.#peer !== 'open') return;
    if (this.#kept === null) this.conversation.receive(chunk);
    else this.#kept.push(chunk);
  }

  #inputEnded(): void {
    if (this.#peer !== 'open') return;
    this.inputHasEnded = true;
    this.#options.owner.inputEnded(this.id);
    this.conversation.inputEnded();
  }

  #shut(): void {
    if (this.#peer !== 'ending') return;
    this.#toClient(() => this.#closed());
    if (this.#client === 'vanished') {
      this.#options.peerProcess.after(CLOSING_MS_MAX * 1_000, () => this.#over(true));
    } else {
      this.#toPeer(() => this.#over(false));
    }
  }

  #over(broken: boolean): void {
    if (this.#peer === 'over') return;
    this.#peer = 'over';
    this.conversation.close();
    this.#options.owner.disconnected(this.id, broken);
    this.#options.owner.forgotten(this);
  }

  #toClient(call: () => void): void {
    const { scheduler, random, clientProcess } = this.#options;
    this.#toClientDue = Math.max(this.#toClientDue, scheduler.now + drawFrom(LATENCY_US, random));
    clientProcess.at(this.#toClientDue, call);
  }

  #arrive(text: string, letter: Letter, byFormer: boolean): void {
    this.#unreadBytes -= text.length;
    if (this.#client === 'gone') this.#toPeer(() => this.#over(true));
    const isGone = this.#client === 'gone' || this.#client === 'vanished';
    this.#record(isGone ? 'lost' : 'heard', false, letter);
    if (isGone) return;
    this.#options.listener.received(text, byFormer);
    if (this.#unreadBytes === 0) {
      this.#options.peerProcess.enter(() => this.conversation.outputDrained());
    }
  }

  #record(fate: Fate, toPeer: boolean, letter: Letter): void {
    const { recorder, clientName, machine } = this.#options;
    if (recorder === null) return;
    const [from, to] = [clientName, machineName(machine)];
    recorder.letter(fate, toPeer ? from : to, toPeer ? to : from, letter);
  }

  #closed(): void {
    if (this.#client === 'gone' || this.#client === 'vanished') return;
    this.#client = 'gone';
    this.#options.listener.closed();
  }
}
