/**
 * Random commands of several clients under random faults, then health: what must hold whatever
 * happens. Small worlds, many of them; the simulator searches deeper.
 */
import { expect, test } from 'vitest';
import type { LockName } from '../../src/core/types.ts';
import { Cluster } from './cluster.ts';
import type { TestClient } from './test-client.ts';

const NAMES = ['door', 'gate'];
const FAULT_MS = 25_000;
const SEEDS = 40;

/** A client, and what it was told so far. */
class Actor {
  readonly client: TestClient;
  /** Until when it may rely on each lock, in the world's time. */
  readonly beliefs = new Map<string, number>();
  /** The lock that its command under way is about; `null`: nothing is under way. */
  wanted: string | null = null;
  over = false;
  /** Whether its command under way is a `queue` that was answered, and may be ended. */
  queued = false;
  readonly #permille: number;
  #read = 0;

  /** Counts on its peer's clock, which runs at so many thousandths of the world's time. */
  constructor(client: TestClient, permille: number) {
    this.client = client;
    this.#permille = permille;
    this.wanted = '';
    client.send({ kind: 'set-timeout', timeoutMs: 3_000 });
  }

  get isIdle(): boolean {
    return this.wanted === null && !this.over;
  }

  lock(name: string, waitMs: number): void {
    this.wanted = name;
    this.client.wait(name, waitMs);
  }

  queue(name: string, waitMs: number): void {
    this.wanted = name;
    this.client.send({ kind: 'queue', name: name as LockName, waitMs });
  }

  /** Ends its wait: whatever it was told that it has not read yet, it relies on nothing of it. */
  cancel(): void {
    const name = this.wanted as LockName;
    this.queued = false;
    this.#read = this.client.heard.length;
    this.client.send({ kind: 'unlock', name });
  }

  /** From the moment of asking it relies on the lock no more. */
  unlock(name: string): void {
    this.wanted = name;
    this.beliefs.delete(name);
    this.client.send({ kind: 'unlock', name: name as LockName });
  }

  leave(): void {
    if (!this.over) this.client.disconnect();
    this.over = true;
    this.beliefs.clear();
  }

  /** Takes in what it heard. */
  read(now: number): void {
    for (const heard of this.client.heard.slice(this.#read)) {
      this.#read += 1;
      if (heard.kind === 'response' && heard.response.kind === 'queued') {
        this.queued = true;
        continue;
      }
      if (heard.kind !== 'response' && heard.kind !== 'told') {
        this.over = true;
        this.beliefs.clear();
      } else if (heard.response.kind === 'acquired' && this.wanted !== null) {
        const validityMs = (heard.response.validityMs * 1_000) / this.#permille;
        this.beliefs.set(this.wanted, now + validityMs);
      }
      this.wanted = null;
      this.queued = false;
    }
  }
}

/** Numbers from a seed. */
function randomOf(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return Math.trunc(((state ^ (state >>> 13)) >>> 0) % below);
  };
}

/** One world: faults, then health. */
class World {
  readonly cluster: Cluster;
  readonly #random: (below: number) => number;
  readonly #permilles: readonly number[];
  readonly #actors: Actor[] = [];
  /** The highest token given so far, by lock. */
  readonly #tokens = new Map<string, number>();

  constructor(seed: number) {
    this.#random = randomOf(seed);
    const offsets = [0, 1, 2, 3].map(() => this.#random(100_000));
    const permilles = [0, 1, 2, 3].map(() => 995 + this.#random(11));
    this.#permilles = permilles;
    const settings = { forgetMs: 1_500 };
    this.cluster = new Cluster({ peers: 4, voters: 3, seed, offsets, permilles, settings });
    for (let index = 0; index < 6; index++) this.#join(index % 4);
  }

  #join(index: number): void {
    this.#actors.push(new Actor(this.cluster.client(index), this.#permilles[index] ?? 1_000));
  }

  /** Every observed grant has a higher token than all before it of that lock. */
  #checkTokens(): void {
    for (const { observation } of this.cluster.observed.splice(0)) {
      if (observation.kind !== 'granted') continue;
      const { lock, token } = observation;
      expect(token, `token of ${lock}`).toBeGreaterThan(this.#tokens.get(lock) ?? 0);
      this.#tokens.set(lock, token);
    }
  }

  /** No two clients believe at once that they hold one lock. */
  #checkExclusive(): void {
    const { now } = this.cluster;
    for (const name of NAMES) {
      const believing = this.#actors.filter(({ beliefs }) => now < (beliefs.get(name) ?? 0));
      expect(believing.length, `believers in ${name}`).toBeLessThanOrEqual(1);
    }
  }

  #read(): void {
    for (const actor of this.#actors) actor.read(this.cluster.now);
    this.#checkTokens();
    this.#checkExclusive();
  }

  /** Time passes, and every event is checked. */
  run(ms: number): void {
    const end = this.cluster.now + ms;
    const count = () => this.#actors.reduce((sum, { client }) => sum + client.heard.length, 0);
    while (this.cluster.now < end) {
      const heard = count();
      this.cluster.runUntil(() => count() > heard, end - this.cluster.now);
      this.#read();
    }
  }

  #act(): void {
    const actor = this.#actors[this.#random(this.#actors.length)] as Actor;
    if (actor.queued && !actor.over && this.#random(20) === 0) actor.cancel();
    if (!actor.isIdle) return;
    const name = NAMES[this.#random(NAMES.length)] as string;
    if (actor.beliefs.has(name)) actor.unlock(name);
    else if (this.#random(3) === 0) actor.queue(name, 4_000);
    else actor.lock(name, [0, 0, 500, 4_000][this.#random(4)] ?? 0);
  }

  #fault(): void {
    const { cluster } = this;
    const [a, b] = [this.#random(4), this.#random(4)];
    const faults = [
      () => cluster.cut(a, b),
      () => cluster.heal(a, b),
      () => cluster.heal(a, b),
      () => cluster.breakChannel(a, b),
      () => cluster.hold(a, b),
      () => cluster.flow(a, b),
      () => cluster.flow(a, b),
      () => cluster.pause(a),
      () => cluster.resume(a),
      () => cluster.resume(a),
      () => cluster.crash(a),
      () => this.#start(a),
      () => this.#start(a),
    ];
    if (a !== b) faults[this.#random(faults.length)]?.();
  }

  /** Another life; the clients of the one before are gone, but believe what they were told. */
  #start(index: number): void {
    if (this.cluster.member(index).peer !== null) return;
    for (const actor of this.#actors) if (actor.client.index === index) actor.over = true;
    this.cluster.start(index);
    this.#join(index);
  }

  /** Commands and faults, for a while. */
  storm(): void {
    const end = this.cluster.now + FAULT_MS;
    while (this.cluster.now < end) {
      if (this.#random(6) === 0) this.#fault();
      this.#act();
      this.run(1 + this.#random(150));
    }
  }

  /** Everything stands again. */
  heal(): void {
    for (let a = 0; a < 4; a++) {
      this.cluster.resume(a);
      this.#start(a);
      for (let b = 0; b < a; b++) {
        this.cluster.heal(a, b);
        this.cluster.flow(a, b);
        this.cluster.flow(b, a);
      }
    }
  }

  /** After health every command is answered, and every lock can be had. */
  checkLive(): void {
    this.run(15_000);
    const open = this.#actors.filter(({ wanted, over }) => wanted !== null && !over);
    expect(open, 'commands without an answer').toEqual([]);
    for (const actor of this.#actors) actor.leave();
    this.run(10_000);
    for (const name of NAMES) {
      const client = this.cluster.client(this.#random(4));
      expect(client.lock(name, 10_000)).toMatchObject({ kind: 'acquired' });
      expect(client.unlock(name)).toEqual({ kind: 'released' });
    }
    this.#checkTokens();
  }
}

test.each(Array.from({ length: SEEDS }, (_, index) => index + 1))(
  'tokens rise, no two clients hold one lock, and all is well after faults: seed %i',
  (seed) => {
    const world = new World(seed);
    world.storm();
    world.heal();
    world.checkLive();
  },
);
