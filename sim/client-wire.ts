/**
 * A client's end of one connection after another: lines asked, answers in order.
 *
 * Owns the connection that stands and what is asked on it and not yet answered. When the
 * connection ends, every unanswered request hears code 0. Knows neither sessions nor locks.
 */
import type { LockName } from '../src/core/types.ts';
import type { MachineClock } from './clock.ts';
import type { SimulatedConnection } from './connection.ts';
import type { Question } from './history.ts';
import { LineReader, type Said } from './line-reader.ts';
import type { SimulatedProcess } from './process.ts';
import type { RandomStream } from './random.ts';
import type { World } from './world.ts';

/** A client whose request got no answer for so long beyond its wait goes elsewhere (ms). */
const PATIENCE_MS = 6_000;
/** How often it looks whether it must (ms). */
const WATCH_MS = 2_000;

/**
 * An answer's code and words, and when it was asked by the client's clock (ms); code 0: the
 * connection ended instead.
 */
export type Reply = (code: number, words: readonly string[], askedMs: number) => void;

/** How a fault treats a client's end. */
export type Interruption = 'vanish' | 'reset' | 'half-close' | 'close';

interface Asked {
  readonly line: string;
  readonly question: Question;
  readonly reply: Reply;
  /** The world's time (µs), and the client's own (ms). */
  readonly at: number;
  readonly askedMs: number;
  readonly waitMs: number;
}

/** Who speaks over the wire. */
export interface Speaker {
  readonly index: number;
  readonly name: string;
  readonly process: SimulatedProcess;
  readonly clock: MachineClock;
  /** The peer told of a lost lock, and closes. */
  lost(lock: LockName): void;
  /** The peer closed. */
  ended(): void;
  /** No answer came in time. */
  impatient(): void;
  /** An answer to nothing. */
  surprised(code: number): void;
}

/** One client's connections. */
export class ClientWire {
  readonly #world: World;
  readonly #random: RandomStream;
  readonly #speaker: Speaker;
  #connection: SimulatedConnection | null = null;
  #reader = new LineReader();
  #asked: Asked[] = [];
  /** What is waited for beside other commands, by lock. */
  readonly #queued = new Map<string, Asked>();
  /** A look at the oldest request is planned. */
  #watching = false;
  /** Where it is or was connected. */
  machine = 0;
  /** What is being heard was said by a home that its session had left. */
  heardFormer = false;

  constructor(world: World, random: RandomStream, speaker: Speaker) {
    this.#world = world;
    this.#random = random;
    this.#speaker = speaker;
  }

  get connected(): boolean {
    return this.#connection !== null;
  }

  /** For how long an answer, or what it is to be told, has been due (ms); 0: nothing is. */
  get waitingMs(): number {
    const latest = this.#latest;
    return latest === null ? 0 : this.#dueMs(latest);
  }

  get pendingRequest(): string {
    return this.#latest?.line ?? 'nothing';
  }

  /** Of the oldest request and the waits beside it, what has been due for longest. */
  get #latest(): Asked | null {
    let latest = this.#asked[0] ?? null;
    for (const wait of this.#queued.values()) {
      if (latest === null || this.#dueMs(wait) > this.#dueMs(latest)) latest = wait;
    }
    return latest;
  }

  /** Since it has waited for what it asked to wait for; negative: until then. */
  #dueMs({ at, waitMs }: Asked): number {
    return Math.floor((this.#world.scheduler.now - at) / 1_000) - waitMs;
  }

  /** Connects to a machine, for a session; false: nobody listens there. */
  connect(machine: number, session: string): boolean {
    const { index, process } = this.#speaker;
    const connection = this.#world.machines[machine]!.accept(index, process, this.#random, {
      received: (text, byFormer) => this.#received(connection, text, byFormer),
      closed: () => {
        if (connection === this.#connection) this.#speaker.ended();
      },
    });
    this.machine = machine;
    this.#connection = connection;
    this.#reader = new LineReader();
    this.speakFor(session);
    return connection !== null;
  }

  /** What is said from now on is said for that session. */
  speakFor(session: string): void {
    if (this.#connection !== null) this.#connection.session = session;
  }

  /** Asks, where there is a connection. */
  ask(line: string, reply: Reply, waitMs = 0): void {
    this.#ask(line, reply, waitMs);
  }

  /** Waits for a lock beside what else is asked; it hears when it is told what came of that. */
  queue(lock: string, waitMs: number, reply: Reply): void {
    const refused: Reply = (code) => {
      if (code !== 202) this.#tell(lock, code, []);
    };
    const asked = this.#ask(`queue ${lock} ${waitMs / 1_000}`, refused);
    if (asked !== null) this.#queued.set(lock, { ...asked, waitMs, reply });
  }

  /** Hears no more of that wait; whether there was one. */
  stopQueueing(lock: string): boolean {
    return this.#queued.delete(lock);
  }

  #tell(lock: string, code: number, words: readonly string[]): void {
    const asked = this.#queued.get(lock);
    if (this.#queued.delete(lock) && asked !== undefined) this.#answer(asked, code, words);
  }

  #ask(line: string, reply: Reply, waitMs = 0): Asked | null {
    if (this.#connection === null) return null;
    const { name, clock } = this.#speaker;
    this.#world.journal.note('line', name, '', line);
    const { now: at } = this.#world.scheduler;
    const { session } = this.#connection;
    const question = this.#world.history.asks(session, line, at, name);
    const asked = { line, question, reply, at, askedMs: clock.monotonicMs, waitMs };
    this.#asked.push(asked);
    this.#connection.send(`${line}\n`);
    if (!this.#watching) this.#watch();
    return asked;
  }

  /** Looks at what is due now and then, as long as anything is waited for. */
  #watch(): void {
    this.#watching = true;
    this.#speaker.process.after(WATCH_MS * 1_000, () => {
      this.#watching = false;
      if (this.waitingMs >= PATIENCE_MS) this.#speaker.impatient();
      else if (this.#latest !== null) this.#watch();
    });
  }

  /** Ends its side of the connection, in one of several ways. */
  interrupt(how: Interruption): void {
    if (how === 'half-close') this.#connection?.shut();
    else this.#connection?.[how]();
  }

  /** Forgets the connection: whatever was asked on it was asked in vain. */
  forget(): void {
    this.#connection = null;
    const unanswered = this.#asked;
    this.#asked = [];
    const untold = [...this.#queued.values()];
    this.#queued.clear();
    for (const { reply, askedMs } of [...unanswered, ...untold]) reply(0, [], askedMs);
  }

  #answer({ question, reply, askedMs }: Asked, code: number, words: readonly string[]): void {
    const { history, scheduler } = this.#world;
    // That home may have released nothing, and be refused what its own session holds elsewhere.
    const isVoid = this.heardFormer && (code !== 200 || question.line.startsWith('unlock'));
    if (!isVoid) history.hears(question, scheduler.now, code, words);
    reply(code, words, askedMs);
  }

  #received(connection: SimulatedConnection | null, text: string, byFormer: boolean): void {
    this.#world.journal.note('answer', this.#speaker.name, '', text);
    this.heardFormer = byFormer;
    for (const said of this.#reader.push(text)) {
      if (connection === this.#connection) this.#hear(said);
    }
    this.heardFormer = false;
  }

  #hear(said: Said): void {
    if (said.kind === 'lost') {
      this.#speaker.lost(said.lock as LockName);
      return;
    }
    if (said.kind === 'told') {
      this.#tell(said.lock, said.code, said.words);
      return;
    }
    const asked = this.#asked.shift();
    if (asked === undefined) this.#speaker.surprised(said.code);
    else this.#answer(asked, said.code, said.words);
  }
}
