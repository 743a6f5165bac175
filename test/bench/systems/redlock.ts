/**
 * npm `redlock` 4 on three independent Redis servers that sync every write before they answer.
 *
 * Version 4, not the 5 beta: 5 stalls under contention, keeping the keys of a lost vote until its
 * whole wait has failed (node-redlock issue 168). Waits by polling, as the package does.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import Redlock, { type Lock } from 'redlock';
import { type LockClient, type LockSystem, RIVAL_LEASE_MS, SERVERS } from '../lock-system.ts';
import {
  freePorts,
  isInstalled,
  type Server,
  startServer,
  stopServer,
  untilReady,
} from '../servers.ts';

/** Much sooner than the package's 200 ms, under which waits reach seconds. */
const RETRY_MS = 25;
const RETRY_JITTER_MS = 5;

/** Redlock with the durability that elock has. */
export class RedlockSystem implements LockSystem {
  readonly name = 'redlock';
  readonly setting =
    `npm redlock 4, ${SERVERS} Redis servers, appendfsync always, polls every ${RETRY_MS} ms`;
  #ports: readonly number[] = [];
  #servers: Server[] = [];

  get pids(): readonly number[] {
    return this.#servers.map((server) => server.pid);
  }

  missing(): string | null {
    return isInstalled('redis-server') ? null : 'redis-server is not on the path';
  }

  async start(directory: string): Promise<void> {
    this.#ports = await freePorts(SERVERS);
    for (const [index, port] of this.#ports.entries()) {
      const folder = join(directory, `redis-${index}`);
      mkdirSync(folder);
      const server = await startServer('redis-server', flags(port, folder), `${folder}/log`);
      this.#servers.push(server);
      await untilReady(server, () => answers(port));
    }
  }

  async connect(): Promise<LockClient> {
    return new RedlockClient(await Promise.all(this.#ports.map(connectTo)));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map(stopServer));
    this.#servers = [];
  }
}

class RedlockClient implements LockClient {
  readonly #connections: readonly Redis[];
  readonly #redlock: Redlock;
  readonly #locks = new Map<string, Lock>();

  constructor(connections: readonly Redis[]) {
    this.#connections = connections;
    const retries = { retryCount: 0, retryDelay: RETRY_MS, retryJitter: RETRY_JITTER_MS };
    this.#redlock = new Redlock(connections, retries);
  }

  async acquire(name: string, waitMs: number): Promise<boolean> {
    const retryCount = Math.ceil(waitMs / RETRY_MS);
    try {
      const lock = await this.#redlock.lockWithOptions(name, RIVAL_LEASE_MS, { retryCount });
      this.#locks.set(name, lock);
      return true;
    } catch (error) {
      if (error instanceof Redlock.LockError) return false;
      throw error;
    }
  }

  async release(name: string): Promise<void> {
    const lock = this.#locks.get(name)!;
    this.#locks.delete(name);
    await lock.unlock();
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.disconnect();
  }
}

function flags(port: number, folder: string): string[] {
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
  return ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, ...durable];
}

async function connectTo(port: number): Promise<Redis> {
  const connection = new Redis(port, '127.0.0.1', {
    lazyConnect: true,
    enableOfflineQueue: false,
    retryStrategy: () => null,
  });
  connection.on('error', () => {}); // Commands under way are rejected, and that is enough.
  await connection.connect();
  return connection;
}

async function answers(port: number): Promise<boolean> {
  const connection = await connectTo(port);
  connection.disconnect();
  return true;
}
