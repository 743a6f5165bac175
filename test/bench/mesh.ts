/**
 * `npm run bench:mesh`: how long many peers on this machine take to find each other, all of them
 * started at once, and what they cost when all is quiet.
 *
 * The first five vote, once formed; every peer is to keep a channel to every other. Peers come in by
 * `elock init`, `invite` and `join`, are all started at the same time, without what an earlier start
 * knew of addresses, and are counted through their logs. Takes some 95 MB for each. Linux only.
 *
 *     npm run bench:mesh -- --peers 20
 *     npm run bench:mesh -- --peers 100 --wait 600 --quiet 30
 *
 * With `--client` the voters are started first, and a client of one of them locks and unlocks while
 * all others come. In a network namespace of its own nobody else's traffic is counted:
 *
 *     unshare -n sh -c 'ip link set lo up && npm run bench:mesh -- --peers 20 --client'
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { cpuSeconds, residentMb } from './process-usage.ts';
import { SteadyClient } from './steady-client.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const VOTERS = 5;
/** Processes that are started at a time while the cluster is formed. */
const AT_ONCE = 2;
const REPORT_MS = 10_000;

interface Flags {
  readonly peers: string;
  readonly wait: string;
  readonly quiet: string;
  readonly data?: string;
  readonly client?: true;
}

/** One peer: its process, and its open channels by its log. */
class MeshPeer {
  readonly child: ChildProcess;
  readonly open = new Set<string>();
  /** Its port for clients; 0: not known yet. */
  port = 0;
  opened = 0;
  closed = 0;
  /** What it said at last that was no matter of course. */
  readonly complaints = new Map<string, number>();

  constructor(data: string, changed: () => void) {
    const args = ['start', '--data', data, '--port', '0', '--no-mdns', '--log-format', 'json'];
    this.child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    createInterface({ input: this.child.stderr! }).on('line', (line) => {
      this.#hear(line);
      changed();
    });
    this.child.on('exit', (status) => this.#complain(`exit ${status}`));
  }

  #hear(line: string): void {
    const { level, message, peer, reason, port } = JSON.parse(line) as Record<string, string>;
    if (message === 'started') this.port = Number(port);
    if (message === 'channel opened') {
      this.open.add(peer!);
      this.opened += 1;
    } else if (message === 'channel closed') {
      this.open.delete(peer!);
      this.closed += 1;
      this.#complain(`closed: ${reason}`);
    } else if (level === 'warn' || level === 'error') this.#complain(`${level}: ${message}`);
    if (level === 'error') console.error(line);
  }

  #complain(what: string): void {
    this.complaints.set(what, (this.complaints.get(what) ?? 0) + 1);
  }
}

async function elock(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [status] = (await once(child, 'close')) as [number];
  if (status !== 0) throw new Error(`elock ${args[0]} ended with ${status}`);
  return output.trim();
}

/** Directories of a cluster of which the first five vote. */
async function form(directory: string, count: number): Promise<void> {
  const data = foldersOf(directory, count);
  const listen = ['--listen', '/ip4/127.0.0.1/tcp/0'];
  const fixed = ['--listen', `/ip4/127.0.0.1/tcp/${await freePort()}`];
  await elock('init', '--data', data[0]!, '--voters', String(VOTERS), ...fixed);
  const first = new MeshPeer(data[0]!, () => {});
  const founders = [first];
  try {
    let invite = '';
    while (invite === '') invite = await elock('invite', '--data', data[0]!).catch(() => '');
    const rest = data.slice(1);
    const work = async (): Promise<void> => {
      for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
        await elock('join', invite, '--data', next, ...listen);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    for (const each of data.slice(1, VOTERS)) founders.push(new MeshPeer(each, () => {}));
    await untilVoters(data[0]!, Math.min(VOTERS, count));
  } finally {
    await stop(founders);
  }
}

function foldersOf(directory: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => join(directory, `peer-${index}`));
}

/** The address in the invite must still be right when all are started. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function untilVoters(data: string, count: number): Promise<void> {
  for (;;) {
    const status = JSON.parse(await elock('status', '--json', '--data', data)) as Status;
    if (status.peers.filter(({ voter }) => voter).length === count) return;
  }
}

interface Status {
  readonly peers: readonly { readonly voter: boolean }[];
}

async function stop(peers: readonly MeshPeer[]): Promise<void> {
  const gone = peers.map(({ child }) => child.exitCode ?? once(child, 'exit'));
  for (const { child } of peers) child.kill('SIGTERM');
  await Promise.all(gone);
}

/** Starts them all, waits for the mesh, and measures its quiet. */
async function measure(data: readonly string[], peers: MeshPeer[], flags: Flags): Promise<void> {
  const wanted = data.length * (data.length - 1);
  const ends = (): number => peers.reduce((sum, { open }) => sum + open.size, 0);
  let done = (): void => {};
  const complete = new Promise<void>((resolve) => {
    done = resolve;
  });
  for (const each of data) rmSync(join(each, 'peers.json'), { force: true });
  const start = (each: string): void => {
    peers.push(new MeshPeer(each, () => ends() === wanted && done()));
  };
  const client = flags.client === undefined ? null : await serve(data, start, peers);
  for (const each of data.slice(peers.length)) start(each);
  const startedAt = performance.now();
  const tell = (): void => {
    const s = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(`${s} s: ${ends()} of ${wanted} channel ends, load ${loadavg()[0]!.toFixed(0)}`);
  };
  const reports = setInterval(tell, REPORT_MS);
  const patience = setTimeout(done, Number(flags.wait) * 1_000);
  await complete;
  clearInterval(reports);
  clearTimeout(patience);
  tell();
  if (client !== null) console.log(await client.stop());
  console.log(`CPU so far: ${(cpuSeconds(pids(peers)) / data.length).toFixed(2)} s for each peer`);
  summarize(peers);
  if (ends() === wanted) await measureQuiet(peers, Number(flags.quiet) * 1_000);
}

/** Starts the voters, and a client of the first once all of them hear each other. */
async function serve(
  data: readonly string[],
  start: (each: string) => void,
  peers: readonly MeshPeer[],
): Promise<SteadyClient> {
  for (const each of data.slice(0, VOTERS)) start(each);
  while (peers.some(({ open, port }) => open.size < VOTERS - 1 || port === 0)) await sleep(100);
  return SteadyClient.start(peers[0]!.port);
}

async function measureQuiet(peers: readonly MeshPeer[], quietMs: number): Promise<void> {
  await sleep(quietMs);
  const before = { cpu: cpuSeconds(pids(peers)), ...loopback() };
  await sleep(quietMs);
  const after = loopback();
  const each = (quietMs / 1_000) * peers.length;
  const cpu = (((cpuSeconds(pids(peers)) - before.cpu) / each) * 100).toFixed(2);
  const bytes = ((after.bytes - before.bytes) / each).toFixed(0);
  const sent = ((after.packets - before.packets) / each).toFixed(1);
  const memory = (residentMb(pids(peers)) / peers.length).toFixed(0);
  console.log(`quiet, for each peer: ${cpu} % of a core, ${bytes} bytes/s and ${sent} packets/s`);
  console.log(`sent over loopback, headers included; ${memory} MB resident`);
  summarize(peers);
}

function summarize(peers: readonly MeshPeer[]): void {
  const sum = (of: (peer: MeshPeer) => number): number => peers.reduce((n, p) => n + of(p), 0);
  console.log(`${sum((p) => p.opened)} ends were opened, ${sum((p) => p.closed)} closed`);
  const all = new Map<string, number>();
  for (const { complaints } of peers) {
    for (const [what, times] of complaints) all.set(what, (all.get(what) ?? 0) + times);
  }
  for (const [what, times] of all) console.log(`${String(times).padStart(7)}  ${what}`);
}

function pids(peers: readonly MeshPeer[]): number[] {
  return peers.flatMap(({ child }) => (child.exitCode === null ? (child.pid ?? []) : []));
}

/** What this network namespace sent over loopback so far. */
function loopback(): { bytes: number; packets: number } {
  const line = readFileSync('/proc/net/dev', 'latin1').match(/^\s*lo:(.*)$/m)?.[1] ?? '';
  const [bytes, packets] = line.trim().split(/\s+/).map(Number);
  return { bytes: bytes ?? 0, packets: packets ?? 0 };
}

async function main(): Promise<void> {
  const flags = new Command('bench:mesh')
    .option('--peers <count>', 'processes, the first five of which vote', '20')
    .option('--wait <seconds>', 'for the mesh to be complete', '300')
    .option('--quiet <seconds>', 'that the cost of a quiet mesh is measured for', '30')
    .option('--client', 'start the voters first, and let a client use one while the others come')
    .option('--data <directory>', 'of a cluster that was formed before, or is to be kept')
    .parse()
    .opts<Flags>();
  mkdirSync('.elock', { recursive: true });
  const directory = flags.data ?? mkdtempSync(join('.elock', 'mesh-'));
  const peers: MeshPeer[] = [];
  const end = (): void => peers.forEach(({ child }) => void child.kill('SIGKILL'));
  process.once('exit', end);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  try {
    const count = Number(flags.peers);
    const last = join(directory, `peer-${count - 1}`);
    if (!existsSync(last)) await form(directory, count);
    await measure(foldersOf(directory, count), peers, flags);
  } finally {
    await stop(peers);
    if (flags.data === undefined) rmSync(directory, { recursive: true, force: true });
  }
}
await main();
