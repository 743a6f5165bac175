/**
 * Sessions of the client library that hold a lock of their own each, and take turns at some others,
 * while whoever has them kills their peers: how long each is nowhere, and what must not happen.
 *
 * Owns the clients. Kills nothing; judges nothing but by what the clients were told.
 */
import { Client, type Lock } from '../../src/client/index.ts';
import { Witness } from '../end-to-end/witness.ts';
import { msSince } from './cell.ts';

/** Locks that all take turns at. */
const CONTESTED = 10;

interface Member {
  readonly name: string;
  readonly client: Client;
  readonly own: Lock;
  /** When it noticed that its peer is gone, and has not been attached since. */
  noticedAt: number | null;
}

/** Many clients, told of all peers. */
export class Crowd {
  /** From noticing the loss of a peer to the next attachment (ms). */
  readonly returns: number[] = [];
  turns = 0;
  readonly #peers: readonly string[];
  readonly #members: Member[] = [];
  readonly #witness = new Witness();
  readonly #losses: string[] = [];
  #work: Promise<unknown> = Promise.resolve();
  #isOver = false;
  #wake: () => void = () => {};

  /** @param ports - of peers on this machine */
  constructor(ports: readonly number[]) {
    this.#peers = ports.map((port) => `127.0.0.1:${port}`);
  }

  /** Begins so many sessions, which work until `finish`. */
  async join(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_, index) => this.#join(index)));
    this.#work = Promise.all(this.#members.map((member, index) => this.#turnsOf(member, index)));
    // Heard where it is awaited, not before.
    this.#work.catch(() => {});
  }

  async #join(index: number): Promise<void> {
    const client = new Client({ peers: this.#peers });
    const own = await client.acquire(`own-${index}`);
    const member: Member = { name: `client-${index}`, client, own, noticedAt: null };
    client.on('disconnected', () => {
      member.noticedAt ??= performance.now();
    });
    client.on('connected', () => this.#returned(member));
    client.on('lost', ({ detail }) => this.#losses.push(detail.error.message));
    this.#members.push(member);
  }

  #returned(member: Member): void {
    if (member.noticedAt !== null) this.returns.push(msSince(member.noticedAt));
    member.noticedAt = null;
    this.#wake();
  }

  async #turnsOf({ client, name }: Member, index: number): Promise<void> {
    for (let turn = index; !this.#isOver; turn += 1) {
      const contested = `contested-${turn % CONTESTED}`;
      await client.locks.request(contested, async (lock) => {
        this.#witness.granted(contested, name, lock.token);
        await new Promise(setImmediate);
        if (lock.isHeld) this.#witness.givenBack(contested, name);
      });
      this.turns += 1;
    }
  }

  /** By peer, how many sessions are there now. */
  get counts(): readonly number[] {
    return this.#peers.map(
      (peer) => this.#members.filter(({ client }) => client.peer === peer).length,
    );
  }

  /** Until so many more have come back than ever had; throws what ends the work of any. */
  async untilReturned(count: number): Promise<void> {
    while (this.returns.length < count) {
      const returned = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.race([returned, this.#work]);
    }
  }

  /** Ends the work. @returns what must not have happened, in words */
  async finish(): Promise<readonly string[]> {
    this.#isOver = true;
    await this.#work;
    const gone = this.#members.filter(({ own }) => !own.isHeld);
    const complaints = gone.map(({ name }) => `${name} holds its own lock no more`);
    return [...this.#losses, ...this.#witness.complaints, ...complaints];
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#members.map(({ client }) => client.close()));
  }
}
