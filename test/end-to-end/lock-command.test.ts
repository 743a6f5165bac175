/**
 * `elock lock` with real peers: statuses, signals and loss.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { BUNDLED } from '../bundled.ts';
import { ElockProcess, shareCluster, tokenOf } from './dev-cluster.ts';
import { LOOP, LockCommand, peerFlags } from './lock-command.ts';

async function run(args: readonly string[]) {
  const elock = new ElockProcess(['lock', ...args]);
  const { status } = await elock.ended;
  return { status, output: elock.output, log: elock.log.join('\n') };
}

/** The same, once its peer decides: one that a busy machine held up says that it cannot (69). */
async function decided(args: readonly string[], tries = 5): ReturnType<typeof run> {
  const ended = await run(args);
  return ended.status === 69 && tries > 1 ? decided(args, tries - 1) : ended;
}

describe('elock lock', () => {
  const shared = shareCluster({ peers: 1 });
  const at = () => peerFlags(shared());

  it('passes on the status of its command, and tells it of the lock', async () => {
    const line = 'echo $ELOCK_NAME $ELOCK_TOKEN; exit 7';
    const env = await run([...at(), 'status', '--', 'sh', '-c', line]);
    expect(env).toEqual({ status: 7, output: 'status 1\n', log: '' });
    expect((await run([...at(), 'status', '-c', 'kill -9 $$'])).status).toBe(137);
    expect((await run([...at(), 'status', '--', '/nowhere'])).status).toBe(127);
    expect((await run([...at(), 'status', '--', '/'])).status).toBe(126);
  });

  it('passes on input and output', async () => {
    const copy = spawn(process.execPath, [BUNDLED, 'lock', ...at(), 'copy', '--', 'cat']);
    copy.stdin.end('some\0bytes');
    const [text] = await once(copy.stdout.setEncoding('latin1'), 'data');
    expect(text).toBe('some\0bytes');
    expect(await once(copy, 'close')).toEqual([0, null]);
  });

  it('ends by cause when there is no lock', async () => {
    const holder = await shared().client(0);
    tokenOf(await holder.ask('lock held'));
    const rest = [...at(), 'held', '--', 'echo'];
    expect(await decided(['-n', ...rest])).toMatchObject({ status: 75, output: '' });
    expect((await decided(['-w', '0.5', ...rest])).status).toBe(75);
    expect((await decided(['-n', '-E', '9', ...rest])).status).toBe(9);
    expect((await run(['--peer', '127.0.0.1:1', 'job', '--', 'echo'])).status).toBe(69);
    for (const args of [[], ['job'], ['job', '--'], ['-w', 'x', 'job', '--', 'echo']]) {
      expect((await run(args)).status).toBe(64);
    }
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('passes %s on', async (signal) => {
    const line = `trap "echo got; exit 3" ${signal.slice(3)}; echo up >&2; ${LOOP}`;
    const elock = new ElockProcess(['lock', ...at(), signal, '-c', line]);
    await elock.logged('up');
    elock.child.kill(signal);
    expect(await elock.ended).toEqual({ status: 3, signal: null });
    expect(elock.output).toBe('got\n');
  });

  it('tells its options', async () => {
    const help = await run(['--help']);
    expect(help).toMatchObject({ status: 0, log: '' });
    for (const option of ['--nonblock', '--wait', '--conflict-exit-code', '--timeout', '--peer']) {
      expect(help.output).toContain(option);
    }
  });

  it('stops a command that ignores SIGTERM when the lock is lost, and all of its group', async () => {
    const line =
      'trap "echo term >&2" TERM; (trap "" TERM; echo up >&2; sleep 600) & while :; do sleep 0.02; done';
    const options = ['--timeout', '2000', ...at()];
    const elock = new ElockProcess(['lock', ...options, 'stopped', '-c', line]);
    await elock.logged('up');
    shared().pause(0);
    // The end of its output says that nobody of the group lives.
    expect(await elock.ended).toEqual({ status: 76, signal: null });
    expect(elock.log).toContain('term');
  });
});

describe('elock lock with three peers', () => {
  /** The last test kills two of them. */
  const three = shareCluster();

  it('never runs two commands at once', async () => {
    const peers = peerFlags(three());
    const file = join(temporaryDirectory(), 'order');
    const line = `echo start $ELOCK_TOKEN >> ${file}; sleep 0.05; echo stop $ELOCK_TOKEN >> ${file}`;
    const contend = async (peer: readonly string[]) => {
      for (let round = 0; round < 4; round += 1) {
        expect((await run([...peer, 'job', '-c', line])).status).toBe(0);
      }
    };
    await Promise.all([contend(peers.slice(0, 2)), contend(peers.slice(2, 4))]);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const tokens = Array.from({ length: 8 }, (_, index) => index + 1);
    expect(lines).toEqual(tokens.flatMap((token) => [`start ${token}`, `stop ${token}`]));
  });

  it('is never got without a quorum: 69', async () => {
    for (const other of [1, 2]) three().signal(other, 'SIGKILL');
    const elock = new LockCommand(['-n', ...peerFlags(three()), 'other', '--', 'echo', 'ran']);
    expect(await elock.ended).toEqual({ status: 69, signal: null });
    expect(elock.output).toBe('');
    expect(elock.log.join()).toContain('No quorum');
  });
});
