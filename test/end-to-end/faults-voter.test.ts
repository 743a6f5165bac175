/**
 * A voter is killed under 64 clients: no lock is granted twice, and the others go on.
 */
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { TextClient } from '../transcripts/text-client.ts';
import { TestCluster, tokenOf } from './dev-cluster.ts';
import { longestPauseMs, tell, Witness } from './witness.ts';

const CLIENTS = 64;
/** Clients with a name of their own; the others take turns at names that all of them want. */
const LONERS = 16;
const SHARED_NAMES = 16;
const VICTIM = 2;

/** Takes a lock, releases it and begins again, until it reaches its goal or its peer is gone. */
class Contender {
  /** When it was granted a lock, in ms of `performance.now()`. */
  readonly grants: number[] = [];
  /** It ends once it was granted so many. */
  goal = Number.POSITIVE_INFINITY;
  readonly #number: number;
  readonly #client: TextClient;
  readonly #witness: Witness;

  constructor(number: number, client: TextClient, witness: Witness) {
    this.#number = number;
    this.#client = client;
    this.#witness = witness;
  }

  get isVictim(): boolean {
    return this.#number % 3 === VICTIM;
  }

  get isLoner(): boolean {
    return this.#number < LONERS;
  }

  /** True: it reached its goal; false: the connection ended. */
  async run(): Promise<boolean> {
    if ((await this.#client.ask('set_timeout 1000')) === null) return false;
    for (let turn = this.#number; this.grants.length < this.goal; turn += 1) {
      const name = this.isLoner ? `own-${this.#number}` : `shared-${turn % SHARED_NAMES}`;
      if (!(await this.#pair(name))) return false;
    }
    return true;
  }

  async #pair(name: string): Promise<boolean> {
    const label = `client ${this.#number}`;
    const answer = await this.#client.ask(`lock ${name} 300`);
    if (answer === null) return false;
    this.#witness.granted(name, label, tokenOf(answer));
    this.grants.push(performance.now());
    await endOfTurn();
    this.#witness.givenBack(name, label);
    const released = await this.#client.ask(`unlock ${name}`);
    if (released !== null) expect(released).toMatch(/^200 /);
    return released !== null;
  }
}

it('a voter that is killed under 64 clients costs nobody else anything', async () => {
  const cluster = await TestCluster.start();
  const witness = new Witness();
  const contenders = await Promise.all(
    Array.from({ length: CLIENTS }, async (_, number) => {
      return new Contender(number, await cluster.client(number % 3), witness);
    }),
  );
  const survivors = contenders.filter(({ isVictim }) => !isVictim);
  const doomed = await cluster.client(VICTIM);
  expect(await doomed.ask('set_timeout 1000')).toMatch(/^200 /);
  const token = tokenOf(await doomed.ask('lock doomed'));
  const waiter = await cluster.client(0);
  waiter.send('lock doomed 300\n');
  const runs = contenders.map((contender) => contender.run());
  while (contenders.some(({ grants }) => grants.length < 2)) await endOfTurn();

  cluster.signal(VICTIM, 'SIGKILL');
  const killedAt = performance.now();
  expect(tokenOf(await waiter.line())).toBeGreaterThan(token);
  // Nobody who wants nothing of the dead peer has waited for its lease.
  const loners = survivors.filter(({ isLoner }) => isLoner);
  for (const { grants } of loners) expect(grants.at(-1)).toBeGreaterThan(killedAt);
  // A whole round over all names, those that the dead peer's clients held among them.
  for (const contender of contenders) contender.goal = contender.grants.length + SHARED_NAMES;
  const reached = await Promise.all(runs);

  tell(
    'kill -9 of a voter, longest pause of any client with a name of its own',
    Math.max(...loners.map(({ grants }) => longestPauseMs(grants, killedAt))),
  );
  expect(witness.complaints).toEqual([]);
  expect(reached).toEqual(contenders.map(({ isVictim }) => !isVictim));
});
