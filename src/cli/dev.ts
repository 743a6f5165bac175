/**
 * `elock dev`: a real cluster on this machine, one process a peer.
 *
 * Owns what is said about it: on stdout that it is ready and how to talk to it, on stderr the
 * peers that end. Its own exit status is that of a peer that could not start.
 */
import { basename, relative } from 'node:path';
import process from 'node:process';
import { type Command, Option } from 'commander';
import { ConsoleLogger } from '../adapters/console-logger.ts';
import { OPTIONS } from '../config.ts';
import { EXIT } from '../errors.ts';
import { DEV_PEERS_MAX, DEV_WAIT_LOG_MS } from '../limits.ts';
import { DevCluster, type DevPeer, statusOf } from './dev-cluster.ts';
import type { PeerFolder } from './dev-folders.ts';
import { exitOnUncaught } from './failure.ts';
import { integerBetween } from './options.ts';

const DEFAULTS = { peers: 3, port: OPTIONS.port.default, data: '.elock' };

/** As commander gives them. */
interface DevFlags {
  readonly peers?: number;
  readonly port?: number;
  readonly data: string;
  readonly json: boolean;
}

/** Adds the subcommand. */
export function addDev(program: Command): void {
  program
    .command('dev')
    .description('Run a whole cluster on this machine, one process a peer.')
    .addOption(
      new Option(
        '--peers <count>',
        `how many (default: ${DEFAULTS.peers}, or as before)`,
      ).argParser(integerBetween(1, DEV_PEERS_MAX)),
    )
    .addOption(
      new Option(
        '--port <port>',
        `first port for clients; 0: any (default: ${DEFAULTS.port}, or as before)`,
      )
        .env('ELOCK_PORT')
        .argParser(integerBetween(0, 65_535)),
    )
    .option('--data <dir>', 'where the peers keep their data, a folder each', DEFAULTS.data)
    .option('--json', 'when ready, print one line of JSON', false)
    .action(run);
}

async function run(flags: DevFlags): Promise<void> {
  const human = process.stderr.isTTY === true;
  const logger = new ConsoleLogger({ human, level: 'info', label: 'dev' });
  exitOnUncaught(logger);
  const { prepareFolders } = await import('./dev-folders.ts');
  const folders = await prepareFolders({
    directory: flags.data,
    peers: flags.peers ?? null,
    peersDefault: DEFAULTS.peers,
    port: flags.port ?? null,
    portDefault: DEFAULTS.port,
  });

  let ready = false;
  let stopping = false;
  const stop = async (status: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await cluster.stop();
    process.exit(status);
  };
  const cluster = new DevCluster(folders, {
    ready: () => {
      ready = true;
      clearInterval(waiting);
      process.stdout.write(flags.json ? jsonOf(cluster.peers) : textOf(cluster.peers, flags.data));
    },
    ended: (peer, ending) => {
      if (stopping) return;
      const isOver = !ready || cluster.peers.every((each) => !each.running);
      const cause = ending.signal === null ? { status: ending.status } : { signal: ending.signal };
      logger.log('warn', endOf(peer.folder, ready, isOver), cause);
      if (isOver) void stop(statusOf(ending));
    },
  });
  const waiting = setInterval(() => {
    const names = cluster.peers.filter((peer) => !peer.ready).map((peer) => peer.folder.name);
    logger.log('warn', 'still waiting for a quorum', { peers: names });
  }, DEV_WAIT_LOG_MS);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(EXIT.ok));
}

function endOf({ name, path }: PeerFolder, ready: boolean, isOver: boolean): string {
  if (!ready) return `${name} did not start; the others are stopped`;
  if (isOver) return `${name} ended, the last one`;
  return `${name} ended and stays down; start it again with: ${ownCommand()} start --data ${path}`;
}

/** What calls this very program again, from a shell in the same directory. */
function ownCommand(): string {
  const script = process.argv[1] ?? '';
  return basename(script) === 'elock' ? 'elock' : `node ${relative('', script)}`;
}

function jsonOf(peers: readonly DevPeer[]): string {
  const rows = peers.map(({ child, started }) => ({
    id: started?.id,
    pid: child.pid,
    port: started?.port,
    address: started?.addresses[0],
  }));
  return `${JSON.stringify({ ready: true, peers: rows })}\n`;
}

function textOf(peers: readonly DevPeer[], data: string): string {
  const rows = peers.map(
    ({ child, folder, started }) =>
      `  ${folder.name}  port ${started?.port}  pid ${child.pid}  ${started?.id}`,
  );
  const port = peers[0]?.started?.port;
  return [
    `${peers.length === 1 ? '1 peer is' : `${peers.length} peers are`} up, each with a quorum:`,
    ...rows,
    '',
    'Talk to any of them, and lock something:',
    `  nc localhost ${port}`,
    '  lock my-lock',
    '',
    `Their data is in ${data}. Ctrl-C stops them all.`,
    '',
  ].join('\n');
}
