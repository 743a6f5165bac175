/**
 * What a client does, turn by turn: takes one, waits for the answer, thinks, takes the next.
 *
 * Mostly asks for a lock, holds it, writes to the fenced resource and lets go; sometimes does
 * something odd. Once the faults have ended it only asks for what it must get: long waits, short
 * holds.
 */
import type { LockName, Token } from '../src/core/types.ts';
import type { Client } from './client.ts';
import { drawFrom } from './table.ts';
import type { Turns } from './turns.ts';

/** It connects for the first time within this (ms). */
const START_MS_MAX = 500;
/** It asks how long its locks are safe this often (ms). */
const PING_MS = 700;
/** Once the faults have ended: the longest hold, and a wait that is long enough for everybody. */
const PROGRESS_HOLD_MS_MAX = 60;
const PROGRESS_WAIT_MS = 25_000;
/** From deciding to write until the token is shown, and from reading to writing (µs). */
const SHOW_US = [50, 2_000] as const;
const WRITE_US = [100, 60_000] as const;
/** Waits beside other commands that are given up before they end. */
const WITHDRAWN_PER_MILLION = 300_000;
/** A client that goes away while it waits does so within this (ms). */
const ABANDON_MS_MAX = 300;

/** One client's turns. */
export class ClientTurns implements Turns {
  readonly unfinished = null;
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  startMs(): number {
    return this.#client.random.below(START_MS_MAX);
  }

  where(): number {
    return this.#client.random.pick(this.#client.world.served);
  }

  timeoutMs(): number {
    return this.#client.random.pick(this.#client.world.plan.workload.timeoutsMs);
  }

  lost(): void {}

  progressBegins(): void {}

  /** Takes a turn after a while. */
  think(): void {
    const client = this.#client;
    client.later(drawFrom(client.world.plan.workload.thinkMs, client.random), () => this.#turn());
  }

  /** Its session is resumed; `certain`: with just the locks that it knows of. */
  goOn(certain: boolean): void {
    if (certain && !this.#client.random.chance(300_000)) this.#next();
    else this.#unlockAll();
  }

  #turn(): void {
    const { random, inProgress, world } = this.#client;
    const isOdd = !inProgress && random.below(100) < world.plan.workload.oddPercent;
    if (isOdd) this.#odd();
    else this.#acquire();
  }

  #next(): void {
    if (this.#client.belief.tokens.size > 0) this.#hold();
    else this.think();
  }

  #nextUnlessEnded = (code: number): void => {
    if (code !== 0) this.#next();
  };

  // Plain turns

  #pickLock(): LockName {
    const { random, world } = this.#client;
    return `lock-${random.below(world.plan.workload.locks)}` as LockName;
  }

  #acquire(): void {
    const { random, inProgress, world, wire } = this.#client;
    const lock = this.#pickLock();
    if (!inProgress && random.below(100) < world.plan.workload.tryPercent) {
      wire.ask(`lock ${lock}`, this.#answered(lock));
      return;
    }
    const waitMs = this.#waitMs();
    const { queuePercent } = world.plan.workload;
    if (queuePercent !== undefined && random.below(100) < queuePercent) this.#queue(lock, waitMs);
    else wire.ask(`lock ${lock} ${waitMs / 1_000}`, this.#answered(lock), waitMs);
  }

  /** Waits beside other commands, and sometimes thinks better of it. */
  #queue(lock: LockName, waitMs: number): void {
    const client = this.#client;
    const { random, wire } = client;
    wire.queue(lock, waitMs, this.#answered(lock));
    client.ping(() => {});
    if (client.inProgress || !random.chance(WITHDRAWN_PER_MILLION)) return;
    client.later(random.below(waitMs), () => {
      if (wire.stopQueueing(lock)) this.#unlock(lock);
    });
  }

  #waitMs(): number {
    const { random, inProgress, world } = this.#client;
    return inProgress ? PROGRESS_WAIT_MS : drawFrom(world.plan.workload.waitMs, random);
  }

  #holdMs(): number {
    const { random, inProgress, world } = this.#client;
    const holdMs = drawFrom(world.plan.workload.holdMs, random);
    return inProgress ? Math.min(holdMs, PROGRESS_HOLD_MS_MAX) : holdMs;
  }

  #answered(lock: LockName) {
    return (code: number, [, token, validityMs]: readonly string[], askedMs: number): void => {
      const client = this.#client;
      if (code === 200) {
        client.acquired(lock, Number(token), askedMs, Number(validityMs));
        client.ping((pinged) => {
          if (pinged === 200) this.#hold();
        });
      } else if (code === 503 && client.random.chance(300_000)) client.goElsewhere();
      else this.#nextUnlessEnded(code);
    };
  }

  /** Holds what it has for a while, writing to the resource and asking how safe it is. */
  #hold(): void {
    const first = [...this.#client.belief.tokens][0];
    if (first === undefined) {
      this.think();
      return;
    }
    const [lock, token] = first;
    const holdMs = this.#holdMs();
    this.#update(lock, token);
    const pings = Math.floor(holdMs / PING_MS);
    this.#holdOn(lock, pings, holdMs - pings * PING_MS);
  }

  #holdOn(lock: LockName, pings: number, restMs: number): void {
    const client = this.#client;
    if (pings > 0) {
      client.later(PING_MS, () =>
        client.ping((code) => {
          if (code === 200) this.#holdOn(lock, pings - 1, restMs);
        }),
      );
      return;
    }
    client.later(restMs, () => {
      // Once faults have ended it holds one at a time: two clients would wait for each other.
      if (!client.inProgress && client.random.chance(100_000)) this.#acquire();
      else this.#unlock(lock);
    });
  }

  /** Shows its token and reads, then writes what follows, whether or not it holds the lock. */
  #update(lock: LockName, token: Token): void {
    const { belief, process, random, world } = this.#client;
    const { updating } = belief.spoken;
    if (updating.has(lock) || world.plan.workload.writes === false) return;
    updating.add(lock);
    process.after(random.between(...SHOW_US), () => {
      const version = world.resource.read(lock, token);
      if (version === null) updating.delete(lock);
      else {
        process.after(random.between(...WRITE_US), () => {
          updating.delete(lock);
          this.#write(lock, token, version);
        });
      }
    });
  }

  #write(lock: LockName, token: Token, version: number): void {
    const { name, verdict, world } = this.#client;
    const outcome = world.resource.write(lock, token, version);
    world.journal.note('resource', name, '', `${lock} ${token} ${outcome}`);
    if (outcome === 'lost-update') {
      verdict.fail('resource', `${name} with token ${token} overwrote ${lock}`);
    }
  }

  #unlock(lock: LockName): void {
    const client = this.#client;
    const { belief } = client;
    const believed = belief.believes() && belief.locks.has(lock);
    client.letGo(lock);
    client.wire.ask(`unlock ${lock}`, (code) => {
      const isCertain = believed && !client.wire.heardFormer;
      if (code === 403 && isCertain) client.world.checkers.held.mayNotUnlock(belief, lock);
      this.#nextUnlessEnded(code);
    });
  }

  #unlockAll(): void {
    this.#client.letGoAll();
    this.#client.wire.ask('unlock_all', this.#nextUnlessEnded);
  }

  // Odd turns

  #odd(): void {
    const { random } = this.#client;
    const lock = this.#pickLock();
    switch (random.below(8)) {
      case 0:
        this.#look(random.pick(['stats', `info ${lock}`, 'locks', 'peers', 'echo a b', 'help']));
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
    this.#client.wire.ask(line, this.#nextUnlessEnded);
  }

  #quit(): void {
    this.#client.forgetSession();
    this.#client.wire.ask('quit', () => {});
  }

  /** Waits, and goes away meanwhile. */
  #abandon(lock: LockName): void {
    const client = this.#client;
    client.wire.ask(`lock ${lock} 5`, () => {}, 5_000);
    client.later(client.random.below(ABANDON_MS_MAX), () => client.goElsewhere());
  }

  /** Lines behind lines, sent at once; none of what they acquire is believed in. */
  #burst(lock: LockName): void {
    const client = this.#client;
    client.letGo(lock);
    client.wire.ask(`lock ${lock}`, () => {});
    client.wire.ask('ping', () => {});
    client.wire.ask(`unlock ${lock}`, () => {});
    this.#look('stats');
  }

  /** A wait, its own lock again, and an unlock behind both: pipelined. */
  #waitBehindItself(lock: LockName): void {
    const client = this.#client;
    client.letGoAll();
    client.wire.ask(`lock ${lock} 1`, () => {}, 1_000);
    client.wire.ask(`lock ${lock}`, () => {}, 1_000);
    client.wire.ask('unlock_all', this.#nextUnlessEnded, 1_000);
  }

  /** Takes a lock, then goes to another peer with it. */
  #moveWith(lock: LockName): void {
    const client = this.#client;
    client.wire.ask(`lock ${lock}`, (code, [, token, validityMs], askedMs) => {
      if (code === 200) client.acquired(lock, Number(token), askedMs, Number(validityMs));
      if (code !== 0) client.goElsewhere();
    });
  }
}
