/**
 * One client's connection, without its socket: bytes in, commands out one at a time, answers out.
 *
 * Owns the order: the next line runs once the one before it is answered, so answers come in the
 * order of the lines, and nothing behind `quit` or a lost lock runs. Bounded both ways: it asks
 * for a pause while too much input waits, and runs nothing while too many answers are unread.
 * Never does I/O, keeps time or calls itself: the owner may answer from inside `command`, and a
 * hundred thousand lines answered so take one loop, one write and no stack.
 *
 *     talking ── quit ──▶ leaving ── answered ──▶ over
 *        └─ lost, close, or all answered after the input ended ──▲
 */
import type { Command, LostLock, Response } from '../core/command.ts';
import { assert } from '../core/invariant.ts';
import type { LockName } from '../core/types.ts';
import {
  PENDING_INPUT_BYTES_MAX,
  STRANGER_UNREAD_BYTES_MAX,
  UNREAD_OUTPUT_BYTES_FATAL,
  UNREAD_OUTPUT_BYTES_MAX,
} from '../limits.ts';
import {
  formatEcho,
  formatLost,
  formatMalformed,
  formatResponse,
  formatTold,
  formatVerdict,
  HELP,
  NOT_ADMITTED,
  NOT_ADMITTED_IN_TIME,
  type PeerDirectory,
} from './format.ts';
import { LineSplitter, OVER_LONG } from './line-splitter.ts';
import { OVER_LONG_LINE, parse, type Request } from './parse.ts';
import type { Warden } from './warden.ts';

/**
 * How a connection ends: `flush` what was written, then close; `confirm`: find out as well whether
 * anyone was there to read it, for a lock was granted after the client shut its sending side, and
 * a client that waits in silence looks just like one that is gone.
 */
export type Ending = 'flush' | 'confirm';

/**
 * What a conversation needs of the connection that it belongs to. Only `command` may call the
 * conversation before it returns.
 */
export interface ConversationOwner {
  readonly directory: PeerDirectory;
  /** To the core; answered by one `respond`, at once or later, unless the conversation ends. */
  command(command: Command): void;
  /** Bytes came, and the client wants its silence to be watched (`keepalive`). */
  input(): void;
  /** One code unit a byte. */
  write(text: string): void;
  /** Bytes written that the client's side has not taken yet. */
  unreadBytes(): number;
  /** Read no more until `resumeInput`. */
  pauseInput(): void;
  resumeInput(): void;
  /** Nothing is written after this; input that still comes is to be read and thrown away. */
  end(ending: Ending): void;
  /** Close at once: the client reads nothing. */
  abort(): void;
}

/** What is answered before a secret was said; none of it tells of locks or peers. */
const FOR_ALL: ReadonlySet<Request['kind']> = new Set([
  'empty',
  'malformed',
  'help',
  'auth',
  'quit',
]);

/** The text protocol of one connection. */
export class Conversation {
  readonly #owner: ConversationOwner;
  readonly #warden: Warden | null;
  readonly #lines = new LineSplitter();
  #phase: 'talking' | 'leaving' | 'over' = 'talking';
  /** A command is with the core. */
  #awaiting = false;
  #inputEnded = false;
  #inputPaused = false;
  #grantedAfterInputEnded = false;
  #running = false;
  #keepsAlive = false;
  #isAdmitted: boolean;
  /** More lines ran than may, for now. */
  #isHeldBack = false;
  /** Answers since the last write. */
  #output = '';

  /** @param warden - `null`: everybody may come in, as fast as can be */
  constructor(owner: ConversationOwner, warden: Warden | null = null) {
    this.#owner = owner;
    this.#warden = warden;
    this.#isAdmitted = warden === null || !warden.asksSecret;
  }

  /** Takes in bytes of the client, cut anywhere. */
  receive(chunk: Buffer): void {
    if (this.#phase !== 'talking') return;
    if (this.#keepsAlive) this.#owner.input();
    this.#lines.push(chunk);
    this.#run();
  }

  /** The client shut its sending side: what it asked is answered, then the connection ends. */
  inputEnded(): void {
    this.#inputEnded = true;
    this.#run();
  }

  /** The core's answer to the command that it was given last. */
  respond(response: Response): void {
    if (this.#isOver()) return;
    assert(this.#awaiting, 'a response answers the command under way');
    this.#awaiting = false;
    if (response.kind === 'keepalive-set') this.#keepsAlive = response.silenceMs > 0;
    this.#output += formatResponse(response, this.#owner.directory);
    if (this.#inputEnded && response.kind === 'acquired') this.#grantedAfterInputEnded = true;
    if (this.#phase === 'leaving') this.#finish();
    else this.#run();
  }

  /** The client's side has taken everything: lines held back may run. */
  outputDrained(): void {
    this.#run();
  }

  /** The warden lets more lines run. */
  allowed(): void {
    this.#isHeldBack = false;
    this.#run();
  }

  /** The time for a secret is over: whoever has not said it is told so, and it ends. */
  admissionOver(): void {
    if (this.#isAdmitted || this.#isOver()) return;
    this.#output += NOT_ADMITTED_IN_TIME;
    this.#finish();
  }

  /** What came of a `queue`, between answers. */
  tell(lock: LockName, response: Response): void {
    if (this.#isOver()) return;
    this.#output += formatTold(lock, response, this.#owner.directory);
    if (this.#inputEnded && response.kind === 'acquired') this.#grantedAfterInputEnded = true;
    this.#run();
  }

  /** Tells of each lock, in the place of an answer under way, and ends. */
  lost(locks: readonly LostLock[]): void {
    if (this.#isOver()) return;
    for (const lock of locks) {
      this.#output += formatLost(lock);
      if (this.#isUnreadFatal()) break;
    }
    this.#finish();
  }

  /** Ends without another answer. */
  close(): void {
    if (!this.#isOver()) this.#finish();
  }

  /** Runs what may run and writes once; called from inside itself, it leaves that to the loop. */
  #run(): void {
    if (this.#running || this.#isOver()) return;
    this.#running = true;
    let isIdle: boolean;
    do {
      isIdle = this.#runLines();
      this.#flush();
    } while (!isIdle && this.#mayRun());
    this.#running = false;
    if (this.#isOver()) return;
    if (isIdle && this.#inputEnded) this.#finish();
    else this.#regulateInput();
  }

  /** Whether it ended for want of lines, everything being answered. */
  #runLines(): boolean {
    while (this.#mayRun()) {
      const line = this.#lines.next();
      if (line === null) return true;
      this.#perform(line === OVER_LONG ? OVER_LONG_LINE : parse(line));
      if (this.#warden?.spend() === false) this.#isHeldBack = true;
    }
    return false;
  }

  #mayRun(): boolean {
    const unreadMax = this.#isAdmitted ? UNREAD_OUTPUT_BYTES_MAX : STRANGER_UNREAD_BYTES_MAX;
    return (
      this.#phase === 'talking' &&
      !this.#awaiting &&
      !this.#isHeldBack &&
      this.#unreadBytes() <= unreadMax
    );
  }

  #perform(request: Request): void {
    if (!this.#isAdmitted && !FOR_ALL.has(request.kind)) {
      this.#output += NOT_ADMITTED;
      return;
    }
    switch (request.kind) {
      case 'empty':
        return;
      case 'auth':
        this.#authenticate(request.secret);
        return;
      case 'malformed':
        this.#output += formatMalformed(request.problem);
        return;
      case 'echo':
        this.#output += formatEcho(request.words);
        return;
      case 'help':
        this.#output += HELP;
        return;
      case 'quit':
        this.#phase = 'leaving';
        this.#lines.clear();
        break;
    }
    this.#awaiting = true;
    this.#owner.command(request);
  }

  /** Who is in stays in, whatever is said later. */
  #authenticate(secret: string): void {
    const verdict = this.#warden?.judge(secret) ?? 'not-asked';
    this.#output += formatVerdict(verdict);
    if (verdict === 'right') this.#isAdmitted = true;
    else if (verdict === 'wrong-too-often' || verdict === 'barred') this.#finish();
  }

  /** A method, since calls out may end the conversation at any time. */
  #isOver(): boolean {
    return this.#phase === 'over';
  }

  #finish(): void {
    this.#flush();
    if (this.#isOver()) return;
    this.#leave();
    if (this.#inputPaused) this.#resume();
    this.#owner.end(this.#grantedAfterInputEnded ? 'confirm' : 'flush');
  }

  #flush(): void {
    const output = this.#output;
    if (output === '') return;
    const isFatal = this.#isUnreadFatal();
    this.#output = '';
    if (!isFatal) {
      this.#owner.write(output);
      return;
    }
    this.#leave();
    this.#owner.abort();
  }

  #leave(): void {
    this.#phase = 'over';
    this.#lines.clear();
  }

  #unreadBytes(): number {
    return this.#owner.unreadBytes() + this.#output.length;
  }

  #isUnreadFatal(): boolean {
    return this.#unreadBytes() > UNREAD_OUTPUT_BYTES_FATAL;
  }

  #regulateInput(): void {
    const isFull = this.#lines.pendingBytes > PENDING_INPUT_BYTES_MAX;
    if (isFull === this.#inputPaused) return;
    if (!isFull) {
      this.#resume();
      return;
    }
    this.#inputPaused = true;
    this.#owner.pauseInput();
  }

  #resume(): void {
    this.#inputPaused = false;
    this.#owner.resumeInput();
  }
}
