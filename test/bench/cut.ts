/**
 * `npm run bench:cut`: how long five peers take to come together again after a cut of minutes.
 *
 * Three of them vote. Each runs in a network namespace of its own, on one bridge; a voter and a peer
 * without a vote are cut from the three others, for as long as it is told, and nobody is told why. What
 * is measured is from the end of the cut to the last channel between the two sides, as both its ends
 * log it, and to the first lock that a peer of the smaller side grants. Needs root, iproute2 and nft.
 *
 *     npm run bench:cut -- --seconds 600 --how drop
 *
 * `--how drop` loses every packet; `--how unplug` takes the bridge's port down, `--how down` the
 * interface itself.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const HUB = `elock-${process.pid}-hub`;
const NUMBERS = [1, 2, 3, 4, 5];
const VOTERS = 3;
/** On the smaller side: a voter, and a peer without a vote. */
const AWAY = new Set([1, 4]);
/** Between two tries to take a lock. */
const PACE_MS = 50;
/** For clients to begin, so that they are there when the cut ends. */
const CLIENT_MS = 5_000;

type How = 'drop' | 'unplug' | 'down';

interface Flags {
  readonly seconds: string;
  readonly how: How;
  readonly wait: string;
}

function run(command: string, words: string): string {
  return execFileSync(command, words.split(' '), { encoding: 'utf8', stdio: 'pipe' });
}

function namespaceOf(number: number): string {
  return `elock-${process.pid}-${number}`;
}

function hostOf(number: number): string {
  return `10.77.9.${number}`;
}

function makeNetwork(): void {
  run('ip', `netns add ${HUB}`);
  run('ip', `-n ${HUB} link add hub type bridge`);
  run('ip', `-n ${HUB} link set hub up`);
  for (const number of NUMBERS) {
    const name = namespaceOf(number);
    run('ip', `netns add ${name}`);
    run('ip', `link add eth0 netns ${name} type veth peer name port-${number} netns ${HUB}`);
    run('ip', `-n ${HUB} link set port-${number} master hub`);
    run('ip', `-n ${HUB} link set port-${number} up`);
    run('ip', `-n ${name} addr add ${hostOf(number)}/24 dev eth0`);
    run('ip', `-n ${name} link set eth0 up`);
    run('ip', `-n ${name} link set lo up`);
  }
}

function deleteNetwork(): void {
  for (const name of [HUB, ...NUMBERS.map(namespaceOf)]) spawnSync('ip', ['netns', 'del', name]);
}

/** Between the two sides nothing passes from now on. */
function cut(how: How): void {
  for (const number of AWAY) {
    if (how === 'unplug') run('ip', `-n ${HUB} link set port-${number} down`);
    else if (how === 'down') run('ip', `-n ${namespaceOf(number)} link set eth0 down`);
    else nft(number, dropRules());
  }
}

function heal(how: How): void {
  for (const number of AWAY) {
    if (how === 'unplug') run('ip', `-n ${HUB} link set port-${number} up`);
    else if (how === 'down') run('ip', `-n ${namespaceOf(number)} link set eth0 up`);
    else nft(number, 'delete table inet cut');
  }
}

function nft(number: number, rules: string): void {
  execFileSync('ip', ['netns', 'exec', namespaceOf(number), 'nft', rules], { stdio: 'pipe' });
}

function dropRules(): string {
  const others = NUMBERS.filter((number) => !AWAY.has(number)).map(hostOf);
  const chain = (hook: string, end: string): string =>
    `add chain inet cut ${hook} { type filter hook ${hook} priority 0; }; ` +
    `add rule inet cut ${hook} ip ${end} { ${others.join(', ')} } drop;`;
  return `add table inet cut; ${chain('input', 'saddr')} ${chain('output', 'daddr')}`;
}

/** One peer, and what its log says of channels. */
class CutPeer {
  readonly number: number;
  readonly data: string;
  readonly id: string;
  /** Those it has a channel to, and since when. */
  readonly open = new Map<string, number>();
  port = 0;
  child: ChildProcess | null = null;

  constructor(number: number, directory: string) {
    this.number = number;
    this.data = join(directory, `peer-${number}`);
    mkdirSync(this.data);
    this.id = run(process.execPath, `${MAIN} id --data ${this.data}`).trim();
  }

  start(voters: readonly string[]): void {
    const listen = [`/ip4/${hostOf(this.number)}/tcp/4001`];
    const peers = this.number === 1 ? [] : [`/ip4/${hostOf(1)}/tcp/4001`];
    const config = { voters, peers, listen, mdns: false, logFormat: 'json' };
    writeFileSync(join(this.data, 'elock.json'), JSON.stringify(config));
    const words = ['netns', 'exec', namespaceOf(this.number), process.execPath, MAIN, 'start'];
    const args = [...words, '--data', this.data, '--port', '0'];
    this.child = spawn('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    createInterface({ input: this.child.stderr! }).on('line', (line) => this.#hear(line));
  }

  #hear(line: string): void {
    const { message, peer, port } = JSON.parse(line) as Record<string, string>;
    if (message === 'started') this.port = Number(port);
    else if (message === 'channel opened') this.open.set(peer!, performance.now());
    else if (message === 'channel closed') this.open.delete(peer!);
  }

  /** A client of that peer, in its namespace. */
  client(): ChildProcess {
    const relay = `const s = require('node:net').connect(${this.port}, '127.0.0.1');
      process.stdin.pipe(s).pipe(process.stdout)`;
    const words = ['netns', 'exec', namespaceOf(this.number), process.execPath, '-e', relay];
    return spawn('ip', words, { stdio: ['pipe', 'pipe', 'inherit'] });
  }
}

/** Takes a lock, however often it has to be tried; when it was granted. */
async function lock(client: ChildProcess, name: string): Promise<number> {
  const lines = createInterface({ input: client.stdout! })[Symbol.asyncIterator]();
  for (;;) {
    client.stdin!.write(`lock ${name}\n`);
    const { value } = await lines.next();
    if (String(value).startsWith('200 ')) return performance.now();
    await sleep(PACE_MS);
  }
}

/** Ends of channels between the two sides. */
function crossing(peers: readonly CutPeer[]): number[] {
  return peers.flatMap((peer) =>
    peers
      .filter((other) => AWAY.has(other.number) !== AWAY.has(peer.number))
      .flatMap((other) => peer.open.get(other.id) ?? []),
  );
}

async function until(isTrue: () => boolean, ms: number): Promise<boolean> {
  const end = performance.now() + ms;
  while (!isTrue() && performance.now() < end) await sleep(PACE_MS);
  return isTrue();
}

async function measure(peers: readonly CutPeer[], { how, seconds, wait }: Flags): Promise<void> {
  const all = 2 * AWAY.size * (NUMBERS.length - AWAY.size);
  const waitMs = Number(wait) * 1_000;
  if (!(await until(() => crossing(peers).length === all, waitMs))) throw new Error('not met');
  await sleep(2_000);
  cut(how);
  await sleep(Number(seconds) * 1_000);
  console.log(`${how}: after ${seconds} s, ${crossing(peers).length} ends left of ${all}`);
  const away = peers.filter(({ number }) => AWAY.has(number));
  const clients = away.map((peer) => peer.client());
  const locks = clients.map((client, index) => lock(client, `of-${index}`));
  await sleep(CLIENT_MS);
  heal(how);
  const healedAt = performance.now();
  const since = (at: number): string => `${((at - healedAt) / 1_000).toFixed(2)} s`;
  const locked = await Promise.all(locks);
  for (const client of clients) client.kill();
  const isWhole = await until(() => crossing(peers).length === all, waitMs);
  console.log(`${how}: locks of the smaller side after ${locked.map(since).join(' and ')}`);
  for (const peer of peers) {
    const after = peers.filter(({ number }) => AWAY.has(number) !== AWAY.has(peer.number));
    const times = after.map((other) => `${other.number}: ${since(peer.open.get(other.id) ?? 0)}`);
    console.log(`${how}: ${peer.number} hears ${times.join(', ')}`);
  }
  console.log(`${how}: ${isWhole ? 'whole' : 'NOT whole'} ${since(Math.max(...crossing(peers)))}`);
}

async function main(): Promise<void> {
  const flags = new Command('bench:cut')
    .option('--seconds <count>', 'that the cut lasts', '600')
    .option('--how <how>', 'drop, unplug or down', 'drop')
    .option('--wait <seconds>', 'for all channels, before and after', '120')
    .parse()
    .opts<Flags>();
  mkdirSync('.elock', { recursive: true });
  const directory = resolve(mkdtempSync(join('.elock', 'cut-')));
  const peers = NUMBERS.map((number) => new CutPeer(number, directory));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  process.once('exit', () => {
    for (const { child } of peers) child?.kill('SIGKILL');
    deleteNetwork();
    rmSync(directory, { recursive: true, force: true });
  });
  makeNetwork();
  const voters = peers.slice(0, VOTERS).map(({ id }) => id);
  for (const peer of peers) peer.start(voters);
  await measure(peers, flags);
  const gone = peers.map(({ child }) => once(child!, 'exit'));
  for (const { child } of peers) child!.kill('SIGTERM');
  await Promise.all(gone);
}

await main();
