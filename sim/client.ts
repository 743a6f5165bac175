/**
 * One simulated client: its sessions, where it is connected, and what it believes.
 *
 * Owns beginning, resuming and giving up sessions, and goes from peer to peer when it must. What
 * it asks for is `client-turns.ts`. Draws from its own random stream alone.
 */
import type { LockName, Token } from '../src/core/types.ts';
import type { Verdict } from './checkers/verdict.ts';
import { ClientBelief } from './client-belief.ts';
import { ClientTurns } from './client-turns.ts';
import { ClientWire, type Interruption, type Speaker } from './client-wire.ts';
import { MachineClock } from './clock.ts';
import { clientName } from './names.ts';
import { SimulatedProcess } from './process.ts';
import { RandomStream } from './random.ts';
import type { Script } from './script.ts';
import { ScriptTurns } from './script-turns.ts';
import type { Turns } from './turns.ts';
import type { World } from './world.ts';

/** Before it tries to connect again (ms). */
const RECONNECT_MS = [20, 200] as const;
/** A client's clocks begin anywhere (µs). */
const OFFSET_US_MAX = 1_000_000_000;

/** One client. */
export class Client implements Speaker {
  readonly index: number;
  readonly name: string;
  readonly process: SimulatedProcess;
  readonly clock: MachineClock;
  readonly random: RandomStream;
  readonly world: World;
  readonly verdict: Verdict;
  readonly wire: ClientWire;
  belief: ClientBelief;
  /** Faults have ended: it asks only for what it must get. */
  inProgress = false;
  acquiredInProgress = 0;
  /** It is connected and has a session. */
  ready = false;
  readonly #turns: Turns;
  #sessions = 0;
  /** The peer has told of losses, and closes. */
  #isLost = false;
  /** What was planned before this is void: the client moved on. */
  #plans = 0;

  /** Without a script chance decides what it does. */
  constructor(world: World, verdict: Verdict, index: number, script?: Script) {
    const { plan, scheduler } = world;
    this.world = world;
    this.verdict = verdict;
    this.index = index;
    this.name = script?.client ?? clientName(index);
    this.process = new SimulatedProcess(scheduler);
    this.random = new RandomStream(plan.seed, `client:${index}`);
    this.clock = new MachineClock(scheduler, this.random.below(OFFSET_US_MAX));
    const gain = plan.clientGains[index] ?? 0;
    this.clock.change(['monotonic'], (clock, now) => clock.setGain(now, gain));
    this.wire = new ClientWire(world, this.random, this);
    this.#turns = script === undefined ? new ClientTurns(this) : new ScriptTurns(this, script);
    this.belief = this.#newBelief();
  }

  /** Connects for the first time, after a while. */
  start(): void {
    this.later(this.#turns.startMs(), () => this.#connect());
  }

  /** Its end of the connection, by a fault. */
  interrupt(how: Interruption): void {
    if (!this.wire.connected) return;
    this.wire.interrupt(how);
    if (how === 'half-close') return;
    // With the process or its machine the session's id is gone, too.
    if (how !== 'close') this.forgetSession();
    this.ended();
  }

  /** Faults have ended: from now on it must get on, at peers that are served. */
  progressBegins(): void {
    this.acquiredInProgress = 0;
    this.inProgress = true;
    if (this.wire.connected && !this.world.served.includes(this.wire.machine)) this.goElsewhere();
    this.#turns.progressBegins();
  }

  /** What of its own plan has not come about; `null`: nothing. */
  get unfinished(): string | null {
    return this.#turns.unfinished;
  }

  /** It is gone for good, without a word. */
  retire(): void {
    this.wire.interrupt('reset');
    this.process.end();
  }

  /** From now on it is another client's session, by its id and by name. */
  pose(as: Client): void {
    this.forgetSession();
    const { session, id } = as.belief;
    this.belief = this.#beliefIn(session);
    this.belief.id = id;
    this.goElsewhere();
  }

  /** In `delayMs`, unless the client has moved on by then. */
  later(delayMs: number, then: () => void): void {
    const plans = this.#plans;
    this.process.after(delayMs * 1_000, () => {
      if (plans === this.#plans) then();
    });
  }

  // What it believes

  /** It was told that it has a lock. */
  acquired(lock: LockName, token: Token, askedMs: number, validityMs: number): void {
    this.world.checkers.held.gets(this.belief, lock, token);
    this.belief.tokens.set(lock, token);
    this.belief.told(askedMs, validityMs);
    this.world.checkers.exclusive.gains(this.belief, lock);
    this.acquiredInProgress++;
  }

  /** Asks how long its locks are safe; counts from this question. */
  ping(then: (code: number) => void): void {
    const { belief } = this;
    this.wire.ask('ping', (code, [, validityMs], askedMs) => {
      if (code === 200) {
        belief.told(askedMs, Number(validityMs));
        this.world.checkers.exclusive.extends(belief);
      }
      then(code);
    });
  }

  /** What it asks to unlock it believes in no longer. */
  letGo(lock: LockName): void {
    this.world.checkers.exclusive.drops(this.belief, lock);
    this.belief.tokens.delete(lock);
  }

  letGoAll(): void {
    this.world.checkers.exclusive.dropsAll(this.belief);
    this.belief.tokens.clear();
  }

  /** The old session is given up; what is asked next begins another. */
  forgetSession(): void {
    this.letGoAll();
    this.world.history.ends(this.belief.session, this.world.scheduler.now);
    this.world.checkers.sessionEnded(this.belief.session, this.belief.id);
    this.belief = this.#newBelief();
  }

  #newBelief(): ClientBelief {
    this.#sessions++;
    return this.#beliefIn(`${this.name}#${this.#sessions}`);
  }

  #beliefIn(session: string): ClientBelief {
    return new ClientBelief(this.name, session, this.clock, this.world.settings.driftPermille);
  }

  // Where it is connected

  goElsewhere(): void {
    this.wire.interrupt('close');
    this.ended();
  }

  impatient(): void {
    this.goElsewhere();
  }

  ended(): void {
    if (this.#isLost) this.forgetSession();
    this.#isLost = false;
    this.ready = false;
    const plans = ++this.#plans;
    this.wire.forget();
    // What heard of the end may have gone elsewhere at once.
    if (plans === this.#plans) this.#reconnectLater();
  }

  lost(lock: LockName): void {
    this.letGo(lock);
    this.#isLost = true;
    this.#turns.lost(lock);
  }

  surprised(code: number): void {
    this.verdict.fail('answered', `${this.name} heard ${code} and had asked nothing`);
  }

  #reconnectLater(): void {
    this.later(this.random.between(...RECONNECT_MS), () => this.#connect());
  }

  #connect(): void {
    const machine = this.#turns.where();
    if (machine === null) return;
    if (!this.wire.connect(machine, this.belief.session)) this.#reconnectLater();
    else if (this.belief.id === null) this.#begin();
    else this.#resume(this.belief.id);
  }

  #begin(): void {
    const { belief, wire } = this;
    wire.speakFor(belief.session);
    wire.ask(`set_timeout ${this.#turns.timeoutMs()}`, () => {});
    wire.ask('conn_id', (code, [id]) => {
      if (code === 200) belief.id = id ?? null;
      if (code === 0) return;
      this.ready = true;
      this.#turns.think();
    });
  }

  #resume(id: string): void {
    this.wire.ask(`conn_id ${id}`, (code, words) => {
      if (code === 200) this.#resumed(Number(words[1]));
      else if (code === 403 && words[0] === 'No') this.#isUnknown();
      else if (code !== 0) this.goElsewhere();
    });
  }

  #isUnknown(): void {
    this.world.checkers.held.hears(this.belief, 'its session is unknown');
    this.forgetSession();
    this.#begin();
  }

  /** Locks that it waited for when it was cut off may be among those held, instead of others. */
  #resumed(held: number): void {
    const { history, checkers, scheduler } = this.world;
    const known = this.belief.tokens.size;
    const unsure = history.unsure(this.belief.session);
    if (held < known) {
      checkers.held.hears(this.belief, `resumed with ${held} of ${known} locks`);
    }
    if (held < known + unsure) {
      this.letGoAll();
      history.ends(this.belief.session, scheduler.now);
    }
    this.ping((code) => {
      if (code !== 200) return;
      this.ready = true;
      this.#turns.goOn(held === known && unsure === 0);
    });
  }
}
