/**
 * The server processes of the systems: started on free ports, awaited, and stopped by their pid.
 *
 * Owns every child process of the bench; whatever way the bench ends, each is told to stop.
 * Their output goes into a file each, whose end is shown when a server fails.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A server is killed when it does not stop within this time: twice what `elock dev` allows. */
const STOP_MS_MAX = 10_000;
/** A server that is not ready by then never will be: a JVM's election takes a few seconds. */
const START_MS_MAX = 60_000;
const POLL_MS = 50;
const LOG_CHARACTERS_SHOWN = 2_000;

/** One running process of a system. */
export interface Server {
  readonly pid: number;
  readonly child: ChildProcess;
  readonly log: string;
}

const running = new Map<ChildProcess, Server>();
process.on('exit', () => {
  for (const child of running.keys()) child.kill();
});

/**
 * Starts a server.
 *
 * @param log - the file that takes its standard error, and its standard output too unless piped
 */
export async function startServer(
  command: string,
  args: readonly string[],
  log: string,
  stdout: 'log' | 'pipe' = 'log',
): Promise<Server> {
  const file = openSync(log, 'a');
  const child = spawn(command, args, {
    stdio: ['ignore', stdout === 'pipe' ? 'pipe' : file, file],
  });
  closeSync(file);
  await once(child, 'spawn');
  const server = { pid: child.pid!, child, log };
  running.set(child, server);
  child.once('exit', () => running.delete(child));
  return server;
}

/** Asks a server to stop, kills it if it does not, and resolves when it has ended. */
export async function stopServer(server: Server): Promise<void> {
  if (!running.has(server.child)) return;
  const kill = setTimeout(() => server.child.kill('SIGKILL'), STOP_MS_MAX);
  server.child.kill();
  await once(server.child, 'exit');
  clearTimeout(kill);
}

/** Stops whatever still runs. */
export async function stopAllServers(): Promise<void> {
  await Promise.all([...running.values()].map(stopServer));
}

/** Resolves when `ready` says so of the server; throws when it dies or takes too long. */
export async function untilReady(server: Server, ready: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + START_MS_MAX;
  while (!(await ready().catch(() => false))) {
    if (!running.has(server.child)) throw failure(server, 'ended before it was ready');
    if (performance.now() > deadline) throw failure(server, 'is still not ready');
    await delay(POLL_MS);
  }
}

/** The first line that a server with a piped standard output writes there. */
export async function firstLine(server: Server): Promise<string> {
  const output = server.child.stdout!.setEncoding('utf8');
  let text = '';
  output.on('data', (chunk: string) => {
    text += chunk;
  });
  await untilReady(server, async () => text.includes('\n'));
  return text.slice(0, text.indexOf('\n'));
}

/** Ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const holders = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(holders.map((holder) => once(holder, 'listening')));
  const ports = holders.map((holder) => (holder.address() as AddressInfo).port);
  await Promise.all(holders.map((holder) => once(holder.close(), 'close')));
  return ports;
}

/** Whether a command of that name is on the path. */
export function isInstalled(command: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, command)));
}

function failure(server: Server, what: string): Error {
  const log = readFileSync(server.log, 'utf8').slice(-LOG_CHARACTERS_SHOWN);
  return new Error(`the server with pid ${server.pid} ${what}; its log ends:\n${log}`);
}
