/** Peers on loopback that speak through the real transport, with fixed ids. */
import { EventEmitter, once } from 'node:events';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import type { Portrayal } from '../../src/adapters/cluster-news.ts';
import {
  createLibp2pTransport,
  type Libp2pTransport,
  type Libp2pTransportOptions,
} from '../../src/adapters/libp2p-transport.ts';
import { firstConfigurationOf } from '../../src/core/configuration.ts';
import type { ClusterId, PeerId } from '../../src/core/types.ts';
import type { Level, Logger } from '../../src/runtime/ports.ts';
import { RecordingListener } from '../contracts/recording-listener.ts';

export const CLUSTER = 'c1'.repeat(32) as ClusterId;
const NOBODYS = firstConfigurationOf(CLUSTER, [], 1);
export const OTHER_CLUSTER = 'd2'.repeat(32) as ClusterId;

/** What peers of tests say of themselves. */
export const PORTRAYAL: Portrayal = {
  software: '1.2.3',
  text: null,
  health: { quorum: true, reached: [], disk: 'ok', uptimeS: 7, clients: 0 },
};

/** A key and its peer id. */
export interface Key {
  readonly privateKey: PrivateKey;
  readonly self: PeerId;
}

/** That many keys, always the same, in the order of their ids. */
export async function keysInOrder(count: number): Promise<Key[]> {
  const keys: Key[] = [];
  for (let i = 1; i <= count; i++) {
    const privateKey = await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(i));
    keys.push({ privateKey, self: peerIdFromPrivateKey(privateKey).toString() as PeerId });
  }
  return keys.sort((a, b) => (a.self < b.self ? -1 : 1));
}

/** The TCP port that a transport listens on. */
export function portOf(transport: Libp2pTransport): number {
  return Number(transport.addresses()[0]!.split('/')[4]);
}

/** A logger that keeps its lines. */
export class RecordingLogger implements Logger {
  readonly lines: { readonly level: Level; readonly message: string; readonly fields: unknown }[] =
    [];

  readonly #logged = new EventEmitter();

  log(level: Level, message: string, fields?: Readonly<Record<string, unknown>>): void {
    this.lines.push({ level, message, fields });
    this.#logged.emit('line');
  }

  /** Resolves once `condition` holds; it is looked at with each line. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.#logged, 'line');
  }

  /** How many warnings have that in them. */
  warnings(part: string): number {
    const text = (line: unknown) => JSON.stringify(line);
    return this.lines.filter((l) => l.level === 'warn' && text(l).includes(part)).length;
  }
}

/** A running transport and what it heard. */
export interface RunningPeer {
  readonly self: PeerId;
  readonly incarnation: number;
  readonly transport: Libp2pTransport;
  readonly listener: RecordingListener;
  readonly logger: RecordingLogger;
}

/** Starts a transport on a port that the system chooses. */
export async function startPeer(
  key: Key,
  options: Partial<Libp2pTransportOptions> = {},
): Promise<RunningPeer> {
  const listener = new RecordingListener();
  const logger = new RecordingLogger();
  const incarnation = options.incarnation ?? 1;
  const transport = await createLibp2pTransport({
    ...key,
    incarnation,
    nonce: 1,
    cluster: CLUSTER,
    epoch: () => 1,
    votes: () => true,
    isRemoved: () => false,
    portray: () => PORTRAYAL,
    newerEpoch: () => {},
    known: null,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    peers: [],
    mdns: false,
    keyring: null,
    members: () => [],
    shutOut: () => {},
    charter: () => ({ kind: 'charter', charter: '', configuration: NOBODYS }),
    outdated: () => {},
    logger,
    ...options,
  });
  transport.listen(listener);
  await transport.start();
  return { self: key.self, incarnation, transport, listener, logger };
}

/** Resolves once both have a channel to each other, for the `times`th time. */
export async function joined(a: RunningPeer, b: RunningPeer, times = 1): Promise<void> {
  await a.listener.until(() => a.listener.count('opened', b.self) >= times);
  await b.listener.until(() => b.listener.count('opened', a.self) >= times);
}
