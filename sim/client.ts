/**
 * One simulated client: speaks text lines to any peer, and writes to the fenced resource.
 *
 * Owns its connection, its sessions and what it believes. Takes a turn, waits for the answer,
 * thinks, takes the next: try, wait, hold and write, let go, move to another peer with its locks,
 * burst, look, quit. Draws from its own random stream alone. What must never be answered to a
 * client that still believes is checked here (*held*).
 */
import type { LockName, Token } from '../src/core/types.ts';
import type { Verdict } from './checkers/verdict.ts';
import { ClientBelief } from './client-belief.ts';
import { MachineClock } from './clock.ts';
import type { SimulatedConnection } from './connection.ts';
import { LineReader, type Said } from './line-reader.ts';
import { clientName } from './names.ts';
import { SimulatedProcess } from './process.ts';
import { RandomStream } from './random.ts';
import { drawFrom } from './table.ts';
import type { World } from './world.ts';

/** A client whose request got no answer for so long beyond its wait goes elsewhere (ms). */
const PATIENCE_MS = 6_000;
/** Before it tries to connect again (ms). */
const RECONNECT_MS = [20, 200] as const;
/** It asks how long its locks are safe this often (ms). */
const PING_MS = 700;
/** Once the faults have ended: the longest hold, and a wait that is long enough for everybody. */
const PROGRESS_HOLD_MS_MAX = 60;
const PROGRESS_WAIT_MS = 25_000;
/** A client's clocks begin anywhere (µs). */
const OFFSET_US_MAX = 1_000_000_000;

/** An answer's code and words; code 0: the connection ended instead. */
type Reply = (code: number, words: readonly string[]) => void;

interface Asked {
  readonly line: string;
  readonly reply: Reply;
  /** The world's time, and the client's own. */
  readonly at: number;
  readonly clockMs: number;
  readonly waitMs: number;
}

/** One client. */
export class Client {
  readonly index: number;
  readonly name: string;
  readonly process: SimulatedProcess;
  readonly clock: MachineClock;
  acquiredInProgress = 0;
  #inProgress = false;
  readonly #world: World;
  readonly #verdict: Verdict;
  readonly #random: RandomStream;
  #sessions = 0;
  #belief: ClientBelief;
  #connection: SimulatedConnection | null = null;
  /** Where it is or was connected. */
  #machine = 0;
  /** The peer has told of losses, and closes. */
  #isLost = false;
  #reader = new LineReader();
  /** Requests not yet answered, in order. */
  #asked: Asked[] = [];
  /** Locks whose resource it is reading and writing: one update at a time. */
  readonly #updating = new Set<LockName>();
  /** Turns planned before this are void: the client moved on. */
  #plans = 0;

  constructor(world: World, verdict: Verdict, index: number) {
    const { plan, scheduler } = world;
    this.#world = world;
    this.#verdict = verdict;
    this.index = index;
    this.name = clientName(index);
    this.process = new SimulatedProcess(scheduler);
    this.#random = new RandomStream(plan.seed, `client:${index}`);
    this.clock = new MachineClock(scheduler, this.#random.below(OFFSET_US_MAX));
    const gain = plan.clientGains[index] ?? 0;
    this.clock.change(['monotonic'], (clock, now) => clock.setGain(now, gain));
    this.#belief = this.#newBelief();
  }

  /** Connects for the first time, after a while. */
  start(): void {
    this.#later(this.#random.below(500), () => this.#connect());
  }

  /** How long its oldest request has been waiting beyond what it asked to wait for (ms). */
  waitingMs(): number {
    const oldest = this.#asked[0];
    if (oldest === undefined) return 0;
    return Math.floor((this.#world.scheduler.now - oldest.at) / 1_000) - oldest.waitMs;
  }

  pendingRequest(): string {
    return this.#asked[0]?.line ?? 'nothing';
  }

  /** Its end of the connection, by a fault. */
  interrupt(act: 'vanish' | 'reset' | 'half-close' | 'close'): void {
    const connection = this.#connection;
    if (connection === null) return;
    if (act === 'half-close') connection.shut();
    else if (act === 'vanish') connection.vanish();
    else if (act === 'reset') connection.reset();
    else connection.close();
    if (act === 'half-close') return;
    // With the process or its machine the session's id is gone, too.
    if (act !== 'close') this.#forgetSession();
    this.#disconnected();
  }

  /** Faults have ended: from now on it must get on, at peers that are served. */
  progressBegins(): void {
    this.acquiredInProgress = 0;
    this.#inProgress = true;
    if (this.#connection !== null && !this.#world.served.includes(this.#machine)) {
      this.#goElsewhere();
    }
  }

  // Sessions and connections

  #newBelief(): ClientBelief {
    this.#sessions++;
    return new ClientBelief(
      this.name,
      `${this.name}#${this.#sessions}`,
      () => this.clock.readMs('monotonic'),
      this.#world.settings.driftPermille,
    );
  }

  /** The old session is given up; the next connection begins another. */
  #forgetSession(): void {
    this.#world.checkers.exclusive.dropsAll(this.#belief);
    this.#world.checkers.sessionEnded(this.#belief.session, this.#belief.id);
    this.#belief.end();
    this.#belief = this.#newBelief();
  }

  #connect(): void {
    this.#machine = this.#random.pick(this.#world.served);
    const connection = this.#world.machines[this.#machine]!.accept(
      this.index,
      this.process,
      this.#random,
      {
        received: (text) => this.#received(connection, text),
        closed: () => this.#closed(connection),
      },
    );
    if (connection === null) {
      this.#reconnectLater();
      return;
    }
    this.#connection = connection;
    connection.session = this.#belief.session;
    this.#reader = new LineReader();
    if (this.#belief.id === null) this.#begin();
    else this.#resume(this.#belief.id);
  }

  #begin(): void {
    const timeoutMs = this.#random.pick(this.#world.plan.workload.timeoutsMs);
    this.#ask(`set_timeout ${timeoutMs}`, () => {});
    this.#ask('conn_id', (code, words) => {
      if (code === 200) this.#belief.id = words[0] ?? null;
      this.#think();
    });
  }

  #resume(id: string): void {
    const belief = this.#belief;
    this.#ask(`conn_id ${id}`, (code, words) => {
      if (code === 200) this.#resumed(Number(words[1]));
      else if (code === 403 && words[0] === 'No') {
        this.#mustNot(belief, 'its session is unknown');
        this.#forgetSession();
        if (this.#connection !== null) this.#connection.session = this.#belief.session;
        this.#begin();
      } else this.#goElsewhere();
    });
  }

  /** Locks that it waited for when it was cut off may be among those held. */
  #resumed(held: number): void {
    const belief = this.#belief;
    if (held < belief.locks.size) {
      this.#mustNot(belief, `resumed with ${held} of ${belief.locks.size} locks`);
    }
    this.#ping(() => {
      if (held > belief.tokens.size || this.#random.chance(300_000)) this.#unlockAll();
      else this.#hold();
    });
  }

  #goElsewhere(): void {
    this.#connection?.close();
    this.#disconnected();
  }

  #disconnected(): void {
    this.#connection = null;
    if (this.#isLost) this.#forgetSession();
    this.#isLost = false;
    const unanswered = this.#asked;
    this.#asked = [];
    this.#plans++;
    for (const { reply } of unanswered) reply(0, []);
    this.#plans++;
    this.#reconnectLater();
  }

  #reconnectLater(): void {
    this.#later(this.#random.between(...RECONNECT_MS), () => this.#connect());
  }

  #closed(connection: SimulatedConnection | null): void {
    if (connection !== null && connection === this.#connection) this.#disconnected();
  }

  // Asking and hearing

  #ask(line: string, reply: Reply, waitMs = 0): void {
    const connection = this.#connection;
    if (connection === null) return;
    this.#world.journal.note('line', this.name, '', line);
    const asked: Asked = {
      line,
      reply,
      at: this.#world.scheduler.now,
      clockMs: this.clock.readMs('monotonic'),
      waitMs,
    };
    this.#asked.push(asked);
    connection.send(`${line}\n`);
    this.process.after((waitMs + PATIENCE_MS) * 1_000, () => {
      if (this.#asked.includes(asked)) this.#goElsewhere();
    });
  }

  #received(connection: SimulatedConnection | null, text: string): void {
    this.#world.journal.note('answer', this.name, '', text);
    for (const said of this.#reader.push(text)) {
      if (connection === this.#connection) this.#hear(said);
    }
  }

  #hear(said: Said): void {
    if (said.kind === 'lost') {
      this.#lost(said.lock as LockName);
      return;
    }
    const asked = this.#asked.shift();
    if (asked === undefined) {
      this.#verdict.fail('answered', `${this.name} heard ${said.code} and had asked nothing`);
      return;
    }
    this.#askedMs = asked.clockMs;
    asked.reply(said.code, said.words);
  }

  /** When what is answered at present was asked, by its own clock. */
  #askedMs = 0;

  /** The session is lost with all its locks; the peer closes. */
  #lost(lock: LockName): void {
    const belief = this.#belief;
    this.#world.checkers.exclusive.drops(belief, lock);
    belief.tokens.delete(lock);
    this.#isLost = true;
  }

  #mustNot(belief: ClientBelief, what: string): void {
    if (!belief.believes() || belief.locks.size === 0) return;
    this.#verdict.fail(
      'held',
      `${belief.session} was told that its locks are safe for ${belief.leftMs()} ms more, but ${what}`,
    );
  }

  // Turns

  #think(): void {
    this.#later(drawFrom(this.#world.plan.workload.thinkMs, this.#random), () => this.#turn());
  }

  #turn(): void {
    const { oddPercent } = this.#world.plan.workload;
    if (!this.#inProgress && this.#random.below(100) < oddPercent) this.#odd();
    else this.#acquire();
  }

  #pickLock(): LockName {
    return `lock-${this.#random.below(this.#world.plan.workload.locks)}` as LockName;
  }

  #acquire(): void {
    const { workload } = this.#world.plan;
    const lock = this.#pickLock();
    const tries = !this.#inProgress && this.#random.below(100) < workload.tryPercent;
    const waitMs = tries ? 0 : this.#waitMs();
    const line = tries ? `lock ${lock}` : `lock ${lock} ${waitMs / 1_000}`;
    this.#ask(line, (code, words) => this.#answered(lock, code, words), waitMs);
  }

  #waitMs(): number {
    return this.#inProgress
      ? PROGRESS_WAIT_MS
      : drawFrom(this.#world.plan.workload.waitMs, this.#random);
  }

  #holdMs(): number {
    const holdMs = drawFrom(this.#world.plan.workload.holdMs, this.#random);
    return this.#inProgress ? Math.min(holdMs, PROGRESS_HOLD_MS_MAX) : holdMs;
  }

  #answered(lock: LockName, code: number, words: readonly string[]): void {
    if (code === 200) {
      this.#acquired(lock, Number(words[1]), Number(words[2]));
      this.#ping(() => this.#hold());
    } else if (code === 503 && this.#random.chance(300_000)) this.#goElsewhere();
    else if (code !== 0) this.#next();
  }

  #acquired(lock: LockName, token: Token, validityMs: number): void {
    const belief = this.#belief;
    belief.tokens.set(lock, token);
    belief.told(this.#askedMs, validityMs);
    this.#world.checkers.exclusive.gains(belief, lock);
    this.acquiredInProgress++;
  }

  /** What the peer says of the validity counts from this question. */
  #ping(then: () => void): void {
    const belief = this.#belief;
    this.#ask('ping', (code, words) => {
      if (code !== 200) return;
      belief.told(this.#askedMs, Number(words[1]));
      this.#world.checkers.exclusive.extends(belief);
      then();
    });
  }

  /** Holds what it has for a while, writing to the resource and asking how safe it is. */
  #hold(): void {
    const belief = this.#belief;
    const lock = [...belief.tokens.keys()][0];
    if (lock === undefined) {
      this.#think();
      return;
    }
    const holdMs = this.#holdMs();
    this.#update(lock, belief.tokens.get(lock)!);
    const pings = Math.floor(holdMs / PING_MS);
    this.#holdOn(lock, pings, holdMs - pings * PING_MS);
  }

  #holdOn(lock: LockName, pings: number, restMs: number): void {
    if (pings > 0) {
      this.#later(PING_MS, () => this.#ping(() => this.#holdOn(lock, pings - 1, restMs)));
      return;
    }
    this.#later(restMs, () => {
      if (this.#random.chance(100_000)) this.#acquire();
      else this.#unlock(lock);
    });
  }

  /** Shows its token and reads, then writes what follows; whether or not it still holds the lock. */
  #update(lock: LockName, token: Token): void {
    if (this.#updating.has(lock)) return;
    const { resource } = this.#world;
    this.#updating.add(lock);
    this.process.after(this.#random.between(50, 2_000), () => {
      const version = resource.read(lock, token);
      if (version === null) {
        this.#updating.delete(lock);
        return;
      }
      this.process.after(this.#random.between(100, 60_000), () => {
        this.#updating.delete(lock);
        const outcome = resource.write(lock, token, version);
        this.#world.journal.note('resource', this.name, '', `${lock} ${token} ${outcome}`);
        if (outcome === 'lost-update') {
          this.#verdict.fail('resource', `${this.name} with token ${token} overwrote ${lock}`);
        }
      });
    });
  }

  #unlock(lock: LockName): void {
    const belief = this.#belief;
    const believed = belief.believes() && belief.locks.has(lock);
    this.#letGo(lock);
    this.#ask(`unlock ${lock}`, (code) => {
      if (code === 403 && believed && belief.believes()) {
        this.#verdict.fail('held', `${belief.session} believed in ${lock}, and may not unlock it`);
      }
      if (code !== 0) this.#next();
    });
  }

  #next(): void {
    if (this.#belief.tokens.size > 0) this.#hold();
    else this.#think();
  }

  /** What it asks to unlock it believes in no longer. */
  #letGo(lock: LockName): void {
    this.#world.checkers.exclusive.drops(this.#belief, lock);
    this.#belief.tokens.delete(lock);
  }

  #letGoAll(): void {
    this.#world.checkers.exclusive.dropsAll(this.#belief);
    this.#belief.tokens.clear();
  }

  #unlockAll(): void {
    this.#letGoAll();
    this.#ask('unlock_all', (code) => {
      if (code !== 0) this.#think();
    });
  }

  /** Anything but a plain request for a lock. */
  #odd(): void {
    const lock = this.#pickLock();
    switch (this.#random.below(8)) {
      case 0:
        this.#look(this.#random.pick(['stats', `info ${lock}`, 'locks', 'peers', 'echo a b', '']));
        return;
      case 1:
        this.#quit();
        return;
      case 2:
        this.#abandon(lock);
        return;
      case 3:
        this.#burst(lock);
        return;
      case 4:
        this.#waitBehindItself(lock);
        return;
      case 5:
        this.#unlockAll();
        return;
      default:
        this.#moveWith(lock);
    }
  }

  #look(line: string): void {
    if (line === '') this.#think();
    else this.#ask(line, (code) => (code === 0 ? undefined : this.#think()));
  }

  #quit(): void {
    this.#forgetSession();
    this.#ask('quit', () => {});
  }

  /** Waits, and goes away meanwhile. */
  #abandon(lock: LockName): void {
    this.#ask(`lock ${lock} 5`, () => {}, 5_000);
    this.#later(this.#random.below(300), () => this.#goElsewhere());
  }

  /** Lines behind lines, sent at once; none of what they acquire is believed in. */
  #burst(lock: LockName): void {
    this.#letGo(lock);
    this.#ask(`lock ${lock}`, () => {});
    this.#ask('ping', () => {});
    this.#ask(`unlock ${lock}`, () => {});
    this.#look('stats');
  }

  /** Its own lock again, and behind it an unlock: pipelined. */
  #waitBehindItself(lock: LockName): void {
    this.#letGoAll();
    this.#ask(`lock ${lock} 1`, () => {}, 1_000);
    this.#ask(`lock ${lock}`, () => {}, 1_000);
    this.#ask(
      'unlock_all',
      (code) => {
        if (code !== 0) this.#think();
      },
      1_000,
    );
  }

  /** Takes a lock, then goes to another peer with it. */
  #moveWith(lock: LockName): void {
    this.#ask(`lock ${lock}`, (code, words) => {
      if (code === 0) return;
      if (code === 200) this.#acquired(lock, Number(words[1]), Number(words[2]));
      this.#goElsewhere();
    });
  }

  /** In `delayMs`, unless the client has moved on by then. */
  #later(delayMs: number, then: () => void): void {
    const plans = this.#plans;
    this.process.after(delayMs * 1_000, () => {
      if (plans === this.#plans) then();
    });
  }
}
