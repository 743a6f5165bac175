/**
 * Three ZooKeeper nodes and the lock recipe of its documentation: ephemeral sequential nodes, each
 * client watching the one before its own.
 *
 * Runs the Debian package's classes with a configuration of its own. Source: "ZooKeeper Recipes and
 * Solutions", Locks.
 */
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import zookeeper, { type Client } from 'node-zookeeper-client';
import { type LockClient, type LockSystem, RIVAL_LEASE_MS, SERVERS } from '../lock-system.ts';
import {
  freePorts,
  isInstalled,
  type Server,
  startServer,
  stopServer,
  untilReady,
} from '../servers.ts';

const CLASSES = '/usr/share/java/zookeeper.jar';
const MAIN_CLASS = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
const HEAP_MIB = 1_000;
const ANY_VERSION = -1;

/** ZooKeeper with its defaults: a majority has a write on disk before it is confirmed. */
export class ZookeeperSystem implements LockSystem {
  readonly name = 'zookeeper';
  readonly setting = `${SERVERS} nodes, npm node-zookeeper-client, ephemeral sequential nodes`;
  #clientPorts: readonly number[] = [];
  #servers: Server[] = [];

  get pids(): readonly number[] {
    return this.#servers.map((server) => server.pid);
  }

  missing(): string | null {
    if (!isInstalled('java')) return 'java is not on the path';
    return existsSync(CLASSES) ? null : `there is no ${CLASSES}`;
  }

  async start(directory: string): Promise<void> {
    const ports = await freePorts(3 * SERVERS);
    this.#clientPorts = ports.slice(0, SERVERS);
    for (const [index, port] of this.#clientPorts.entries()) {
      const folder = join(directory, `zookeeper-${index}`);
      const args = ['-cp', CLASSES, `-Xmx${HEAP_MIB}m`, MAIN_CLASS];
      const configuration = configure(folder, index, port, ports.slice(SERVERS));
      this.#servers.push(await startServer('java', [...args, configuration], `${folder}/log`));
    }
    for (const [index, server] of this.#servers.entries()) {
      await untilReady(server, () => isServing(this.#clientPorts[index]!));
    }
  }

  async connect(index: number): Promise<LockClient> {
    const client = zookeeper.createClient(`127.0.0.1:${this.#clientPorts[index % SERVERS]!}`, {
      sessionTimeout: RIVAL_LEASE_MS,
      spinDelay: 0,
    });
    client.connect();
    await new Promise<void>((resolve) => client.once('connected', resolve));
    return new ZookeeperClient(client);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map(stopServer));
    this.#servers = [];
  }
}

class ZookeeperClient implements LockClient {
  readonly #client: Client;
  readonly #claims = new Map<string, string>();

  constructor(client: Client) {
    this.#client = client;
  }

  async acquire(name: string, waitMs: number): Promise<boolean> {
    const deadline = performance.now() + waitMs;
    const claim = await this.#enqueue(name);
    this.#claims.set(name, claim);
    for (;;) {
      const before = await this.#claimBefore(name, claim);
      if (before === null) return true;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0 || !(await this.#endOf(before, leftMs))) break;
    }
    await this.release(name);
    return false;
  }

  async release(name: string): Promise<void> {
    const claim = this.#claims.get(name)!;
    this.#claims.delete(name);
    await promisify<void>((done) => this.#client.remove(claim, ANY_VERSION, done))();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#client.once('disconnected', resolve));
    this.#client.close();
    await closed;
  }

  /** @returns the path of this client's node in the queue; a name's first use makes the queue */
  async #enqueue(name: string): Promise<string> {
    const { CreateMode, Exception } = zookeeper;
    const join = () => this.#create(`/${name}/claim-`, CreateMode.EPHEMERAL_SEQUENTIAL);
    try {
      return await join();
    } catch (error) {
      if (!hasCode(error, Exception.NO_NODE)) throw error;
    }
    await this.#create(`/${name}`, CreateMode.PERSISTENT).catch((error: unknown) => {
      if (!hasCode(error, Exception.NODE_EXISTS)) throw error;
    });
    return join();
  }

  #create(path: string, mode: number): Promise<string> {
    return promisify<string>((done) => this.#client.create(path, null, mode, done))();
  }

  async #claimBefore(name: string, claim: string): Promise<string | null> {
    const list = promisify<string[]>((done) => this.#client.getChildren(`/${name}`, done));
    const queue = (await list()).map((child) => `/${name}/${child}`).sort();
    return queue[queue.indexOf(claim) - 1] ?? null;
  }

  /** @returns whether that node is gone, or was changed, within the time */
  async #endOf(path: string, withinMs: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(false), withinMs);
      const ended = () => {
        clearTimeout(timer);
        resolve(true);
      };
      this.#client.exists(path, ended, (error, found) => {
        if (error !== null) reject(error);
        else if (found === null) ended();
      });
    });
  }
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** @returns the path of the configuration of one node, now written */
function configure(
  folder: string,
  index: number,
  clientPort: number,
  nodePorts: readonly number[],
): string {
  mkdirSync(folder);
  writeFileSync(join(folder, 'myid'), String(index + 1));
  const nodes = Array.from({ length: SERVERS }, (_, each) => {
    return `server.${each + 1}=127.0.0.1:${nodePorts[2 * each]}:${nodePorts[2 * each + 1]}`;
  });
  const settings = [
    `dataDir=${folder}`,
    'clientPortAddress=127.0.0.1',
    `clientPort=${clientPort}`,
    'tickTime=2000',
    'initLimit=10',
    'syncLimit=5',
    'maxClientCnxns=0',
    'admin.enableServer=false',
    '4lw.commands.whitelist=srvr',
    ...nodes,
  ];
  writeFileSync(join(folder, 'zoo.cfg'), `${settings.join('\n')}\n`);
  return join(folder, 'zoo.cfg');
}

async function isServing(port: number): Promise<boolean> {
  const socket = connectSocket(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write('srvr');
  return /^Mode: (leader|follower)/m.test(await text(socket));
}
