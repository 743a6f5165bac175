/**
 * `npm run bench:mesh`: how long many peers on this machine take to find each other, all of them
 * started at once, and what they cost when all is quiet.
 *
 * The first five vote, once formed. They have found each other when every peer shows all of them to
 * its clients, by `peers`, as reached and with what they say of themselves. Peers come in by `elock init`, `invite` and
 * `join`, and are all started at the same time, without what an earlier start knew of addresses; their
 * channels are counted through their logs. Takes some 95 MB for each. Linux only.
 *
 *     npm run bench:mesh -- --peers 20
 *     npm run bench:mesh -- --peers 100 --wait 600 --quiet 30
 *
 * With `--client` the voters are started first, and a client of one of them locks and unlocks while
 * all others come. In a network namespace of its own nobody else's traffic is counted:
 *
 *     unshare -n sh -c 'ip link set lo up && npm run bench:mesh -- --peers 20 --client'
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { MAIN, MeshPeer } from './mesh-peer.ts';
import { cpuSeconds, residentMb } from './process-usage.ts';
import { SteadyClient } from './steady-client.ts';

const VOTERS = 5;
/** Processes that are started at a time while the cluster is formed. */
const AT_ONCE = 2;
const REPORT_MS = 10_000;
/** Between two looks at whom the peers show. */
const LOOK_MS = 1_000;

interface Flags {
  readonly peers: string;
  readonly wait: string;
  readonly quiet: string;
  readonly data?: string;
  readonly client?: true;
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
  const first = new MeshPeer(data[0]!);
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
    for (const each of data.slice(1, VOTERS)) founders.push(new MeshPeer(each));
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

/** Starts them all, waits until all show all, and measures their quiet. */
async function measure(data: readonly string[], peers: MeshPeer[], flags: Flags): Promise<void> {
  for (const each of data) rmSync(join(each, 'peers.json'), { force: true });
  const start = (each: string): void => void peers.push(new MeshPeer(each));
  const client = flags.client === undefined ? null : await serve(data, start, peers);
  for (const each of data.slice(peers.length)) start(each);
  const startedAt = performance.now();
  const elapsed = (): number => (performance.now() - startedAt) / 1_000;
  const isWhole = (): boolean => peers.every(({ shown }) => shown === data.length);
  const tell = (): void => console.log(`${elapsed().toFixed(1)} s: ${progress(peers)}`);
  const reports = setInterval(tell, REPORT_MS);
  while (!isWhole() && elapsed() < Number(flags.wait)) {
    await sleep(LOOK_MS);
    for (const peer of peers) if (peer.shown < data.length) await peer.look().catch(() => {});
  }
  clearInterval(reports);
  tell();
  if (client !== null) console.log(await client.stop());
  console.log(`CPU so far: ${(cpuSeconds(pids(peers)) / data.length).toFixed(2)} s for each peer`);
  summarize(peers);
  if (isWhole()) await measureQuiet(peers, Number(flags.quiet) * 1_000);
}

function progress(peers: readonly MeshPeer[]): string {
  const sum = (of: (peer: MeshPeer) => number): number => peers.reduce((n, p) => n + of(p), 0);
  const shown = `${sum((p) => p.shown)} of ${peers.length ** 2} peers are shown`;
  const whole = peers.filter((p) => p.shown === peers.length).length;
  const ends = `${sum((p) => p.open.size)} channel ends`;
  return `${shown}, ${whole} show all; ${ends}, load ${loadavg()[0]!.toFixed(0)}`;
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
  const voters = pids(peers.slice(0, VOTERS));
  const others = pids(peers.slice(VOTERS));
  const before = { voters: cpuSeconds(voters), others: cpuSeconds(others), ...loopback() };
  await sleep(quietMs);
  const after = { voters: cpuSeconds(voters), others: cpuSeconds(others), ...loopback() };
  const each = (of: keyof typeof after, count: number): number =>
    (after[of] - before[of]) / (quietMs / 1_000) / count;
  const share = (of: 'voters' | 'others', { length }: { readonly length: number }): string =>
    `${(each(of, Math.max(length, 1)) * 100).toFixed(2)} %`;
  console.log(`quiet: ${progress(peers)}`);
  console.log(
    `a voter: ${share('voters', voters)} of a core, any other: ${share('others', others)}`,
  );
  const sent = `${each('bytes', peers.length).toFixed(0)} bytes/s`;
  const packets = `${each('packets', peers.length).toFixed(1)} packets/s`;
  const memory = (residentMb(pids(peers)) / peers.length).toFixed(0);
  console.log(`each sent ${sent} in ${packets} over loopback, headers included`);
  console.log(`${memory} MB resident each`);
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
