/**
 * `elock lock` with real peers when something dies: its guardian, itself, its peers, the lock.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Order, vouchFor } from '../../src/cli/guardian-messages.ts';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { BUNDLED } from '../bundled.ts';
import { FakePeer } from '../client/fake-peer.ts';
import { shareCluster, tokenOf } from './dev-cluster.ts';
import {
  guardianOf,
  LOOP,
  LockCommand,
  peerFlags,
  silentServer,
  untilEnded,
  waitersAre,
} from './lock-command.ts';

/** Of a scripted peer that grants everything, by the first word of what it is asked. */
const ANSWERS = new Map([
  ['stats', '200 STATS\r\nSTAT voters_reached 3\r\nSTAT quorum 2\r\nEND'],
  ['conn_id', '200 secret'],
  ['lock', '200 Acquired 7 29000'],
  ['ping', '200 PONG 29000'],
]);

const shared = shareCluster({ peers: 1 });
let places = 0;

/** The one peer of all tests that do it no harm, and a lock that no other of them takes. */
function place() {
  places += 1;
  return { started: shared(), flags: peerFlags(shared()), job: `job-${places}` };
}

/** The process id of a guardian whose command tells it, once it has passed a signal on to that. */
async function guardianAtWork(elock: LockCommand): Promise<number> {
  const guardian = Number.parseInt(await elock.logged('up'), 10);
  elock.child.kill('SIGUSR1');
  await elock.logged('ready');
  return guardian;
}

describe('elock lock, when its guardian', () => {
  it('is killed while it waits, ends at once, and leaves nothing in the queue', async () => {
    const { started, flags, job } = place();
    const holder = await started.client(0);
    tokenOf(await holder.ask(`lock ${job}`));
    const elock = new LockCommand([...flags, job, '--', 'echo', 'ran']);
    await waitersAre(started, job, 1);
    process.kill(guardianOf(elock), 'SIGKILL');
    expect(await elock.ended).toEqual({ status: 70, signal: null });
    expect(elock.log.join()).toMatch(/guardian of the command was killed before/);
    expect(elock.output).toBe('');
    await waitersAre(started, job, 0);
  });

  it('is killed while the command runs, kills the group and releases the lock', async () => {
    const { started, flags, job } = place();
    const left = '(trap "" TERM USR1; echo $PPID up >&2; exec sleep 600) &';
    const line = `trap "" TERM; trap "echo ready >&2" USR1; ${left} ${LOOP}`;
    const elock = new LockCommand([...flags, job, '-c', line]);
    const guardian = await guardianAtWork(elock);
    const waiter = await started.client(0);
    waiter.send(`lock ${job} 60\n`);
    process.kill(guardian, 'SIGKILL');
    // The end of its output says that nobody of the group lives.
    expect(await elock.ended).toEqual({ status: 70, signal: null });
    expect(elock.log.join()).toMatch(/guardian of the command was killed, and so was the command/);
    expect(tokenOf(await waiter.line())).toBe(2);
  });

  it('is killed by the first act of the command, leaves nothing of that', async () => {
    const { started, flags, job } = place();
    const elock = new LockCommand([...flags, job, '-c', 'kill -9 $PPID; exec sleep 600']);
    // The end of its output says that nobody of the group lives.
    expect(await elock.ended).toEqual({ status: 70, signal: null });
    const next = await started.client(0);
    expect(tokenOf(await next.ask(`lock ${job}`))).toBe(2);
  });

  it('hangs, gets signals passed on all the same, and is not waited for without an end', async () => {
    const { started, flags, job } = place();
    const line = `trap "echo ready >&2" USR1; trap "echo term >&2; exit 5" TERM; echo $PPID up >&2`;
    const elock = new LockCommand([...flags, job, '-c', `${line}; ${LOOP}`]);
    process.kill(await guardianAtWork(elock), 'SIGSTOP');
    elock.child.kill('SIGTERM');
    await elock.logged('term');
    expect(await elock.ended).toEqual({ status: 70, signal: null });
    expect(elock.log.join()).toContain('guardian of the command did not answer');
    const next = await started.client(0);
    expect(tokenOf(await next.ask(`lock ${job}`))).toBe(2);
  });

  it('is stopped, kills the group itself once the lock is not safe any more', async () => {
    const { started, flags, job } = place();
    const line = `trap "echo ready >&2" USR1; echo $PPID up >&2; ${LOOP}`;
    const elock = new LockCommand(['--timeout', '2000', ...flags, job, '-c', line]);
    const guardian = await guardianAtWork(elock);
    process.kill(guardian, 'SIGSTOP');
    started.pause(0);
    expect(await elock.ended).toEqual({ status: 76, signal: null });
  });

  it('hangs, kills the group and releases the lock, safe as that is', async () => {
    const { started, flags, job } = place();
    const line = `trap "echo ready >&2" USR1; echo $PPID up >&2; ${LOOP}`;
    const elock = new LockCommand(['--timeout', '2000', ...flags, job, '-c', line]);
    process.kill(await guardianAtWork(elock), 'SIGSTOP');
    expect(await elock.ended).toEqual({ status: 76, signal: null });
    const next = await started.client(0);
    expect(tokenOf(await next.ask(`lock ${job}`))).toBe(2);
  });

  it('cannot start the command, says why, and releases the lock', async () => {
    const { started, flags, job } = place();
    const elock = new LockCommand([...flags, job, '--', 'x'.repeat(5_000)]);
    expect(await elock.ended).toEqual({ status: 126, signal: null });
    expect(elock.log.join()).toMatch(/cannot run x+: ENAMETOOLONG/);
    const next = await started.client(0);
    expect(tokenOf(await next.ask(`lock ${job}`))).toBe(2);
  });
});

describe('elock lock, when the lock is lost', () => {
  it('stops the command as soon as its peer says so', async () => {
    const peer = await FakePeer.start((line) => ANSWERS.get(line.split(' ')[0]!) ?? '200 OK');
    const line = `trap "echo term; exit 0" TERM; echo up >&2; ${LOOP}`;
    const elock = new LockCommand(['-n', '--peer', peer.at, 'job', '-c', line]);
    await elock.logged('up');
    peer.say('410 job 7 Lost\r\n');
    expect(await elock.ended).toEqual({ status: 76, signal: null });
    expect(elock.output).toBe('term\n');
    expect(elock.log.join()).toContain('the command was stopped');
  });

  it('passes on the status of a command that ended by itself before', async () => {
    const { started, flags, job } = place();
    const line = `trap "exit 5" USR1; echo $$ up >&2; ${LOOP}`;
    const elock = new LockCommand(['--timeout', '5000', ...flags, job, '-c', line]);
    const command = Number.parseInt(await elock.logged('up'), 10);
    const waiter = await started.client(0);
    waiter.send(`lock ${job} 120\n`);
    elock.child.kill('SIGSTOP');
    process.kill(command, 'SIGUSR1');
    expect(tokenOf(await waiter.line())).toBe(2);
    elock.child.kill('SIGCONT');
    expect(await elock.ended).toEqual({ status: 5, signal: null });
    expect(elock.log.join()).toContain('the lock was lost as the command ended');
  });
});

describe('elock lock, killed by SIGKILL', () => {
  /** Who comes next writes into the same file as the command, as soon as it has the lock. */
  it.each([
    ['ends the command', 'trap "echo end >> $FILE; exit" TERM'],
    ['kills one that ignores SIGTERM', 'trap "" TERM'],
  ])('%s before the lock is granted again', async (_what, trap) => {
    const { flags, job } = place();
    const file = join(temporaryDirectory(), 'order');
    writeFileSync(file, '');
    const environment = { FILE: file };
    const line = `${trap}; echo up >&2; while :; do echo at work >> $FILE; sleep 0.02; done`;
    const options = ['--timeout', '3000', ...flags, job];
    const first = new LockCommand([...options, '-c', line], environment);
    await first.logged('up');
    const next = new LockCommand([...options, '-c', 'echo next >> $FILE'], environment);
    first.kill();
    await first.ended;
    expect(await next.ended).toEqual({ status: 0, signal: null });
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines.indexOf('next')).toBe(lines.length - 1);
    if (trap.includes('end')) expect(lines.at(-2)).toBe('end');
  });
});

describe('the guardian of elock lock', () => {
  /** At work, for a command that ends by SIGUSR1 and heeds nothing else. */
  async function atWork() {
    const { flags, job } = place();
    const line = `trap "" TERM; trap "exit 3" USR1; echo $PPID up >&2; ${LOOP}`;
    const elock = new LockCommand([...flags, job, '-c', line]);
    return { elock, guardian: Number.parseInt(await elock.logged('up'), 10) };
  }

  it.each([
    ['is killed', (elock: LockCommand) => elock.kill(), null],
    ['ends with its command', (elock: LockCommand) => elock.child.kill('SIGUSR1'), 3],
  ])('ends with it when that %s', async (_how, end, status) => {
    const { elock, guardian } = await atWork();
    end(elock);
    expect((await elock.ended).status).toBe(status);
    await untilEnded(guardian);
  });

  it('ends with it when a signal ends the command', async () => {
    const { flags, job } = place();
    const elock = new LockCommand([...flags, job, '-c', 'echo $PPID up >&2; read _; kill -9 $$']);
    const guardian = Number.parseInt(await elock.logged('up'), 10);
    expect((await elock.ended).status).toBe(137);
    await untilEnded(guardian);
  });

  it('ends with it when that is killed while it waits', async () => {
    const { started, flags, job } = place();
    tokenOf(await (await started.client(0)).ask(`lock ${job}`));
    const elock = new LockCommand([...flags, job, '--', 'echo', 'ran']);
    await waitersAre(started, job, 1);
    const guardian = guardianOf(elock);
    elock.kill();
    await elock.ended;
    await untilEnded(guardian);
  });

  it('ends with it when that is killed before the guardian has begun', async () => {
    const { address, connected } = await silentServer();
    const elock = new LockCommand(['--peer', address, 'job', '--', 'echo']);
    await connected;
    const guardian = guardianOf(elock);
    elock.kill();
    await elock.ended;
    await untilEnded(guardian);
  });
});

it('a guardian that hears too late what to run, for it stood still, does not run it', async () => {
  const file = join(temporaryDirectory(), 'ran');
  const guardian = fork(new URL('guardian.js', pathToFileURL(BUNDLED)), { detached: true });
  const { validMs, monotonicMs, bootMs } = vouchFor(5_000);
  const vouch = { validMs, monotonicMs: monotonicMs - 60_000, bootMs: bootMs - 60_000 };
  const how = { command: ['touch', file], environment: process.env, termMs: 2_000, killMs: 500 };
  guardian.send({ kind: 'run', vouch, ...how } satisfies Order);
  const [[account]] = await Promise.all([once(guardian, 'message'), once(guardian, 'exit')]);
  expect(account).toEqual({ kind: 'ended', status: null, signal: null, stopped: true });
  expect(existsSync(file)).toBe(false);
});

describe('elock lock, told to end', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
  ] as const)('by %s while it waits, ends with %i and leaves the queue', async (signal, status) => {
    const { started, flags, job } = place();
    const holder = await started.client(0);
    tokenOf(await holder.ask(`lock ${job}`));
    const elock = new LockCommand([...flags, job, '--', 'echo', 'ran']);
    await waitersAre(started, job, 1);
    elock.child.kill(signal);
    expect(await elock.ended).toEqual({ status, signal: null });
    expect(elock.output).toBe('');
    await waitersAre(started, job, 0);
  });

  it.each([
    ['before', (kill: () => void) => kill()],
    ['with', (kill: () => void) => queueMicrotask(kill)],
    ['right after', (kill: () => void) => setImmediate(kill)],
  ])('%s the grant, hands it on if the command has begun, and ends', async (_when, call) => {
    let elock: LockCommand | null = null;
    const peer = await FakePeer.start((line) => {
      const [word = ''] = line.split(' ');
      if (word === 'lock') call(() => void elock?.child.kill('SIGTERM'));
      return ANSWERS.get(word) ?? '200 OK';
    });
    elock = new LockCommand(['-n', '--peer', peer.at, 'job', '--', 'sleep', '600']);
    expect(await elock.ended).toEqual({ status: 143, signal: null });
    await peer.until(() => peer.lines.includes('quit'));
  });

  it('while it connects, ends at once', async () => {
    const { address, connected } = await silentServer();
    const elock = new LockCommand(['--peer', address, 'job', '--', 'echo']);
    await connected;
    elock.child.kill('SIGTERM');
    expect(await elock.ended).toEqual({ status: 143, signal: null });
  });
});
