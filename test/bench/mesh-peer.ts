/**
 * One peer of `bench:mesh`: its process, its open channels by its log, and whom it shows to clients.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The program, built. */
export const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** A peer that runs. */
export class MeshPeer {
  readonly child: ChildProcess;
  readonly open = new Set<string>();
  /** Its port for clients; 0: not known yet. */
  port = 0;
  opened = 0;
  closed = 0;
  /** How many peers it showed last as reached, itself included, each with what it says of itself. */
  shown = 0;
  /** What it said at last that was no matter of course. */
  readonly complaints = new Map<string, number>();

  constructor(data: string) {
    const args = ['start', '--data', data, '--port', '0', '--no-mdns', '--log-format', 'json'];
    this.child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    createInterface({ input: this.child.stderr! }).on('line', (line) => this.#hear(line));
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

  /** Asks it for all peers, as any client may. */
  async look(): Promise<void> {
    if (this.port === 0) return;
    const socket = connect(this.port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      socket.write('peers\n');
      let shown = 0;
      for await (const line of createInterface({ input: socket })) {
        if (line === 'END') break;
        if (line.includes(' self yes ') || isMet(line)) shown += 1;
      }
      this.shown = shown;
    } finally {
      socket.destroy();
    }
  }
}

/** Reached, and heard of how it is. */
function isMet(line: string): boolean {
  return line.includes(' reachable yes ') && line.includes(' quorum ');
}
