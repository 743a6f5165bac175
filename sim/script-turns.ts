/**
 * A client that follows a script, and then works like any other once the faults have ended.
 *
 * Owns which step is under way and what it waits for. A step ends before the next begins; a step
 * that asks for something waits until the client is connected, and one that waits for an answer
 * survives its connection where the script says so.
 */
import { assertNever } from '../src/core/invariant.ts';
import type { LockName, Token } from '../src/core/types.ts';
import type { Client } from './client.ts';
import { ClientTurns } from './client-turns.ts';
import type { Reply } from './client-wire.ts';
import type { Codes, Script, Step } from './script.ts';
import type { Turns } from './turns.ts';

/** Before it asks again for what it must get (ms). */
const AGAIN_MS = 100;
/** A holder pings this often unless its script says otherwise (ms). */
const PING_MS = 200;

type Asking = Extract<Step, { answer?: Codes }>;

/** One scripted client's turns. */
export class ScriptTurns implements Turns {
  readonly #client: Client;
  readonly #script: Script;
  /** For after the script. */
  readonly #ordinary: ClientTurns;
  #joined = false;
  /** The step under way; -1: it has not been connected yet. */
  #step = -1;
  /** `null`: it stays away. */
  #place: number | null;
  /** What goes on once it is connected. */
  #blocked: (() => void) | null = null;
  /** The last token of each lock, held or not. */
  readonly #tokens = new Map<LockName, Token>();
  /** What it read last of each lock's resource, and of the unguarded one. */
  readonly #read = new Map<LockName, { guarded: number | null; unguarded: number }>();

  constructor(client: Client, script: Script) {
    this.#client = client;
    this.#script = script;
    this.#ordinary = new ClientTurns(client);
    this.#place = script.at;
  }

  get unfinished(): string | null {
    if (this.#isOver) return null;
    const step = this.#script.steps[this.#step];
    return step === undefined ? 'its script, not begun' : JSON.stringify(step);
  }

  startMs(): number {
    return this.#script.startMs;
  }

  where(): number | null {
    return this.#joined ? this.#ordinary.where() : this.#place;
  }

  timeoutMs(): number {
    return this.#script.timeoutMs;
  }

  think(): void {
    if (this.#joined) this.#ordinary.think();
    else this.#connected();
  }

  goOn(certain: boolean): void {
    this.#leave('resumed');
    if (this.#joined) this.#ordinary.goOn(certain);
    else this.#connected();
  }

  lost(lock: LockName): void {
    this.#leave(`lost ${lock}`);
  }

  progressBegins(): void {
    this.#joinIfOver();
  }

  get #isOver(): boolean {
    return this.#step >= this.#script.steps.length;
  }

  #connected(): void {
    const goOn = this.#blocked;
    this.#blocked = null;
    if (this.#step < 0) this.#next();
    else goOn?.();
  }

  readonly #next = (): void => {
    this.#step++;
    const step = this.#script.steps[this.#step];
    if (step !== undefined) this.#take(step);
    else {
      this.#leave('done');
      this.#joinIfOver();
    }
  };

  /** Everybody must get on: whoever got nothing since the faults ended asks for something now. */
  #joinIfOver(): void {
    const client = this.#client;
    if (this.#joined || !this.#isOver) return;
    if (!client.inProgress || client.acquiredInProgress > 0) return;
    this.#joined = true;
    if (client.ready) this.#ordinary.goOn(true);
    else if (this.#place === null) client.goElsewhere();
  }

  #take(step: Step): void {
    const { process, world } = this.#client;
    switch (step.do) {
      case 'lock':
      case 'unlock':
      case 'ping':
      case 'ask':
        this.#ask(step);
        return;
      case 'wait':
        process.after(step.forMs * 1_000, this.#next);
        return;
      case 'until':
        process.at(step.atMs * 1_000, this.#next);
        return;
      case 'await':
        world.marks.when(step.mark, () => process.after(0, this.#next));
        return;
      case 'mark':
        world.marks.leave(step.mark);
        this.#next();
        return;
      case 'hold':
        this.#hold(step.lock as LockName, step.forMs, step.everyMs ?? PING_MS);
        return;
      case 'read':
        this.#expectOutcome(step, this.#readResource(step.lock as LockName));
        return;
      case 'write':
        this.#expectOutcome(step, this.#writeResource(step.lock as LockName));
        return;
      case 'go':
        this.#place = step.to;
        this.#blocked = this.#next;
        this.#client.goElsewhere();
        return;
      case 'pose': {
        const other = world.clients.find(({ name }) => name === step.as);
        if (other !== undefined) this.#client.pose(other);
        this.#next();
        return;
      }
      case 'leave':
        this.#place = null;
        this.#client.interrupt(step.how);
        this.#next();
        return;
      default:
        assertNever(step);
    }
  }

  // Asking

  #ask(step: Asking): void {
    const client = this.#client;
    const again = (): void => {
      if (!client.ready) this.#blocked = again;
      else if (step.do === 'ping') client.ping((code) => this.#answered(step, code, again));
      else this.#say(step, again);
    };
    again();
  }

  #say(step: Exclude<Asking, { do: 'ping' }>, again: () => void): void {
    const { wire } = this.#client;
    if (step.do === 'unlock') this.#client.letGo(step.lock as LockName);
    const waitMs = step.do === 'lock' ? (step.waitMs ?? 0) : 0;
    const reply: Reply = (code, words, askedMs) => {
      if (step.do === 'lock' && code === 200) this.#acquired(step.lock, words, askedMs);
      this.#answered(step, code, again);
    };
    wire.ask(lineOf(step), reply, waitMs);
  }

  #acquired(lock: string, [, token, validityMs]: readonly string[], askedMs: number): void {
    const name = lock as LockName;
    this.#tokens.set(name, Number(token));
    this.#client.acquired(name, Number(token), askedMs, Number(validityMs));
    this.#leave(`has ${lock}`);
  }

  #answered(step: Asking, code: number, again: () => void): void {
    const { name, process, verdict } = this.#client;
    this.#leave(`heard ${code}`);
    const { answer, until } = step;
    if (answer !== undefined && !isAmong(code, answer)) {
      verdict.fail('expected', `${name} heard ${code} and not ${answer} to ${lineOf(step)}`);
    } else if (until === undefined || isAmong(code, until)) this.#next();
    else process.after(AGAIN_MS * 1_000, again);
  }

  #hold(lock: LockName, leftMs: number, everyMs: number): void {
    const client = this.#client;
    if (leftMs <= 0 || !client.belief.locks.has(lock)) {
      this.#next();
      return;
    }
    if (client.ready) client.ping(() => {});
    client.process.after(everyMs * 1_000, () => this.#hold(lock, leftMs - everyMs, everyMs));
  }

  // The guarded resource, and its unguarded twin

  #readResource(lock: LockName): string {
    const { world } = this.#client;
    const token = this.#tokens.get(lock) ?? 0;
    const guarded = world.resource.read(lock, token);
    this.#read.set(lock, { guarded, unguarded: world.unguarded.read(lock) });
    return guarded === null ? 'refused' : 'read';
  }

  #writeResource(lock: LockName): string {
    const { world, name, verdict } = this.#client;
    const token = this.#tokens.get(lock) ?? 0;
    const { guarded, unguarded } = this.#read.get(lock) ?? { guarded: null, unguarded: 0 };
    world.unguarded.write(lock, unguarded);
    const outcome = guarded === null ? 'refused' : world.resource.write(lock, token, guarded);
    if (outcome === 'lost-update') {
      verdict.fail('resource', `${name} with token ${token} overwrote ${lock}`);
    }
    return outcome;
  }

  #expectOutcome({ do: what, lock, outcome }: Extract<Step, { outcome?: string }>, came: string) {
    const { name, verdict, world } = this.#client;
    world.journal.note('resource', name, '', `${lock} ${what} ${came}`);
    if (came === 'refused') this.#leave(`refused ${lock}`);
    if (outcome !== undefined && outcome !== came) {
      verdict.fail('expected', `to ${what} ${lock}, ${name} was ${came}, not ${outcome}`);
    }
    this.#next();
  }

  #leave(mark: string): void {
    this.#client.world.marks.leave(`${this.#client.name} ${mark}`);
  }
}

function isAmong(code: number, codes: Codes): boolean {
  return typeof codes === 'number' ? code === codes : codes.includes(code);
}

function lineOf(step: Asking): string {
  switch (step.do) {
    case 'lock':
      return step.waitMs === undefined
        ? `lock ${step.lock}`
        : `lock ${step.lock} ${step.waitMs / 1_000}`;
    case 'unlock':
      return `unlock ${step.lock}`;
    case 'ping':
      return 'ping';
    default:
      return step.line;
  }
}
