/**
 * The processes of a development cluster: one a peer, started, watched and stopped together.
 *
 * Owns the child processes. Knows of a peer only what it reports: it is ready when it says that it
 * reaches a quorum. A peer that ends stays down; the others go on.
 */
import { type ChildProcess, fork } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { variableOf } from '../config-sources.ts';
import { EXIT } from '../errors.ts';
import { DEV_STOP_MS_MAX } from '../limits.ts';
import type { PeerFolder } from './dev-folders.ts';
import type { PeerReport } from './peer-report.ts';

/** Beside this file, compiled. */
const MAIN = fileURLToPath(new URL('main.js', import.meta.url));
/** Different in each folder, or in none of them: the environment must not override them. */
const FOLDER_VARIABLES = [
  variableOf('port'),
  variableOf('socket'),
  variableOf('listen'),
  variableOf('peers'),
  variableOf('voters'),
  variableOf('secret'),
  variableOf('mdns'),
  'ELOCK_DATA',
  'ELOCK_CONFIG',
];
const DEFAULT_LOG_LEVEL = 'warn';

/** How a process ended. */
export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What is told of the peers. */
export interface ClusterEvents {
  /** Once: every peer reaches a quorum. */
  ready(): void;
  ended(peer: DevPeer, ending: Ending): void;
}

/** One peer's process, as far as it has reported. */
export class DevPeer {
  readonly folder: PeerFolder;
  readonly child: ChildProcess;
  started: Extract<PeerReport, { kind: 'started' }> | null = null;
  quorum = false;
  running = true;

  constructor(folder: PeerFolder) {
    this.folder = folder;
    this.child = fork(MAIN, ['start', '--data', folder.path], {
      env: environmentOf(process.env),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }

  /** Whether it serves clients and reaches a majority. */
  get ready(): boolean {
    return this.started !== null && this.quorum;
  }
}

/** All peers of one `elock dev`. */
export class DevCluster {
  readonly peers: readonly DevPeer[];
  readonly #events: ClusterEvents;
  #ready = false;

  constructor(folders: readonly PeerFolder[], events: ClusterEvents) {
    this.#events = events;
    this.peers = folders.map((folder) => new DevPeer(folder));
    for (const peer of this.peers) this.#watch(peer);
  }

  /** Ends all peers, by force those that take too long. */
  async stop(): Promise<void> {
    const running = this.peers.filter((peer) => peer.running);
    const ended = running.map(
      ({ child }) => new Promise<void>((resolve) => child.once('exit', () => resolve())),
    );
    for (const { child } of running) child.kill('SIGTERM');
    const timer = setTimeout(() => {
      for (const { child } of running) child.kill('SIGKILL');
    }, DEV_STOP_MS_MAX);
    await Promise.all(ended);
    clearTimeout(timer);
  }

  #watch(peer: DevPeer): void {
    const { child } = peer;
    child.on('message', (report) => this.#heard(peer, report as PeerReport));
    child.once('exit', (status, signal) => {
      peer.running = false;
      this.#events.ended(peer, { status, signal });
    });
  }

  #heard(peer: DevPeer, report: PeerReport): void {
    if (report.kind === 'started') peer.started = report;
    else peer.quorum = report.has;
    if (this.#ready || !this.peers.every((each) => each.ready)) return;
    this.#ready = true;
    this.#events.ready();
  }
}

/** The exit status that stands for the end of a peer. */
export function statusOf({ status }: Ending): number {
  return status === null || status === EXIT.ok ? EXIT.internal : status;
}

function environmentOf(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const environment = { [variableOf('logLevel')]: DEFAULT_LOG_LEVEL, ...own };
  for (const name of FOLDER_VARIABLES) delete environment[name];
  return environment;
}
