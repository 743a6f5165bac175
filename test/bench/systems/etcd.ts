/**
 * Three etcd nodes, one lease for each client, and the queue by create revision.
 *
 * The recipe is that of etcd's own Go client (`client/v3/concurrency/mutex.go`), written on npm
 * `etcd3`: that package's own lock makes a lease for every lock, and its waiters stampede.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { Etcd3, type IKeyValue, type IResponseOp, type Lease, type MultiRangeBuilder } from 'etcd3';
import { type LockClient, type LockSystem, RIVAL_LEASE_MS, SERVERS } from '../lock-system.ts';
import {
  freePorts,
  isInstalled,
  type Server,
  startServer,
  stopServer,
  untilReady,
} from '../servers.ts';

/** etcd with its defaults. */
export class EtcdSystem implements LockSystem {
  readonly name = 'etcd';
  readonly setting = `${SERVERS} nodes, npm etcd3, one lease a client, queue by create revision`;
  #clientPorts: readonly number[] = [];
  #servers: Server[] = [];

  get pids(): readonly number[] {
    return this.#servers.map((server) => server.pid);
  }

  missing(): string | null {
    return isInstalled('etcd') ? null : 'etcd is not on the path';
  }

  async start(directory: string): Promise<void> {
    const ports = await freePorts(2 * SERVERS);
    this.#clientPorts = ports.slice(0, SERVERS);
    const peerPorts = ports.slice(SERVERS);
    for (const [index, port] of this.#clientPorts.entries()) {
      const all = [...flags(index, port, peerPorts), '--data-dir', join(directory, `${index}`)];
      this.#servers.push(await startServer('etcd', all, join(directory, `${index}.log`)));
    }
    for (const [index, server] of this.#servers.entries()) {
      await untilReady(server, () => isHealthy(this.#clientPorts[index]!));
    }
  }

  async connect(index: number): Promise<LockClient> {
    const client = new Etcd3({
      hosts: url(this.#clientPorts[index % SERVERS]!),
      grpcOptions: { 'grpc.use_local_subchannel_pool': 1 },
    });
    const lease = client.lease(RIVAL_LEASE_MS / 1_000);
    return new EtcdClient(client, lease, await lease.grant());
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map(stopServer));
    this.#servers = [];
  }
}

class EtcdClient implements LockClient {
  readonly #client: Etcd3;
  readonly #lease: Lease;
  readonly #leaseId: string;
  #leaseLost: Error | null = null;

  constructor(client: Etcd3, lease: Lease, leaseId: string) {
    this.#client = client;
    this.#lease = lease;
    this.#leaseId = leaseId;
    lease.on('lost', (error) => {
      this.#leaseLost = error;
    });
  }

  async acquire(name: string, waitMs: number): Promise<boolean> {
    const startedAt = performance.now();
    const revision = await this.#enqueue(name);
    if (revision === 'held') return true;
    for (;;) {
      if (this.#leaseLost !== null) throw this.#leaseLost;
      const waited = performance.now() - startedAt;
      const before = await this.#lastBefore(name, revision);
      if (before === null) return true;
      if (waited >= waitMs || !(await this.#deletionOf(before, waitMs - waited))) break;
    }
    await this.release(name);
    return false;
  }

  async release(name: string): Promise<void> {
    await this.#client.delete().key(this.#keyOf(name)).exec();
  }

  async close(): Promise<void> {
    await this.#lease.revoke();
    this.#client.close();
  }

  /** @returns the revision that made this client's key, unless the lock is held with it at once */
  async #enqueue(name: string): Promise<string> {
    const key = this.#keyOf(name);
    const oldest = this.#queue(name).sort('Create', 'Ascend').limit(1);
    const { header, succeeded, responses } = await this.#client
      .if(key, 'Create', '==', 0)
      .then(this.#client.put(key).value('').lease(this.#leaseId), oldest)
      .commit();
    if (!succeeded) throw new Error(`${key} exists: acquired twice, or never released`);
    return keysOf(responses[1]!)[0]?.key.toString() === key ? 'held' : header.revision;
  }

  async #lastBefore(name: string, revision: string): Promise<Before | null> {
    const { kvs, header } = await this.#queue(name)
      .maxCreateRevision(String(BigInt(revision) - 1n))
      .sort('Create', 'Descend')
      .limit(1)
      .exec();
    const last = kvs[0];
    return last === undefined ? null : { key: last.key, seenAt: header.revision };
  }

  /** @returns whether that key was deleted within the time */
  async #deletionOf({ key, seenAt }: Before, withinMs: number): Promise<boolean> {
    // Not from `seenAt` itself: etcd looks for what is past only every 100 ms.
    const watch = this.#client
      .watch()
      .key(key)
      .only('delete')
      .startRevision(String(BigInt(seenAt) + 1n));
    const watcher = watch.watcher();
    try {
      await once(watcher, 'delete', { signal: AbortSignal.timeout(Math.ceil(withinMs)) });
      return true;
    } catch (error) {
      if ((error as Error).name === 'AbortError') return false;
      throw error;
    } finally {
      watcher.cancel().catch(() => {}); // It ends with the connection at the latest.
    }
  }

  #queue(name: string): MultiRangeBuilder {
    return this.#client.getAll().prefix(`${name}/`);
  }

  #keyOf(name: string): string {
    return `${name}/${this.#leaseId}`;
  }
}

/** The key that is next in the queue, as of a revision. */
interface Before {
  readonly key: Buffer;
  readonly seenAt: string;
}

function keysOf(response: IResponseOp): readonly IKeyValue[] {
  return response.response_range.kvs;
}

function flags(index: number, clientPort: number, peerPorts: readonly number[]): string[] {
  const cluster = peerPorts.map((port, each) => `${each}=${url(port)}`).join(',');
  return [
    ...['--name', String(index), '--logger', 'zap', '--log-level', 'error'],
    ...['--listen-client-urls', url(clientPort), '--advertise-client-urls', url(clientPort)],
    ...['--listen-peer-urls', url(peerPorts[index]!)],
    ...['--initial-advertise-peer-urls', url(peerPorts[index]!), '--initial-cluster', cluster],
  ];
}

async function isHealthy(port: number): Promise<boolean> {
  const response = await fetch(`${url(port)}/health`);
  return ((await response.json()) as { health: string }).health === 'true';
}

function url(port: number): string {
  return `http://127.0.0.1:${port}`;
}
