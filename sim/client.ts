/**
 * One simulated client: its sessions, where it is connected, and what it believes.
 *
 * Owns beginning, resuming and giving up sessions, and goes from peer to peer when it must. What
 * it asks for is `client-turns.ts`. Draws from its own random stream alone.
 */
import type { LockName, Token } from '../src/core/types.ts';
import type { Verdict } from './checkers/verdict.ts';
import { ClientBelief, SpokenSession } from './client-belief.ts';
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
  /** Where it is sent to; `null`: where its turns have it go. */
  #sentTo: number | null = null;
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
    this.#sentTo = null;
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

  /**
   * From now on it speaks for another client's session, too, and knows what that knows.
   *
   * @param machine - where it goes with it
   * @returns the session's name; `null`: it has no id yet
   */
  pose(as: Client, machine: number | null = null): string | null {
    const { spoken, id } = as.belief;
    if (id === null) return null;
    if (this.belief.spoken !== spoken) this.#speakFor(as.belief);
    this.#sentTo = machine;
    this.goElsewhere();
    return spoken.name;
  }

  #speakFor(other: ClientBelief): void {
    this.forgetSession();
    this.#isLost = false;
    this.belief.spoken.beliefs.delete(this.belief);
    this.belief = this.#beliefIn(other.spoken);
    this.belief.learns(other);
    for (const lock of other.tokens.keys()) this.world.checkers.exclusive.gains(this.belief, lock);
  }

  /** If it speaks for that session still, it does no more; what it asks next begins another. */
  stopPosing(session: string): void {
    if (this.belief.session !== session) return;
    this.forgetSession();
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
    const grantedAt = this.world.checkers.majority.chosenAt(lock, token);
    if (!this.belief.mayGain(lock, grantedAt)) return;
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

  /** What it asks to unlock nobody believes in any longer who speaks for its session. */
  letGo(lock: LockName): void {
    for (const belief of this.belief.spoken.beliefs) {
      this.#turnFrom(belief, lock);
      if (belief !== this.belief) belief.othersLetGo(lock, this.world.scheduler.now);
    }
  }

  letGoAll(): void {
    for (const belief of this.belief.spoken.beliefs) {
      this.#turnFromAll(belief);
      if (belief !== this.belief) belief.othersLetGo('all', this.world.scheduler.now);
    }
  }

  #turnFrom(belief: ClientBelief, lock: LockName): void {
    this.world.checkers.exclusive.drops(belief, lock);
    belief.tokens.delete(lock);
  }

  #turnFromAll(belief: ClientBelief): void {
    this.world.checkers.exclusive.dropsAll(belief);
    belief.tokens.clear();
  }

  /** The old session is given up, here; what is asked next begins another. */
  forgetSession(): void {
    const { session, id, spoken } = this.belief;
    this.#turnFromAll(this.belief);
    spoken.beliefs.delete(this.belief);
    if (spoken.beliefs.size === 0) {
      this.world.history.ends(session, this.world.scheduler.now);
      this.world.checkers.sessionEnded(session, id);
    }
    this.belief = this.#newBelief();
  }

  #newBelief(): ClientBelief {
    this.#sessions++;
    return this.#beliefIn(new SpokenSession(`${this.name}#${this.#sessions}`));
  }

  #beliefIn(spoken: SpokenSession): ClientBelief {
    return new ClientBelief(this.name, spoken, this.clock, this.world.settings.driftPermille);
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
    this.#turnFrom(this.belief, lock);
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
    const machine = this.#sentTo ?? this.#turns.where();
    this.#sentTo = null;
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
      if (code === 200) belief.spoken.id = id ?? null;
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
    const { history } = this.world;
    const known = this.belief.tokens.size;
    const unsure = history.unsure(this.belief.session);
    if (!this.wire.heardFormer && held < known + unsure) this.#mayLack(held, known);
    this.ping((code) => {
      if (code !== 200) return;
      this.ready = true;
      this.#turns.goOn(held === known && unsure === 0);
    });
  }

  #mayLack(held: number, known: number): void {
    const { history, checkers, scheduler } = this.world;
    if (held < known) {
      checkers.held.hears(this.belief, `resumed with ${held} of ${known} locks`);
    }
    this.#turnFromAll(this.belief);
    history.ends(this.belief.session, scheduler.now);
  }
}
