/**
 * Three peers, each in a network namespace of its own, on one bridge that can be cut.
 *
 * Needs root, iproute2 and nft. Clients stay outside, and go in by Unix sockets, so that no cut
 * between peers keeps a client from its own peer.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { BUNDLED } from '../bundled.ts';
import { TextClient } from '../transcripts/text-client.ts';
import { ElockProcess } from './dev-cluster.ts';

const RELAY = fileURLToPath(new URL('children/unix-relay.mjs', import.meta.url));
const HUB = `elock-${process.pid}-hub`;
const PEERS = [1, 2, 3] as const;

/** Number of a peer, from 1. */
export type PeerNumber = (typeof PEERS)[number];

function namespaceOf(peer: PeerNumber): string {
  return `elock-${process.pid}-peer-${peer}`;
}

function hostOf(peer: PeerNumber): string {
  return `10.77.8.${peer}`;
}

function ip(words: string): void {
  execFileSync('ip', words.split(' '), { stdio: 'pipe' });
}

function nft(peer: PeerNumber, rules: string): void {
  execFileSync('ip', ['netns', 'exec', namespaceOf(peer), 'nft', rules], { stdio: 'pipe' });
}

function deleteNamespaces(): void {
  for (const name of [HUB, ...PEERS.map(namespaceOf)]) {
    spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
  }
}

function makeNamespaces(): void {
  ip(`netns add ${HUB}`);
  ip(`-n ${HUB} link add hub type bridge`);
  ip(`-n ${HUB} link set hub up`);
  for (const peer of PEERS) {
    const name = namespaceOf(peer);
    ip(`netns add ${name}`);
    ip(`link add eth0 netns ${name} type veth peer port-${peer} netns ${HUB}`);
    ip(`-n ${HUB} link set port-${peer} master hub`);
    ip(`-n ${HUB} link set port-${peer} up`);
    ip(`-n ${name} addr add ${hostOf(peer)}/24 dev eth0`);
    ip(`-n ${name} link set eth0 up`);
    ip(`-n ${name} link set lo up`);
  }
}

/** What keeps a test from making namespaces; `null`: nothing. */
export function obstacle(): string | null {
  try {
    makeNamespaces();
    nft(1, 'list ruleset');
    return null;
  } catch (error) {
    return (error as Error).message.split('\n')[0]!;
  } finally {
    deleteNamespaces();
  }
}

/** Three peers that see a quorum, each in its namespace. */
export class CutCluster {
  readonly #sockets = new Map<PeerNumber, string>();

  /** @param options - for all peers, beside those that make them a cluster */
  static async start(options: Readonly<Record<string, unknown>>): Promise<CutCluster> {
    onTestFinished(deleteNamespaces);
    makeNamespaces();
    const cluster = new CutCluster();
    const data = temporaryDirectory();
    const folders = PEERS.map((peer) => join(data, `peer-${peer}`));
    const voters = folders.map((folder) => idOf(folder));
    const peers = PEERS.map((peer) => `/ip4/${hostOf(peer)}/tcp/4001`);
    const starts = PEERS.map(async (peer, index) => {
      const listen = [peers[index]!];
      const config = { ...options, voters, peers, listen, mdns: false };
      writeFileSync(join(folders[index]!, 'elock.json'), JSON.stringify(config));
      await cluster.#start(peer, folders[index]!, join(data, `${peer}.sock`));
    });
    await Promise.all(starts);
    return cluster;
  }

  async #start(peer: PeerNumber, folder: string, socket: string): Promise<void> {
    const inside = `exec ip netns exec ${namespaceOf(peer)} "$0" "$@";`;
    const elock = new ElockProcess(['start', '--data', folder], {}, inside);
    const { port } = JSON.parse(await elock.logged('"started"')) as { port: number };
    const words = [socket, '127.0.0.1', String(port)];
    const relay = new ElockProcess(words, {}, inside, RELAY);
    await relay.logged('listening');
    await elock.logged('quorum reached');
    this.#sockets.set(peer, socket);
  }

  /** A client of that peer. */
  async client(peer: PeerNumber): Promise<TextClient> {
    const client = await TextClient.connect(this.#sockets.get(peer)!);
    onTestFinished(() => void client.socket.destroy());
    return client;
  }

  /** From now on no packet reaches or leaves that peer, and nobody is told. */
  cut(peer: PeerNumber): void {
    const chains = ['input', 'output'].map(
      (hook) =>
        `add chain inet cut ${hook} { type filter hook ${hook} priority 0; policy drop; }; ` +
        `add rule inet cut ${hook} meta ${hook === 'input' ? 'iif' : 'oif'}name lo accept;`,
    );
    nft(peer, `add table inet cut; ${chains.join(' ')}`);
  }

  /** Ends the cut. */
  heal(peer: PeerNumber): void {
    nft(peer, 'delete table inet cut');
  }
}

function idOf(folder: string): string {
  mkdirSync(folder, { recursive: true });
  return execFileSync(process.execPath, [BUNDLED, 'id', '--data', folder], {
    encoding: 'utf8',
  }).trim();
}
