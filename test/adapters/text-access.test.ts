/** How clients come in by real sockets: secrets, TLS, UNIX sockets, and how many of them. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect as connectTcp, createServer, Server, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { TlsMaterial } from '../../src/adapters/text-door.ts';
import { WRONG_SECRETS_BURST } from '../../src/limits.ts';
import { replay } from '../transcripts/replay.ts';
import { TextClient } from '../transcripts/text-client.ts';
import { Authority, type Certified } from './certificates.ts';
import { grantToWhoeverIsGone, startTextServer as start, TCP } from './started-text-server.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A client that is gone when the test is over. */
async function client(connecting: Promise<TextClient>): Promise<TextClient> {
  const connected = await connecting;
  onTestFinished(() => void connected.socket.destroy());
  return connected;
}

function socketPath(): string {
  return join(temporaryDirectory(), 'elock.sock');
}

const unixDoor = (path: string, mode = 0o660) => ({ kind: 'unix', path, mode }) as const;

describe('a secret', () => {
  test('opens the door to what is pipelined behind it', async () => {
    const { port } = await start({ secret: 'sesame' });
    const one = await client(TextClient.connect(port));
    one.send('lock a\nauth sesame\nlock a\nquit\n');
    expect((await one.rest()).split('\r\n')).toEqual([
      '401 Not admitted: say auth SECRET first',
      '200 Welcome',
      '200 Acquired 1 2900',
      '200 Bye',
      '',
    ]);
  });

  test('may be wrong three times, then the connection ends, and the log has no word of it', async () => {
    const { port, log, core } = await start({ secret: 'sesame' });
    const one = await client(TextClient.connect(port));
    one.send('auth guess-1\nauth guess-2\nauth guess-3\nauth sesame\nlock a\n');
    const lines = (await one.rest()).split('\r\n');
    expect(lines.map((line) => line.slice(0, 3))).toEqual(['401', '401', '401', '']);
    expect(core.commands).toEqual([]);
    expect(log.join('')).toContain('wrong secret');
    expect(log.join('')).not.toMatch(/guess|sesame/);
  });

  test('is guessed no further by an address that was wrong too often', async () => {
    const { port } = await start({ secret: 'sesame' });
    const guesses = Array.from({ length: Math.ceil(WRONG_SECRETS_BURST / 2) }, async () => {
      const one = await client(TextClient.connect(port));
      one.send('auth a\nauth b\nquit\n');
      return one.rest();
    });
    await Promise.all(guesses);
    const late = await client(TextClient.connect(port));
    late.send('auth sesame\nlock a\n');
    expect(await late.rest()).toMatch(/^429 Too many wrong secrets [^\r]*\r\n$/);
  });

  test('that does not come in time ends the connection', async () => {
    const { port, core } = await start({ secret: 'sesame', limits: { admissionMs: 30 } });
    const [idle, timely] = [TextClient.connect(port), TextClient.connect(port)];
    expect(await (await client(timely)).ask('auth sesame')).toBe('200 Welcome');
    expect(await (await client(idle)).rest()).toMatch(/^401 Not admitted: no right secret/);
    (await idle).socket.end();
    await core.until(() => core.told.some((told) => told.startsWith('disconnected')));
    expect(await (await timely).ask('lock a')).toMatch(/^200 Acquired/);
  });

  test('is asked for whatever else is said', async () => {
    const { port, core } = await start({ secret: 'sesame' });
    const bytes = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 3_000 }), 60);
    await Promise.all(
      bytes.map(async (garbage) => {
        const one = await client(TextClient.connect(port));
        one.socket.write(garbage);
        one.send('\nlock a\nquit\n');
        expect(await one.rest()).toMatch(/401 Not admitted[^\n]*\n200 Bye\r\n$/);
      }),
    );
    expect(core.commands.every(({ kind }) => kind === 'quit')).toBe(true);
  });
});

describe('limits', () => {
  test('of one address keep out no other, and are told', async () => {
    const path = socketPath();
    const limits = { connections: 3, connectionsPerAddress: 1 };
    const { port, log } = await start({ doors: [TCP, unixDoor(path)], limits });
    const first = await client(TextClient.connect(port));
    expect(await first.ask('echo in')).toBe('200 in');
    const second = await client(TextClient.connect(port));
    expect(await second.rest()).toMatch(/^429 Too many connections from your address.* 1\r\n$/);
    expect(log.join('')).toContain('connectionsPerAddress');
    for (let index = 0; index < 2; index += 1) {
      const local = await client(TextClient.connect(path));
      expect(await local.ask('echo in')).toBe('200 in');
    }
    const fourth = await client(TextClient.connect(path));
    expect(await fourth.rest()).toMatch(/^429 Too many connections: .* 3\r\n$/);
  });

  test('of speed hold a client back, answer all, and leave others alone', async () => {
    const { port } = await start({ limits: { commandsPerSecond: 50 } });
    const [fast, other] = await Promise.all([TextClient.connect(port), TextClient.connect(port)]);
    const begun = performance.now();
    fast.send('echo x\n'.repeat(70));
    fast.socket.end();
    expect(await other.ask('echo fine')).toBe('200 fine');
    expect(await fast.rest()).toBe('200 x\r\n'.repeat(70));
    expect(performance.now() - begun).toBeGreaterThan(300);
    await Promise.all([fast.disconnect(), other.disconnect()]);
  });
});

describe('TLS', () => {
  let authority: Authority;
  let stranger: Authority;
  let peer: Certified;
  let known: Certified;
  let unknown: Certified;
  let trust: ConnectionOptions;
  beforeAll(async () => {
    [authority, stranger] = await Promise.all([Authority.create(), Authority.create('CN=Other')]);
    const hosts = ['localhost', '127.0.0.1'];
    [peer, known, unknown] = await Promise.all([
      authority.certify('CN=peer', { hosts }),
      authority.certify('CN=client'),
      stranger.certify('CN=client'),
    ]);
    trust = { ca: authority.cert };
  });

  const tlsDoor = (more: Partial<TlsMaterial> = {}) => ({ ...TCP, tls: { ...peer, ...more } });

  test('carries every transcript', async () => {
    const folder = new URL('../transcripts/', import.meta.url);
    for (const file of ['locking.txt', 'queueing.txt', 'session.txt', 'mistakes.txt']) {
      const { port, server } = await start({ doors: [tlsDoor()] });
      const transcript = readFileSync(new URL(file, folder), 'latin1');
      await replay(transcript, () => TextClient.connectTls(port, trust));
      await server.stop();
    }
  });

  test('of a version before 1.2 is refused, 1.2 and 1.3 are spoken', async () => {
    const { port } = await start({ doors: [tlsDoor()] });
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    await expect(
      TextClient.connectTls(port, { ...trust, ...old } as ConnectionOptions),
    ).rejects.toThrow(/protocol version|alert/i);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const options = { ...trust, minVersion: version, maxVersion: version };
      const one = await client(TextClient.connectTls(port, options));
      expect(await one.ask('echo in')).toBe('200 in');
    }
  });

  test('lets in only whom the authority of clients certified, where it is asked to', async () => {
    const { port, core, log } = await start({ doors: [tlsDoor({ clientCa: authority.cert })] });
    const one = await client(TextClient.connectTls(port, { ...trust, ...known }));
    expect(await one.ask('lock a')).toMatch(/^200 Acquired/);
    for (const other of [{}, unknown]) {
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        const refused = await client(
          TextClient.connectTls(port, { ...trust, ...other, maxVersion }).catch(() => ended()),
        );
        refused.send('lock b\n');
        expect(await refused.rest()).toBe('');
      }
    }
    expect(core.commands).toHaveLength(1);
    expect(log.join('')).toContain('a TLS handshake failed');
  });

  test('is spoken with nobody who says lines, garbage, or nothing', async () => {
    const { port, core } = await start({ doors: [tlsDoor()] });
    const inputs = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 600 }), 40);
    const hello = Buffer.from('160301020001000', 'hex');
    const said = ['lock a\n', 'GET / HTTP/1.1\r\n\r\n', hello, '', ...inputs];
    await Promise.all(
      said.map(async (input, index) => {
        const one = await client(TextClient.connect(port));
        if (index % 2 === 0) one.socket.write(input);
        else one.socket.end(input);
        await one.ended;
      }),
    );
    const good = await client(TextClient.connectTls(port, trust));
    expect(await good.ask('echo fine')).toBe('200 fine');
    expect(core.told).toEqual(['connected 1']);
  });

  test('comes before the words about too many connections', async () => {
    const limits = { connections: 1 };
    const { port } = await start({ doors: [tlsDoor()], limits });
    const first = await client(TextClient.connectTls(port, trust));
    expect(await first.ask('echo in')).toBe('200 in');
    const second = await client(TextClient.connectTls(port, trust));
    expect(await second.rest()).toMatch(/^429 Too many connections: .* 1\r\n$/);
  });

  test('counts its handshakes as connections', async () => {
    const limits = { connections: 1 };
    const { port } = await start({ doors: [tlsDoor()], limits });
    const silent = connectTcp(port, '127.0.0.1');
    onTestFinished(() => void silent.destroy());
    await once(silent, 'connect');
    const second = await client(TextClient.connectTls(port, trust));
    expect(await second.rest()).toMatch(/^429 /);
    silent.resetAndDestroy();
    await second.disconnect();
    for (;;) {
      const third = await client(TextClient.connectTls(port, trust));
      const answer = await third.ask('echo in');
      if (answer === '200 in') break;
      expect(answer).toMatch(/^429 /);
      await third.disconnect();
    }
  });

  test('keeps what TCP has: half-closed clients are answered, those that are gone noticed', async () => {
    const { port, core } = await start({ doors: [tlsDoor()] });
    const [holder, half, gone] = await Promise.all(
      Array.from({ length: 3 }, () => client(TextClient.connectTls(port, trust))),
    );
    await holder!.ask('lock a');
    half!.socket.end('lock b\nlock a 60\n');
    await core.until(() => core.commands.length === 3);
    gone!.send('lock b 60\n');
    await core.until(() => core.commands.length === 4);
    await gone!.disconnect();
    await core.until(() => core.told.filter((told) => told.startsWith('input-ended')).length === 2);
    await holder!.ask('unlock a');
    expect(await half!.rest()).toMatch(/^200 Acquired 1 \d+\r\n200 Acquired 2 \d+\r\n$/);
    await holder!.ask('unlock_all');
  });

  test('is stopped with clients in every state, none of which reads', async () => {
    const { port, server, core } = await start({ doors: [tlsDoor()] });
    const one = await client(TextClient.connectTls(port, trust));
    await one.ask('lock a');
    one.socket.pause();
    const silent = connectTcp(port, '127.0.0.1').on('error', () => {});
    await once(silent, 'connect');
    await server.stop();
    expect(core.told.at(-1)).toMatch(/^(?:broken|disconnected) 1$/);
    silent.destroy();
  });
});

describe('a UNIX socket', () => {
  test('carries every transcript', async () => {
    const folder = new URL('../transcripts/', import.meta.url);
    for (const file of ['locking.txt', 'queueing.txt', 'session.txt', 'mistakes.txt']) {
      const path = socketPath();
      const { server } = await start({ doors: [unixDoor(path)] });
      await replay(readFileSync(new URL(file, folder), 'latin1'), () => TextClient.connect(path));
      await server.stop();
    }
  });

  test('alone is a way in, has its mode, and is gone after the stop', async () => {
    for (const mode of [0o600, 0o660, 0o666, 0o777]) {
      const path = socketPath();
      const { server, port } = await start({ doors: [unixDoor(path, mode)] });
      expect(port).toBe(0);
      expect(lstatSync(path).mode & 0o777).toBe(mode);
      const one = await client(TextClient.connect(path));
      expect(await one.ask('lock a')).toMatch(/^200 Acquired/);
      await one.disconnect();
      await server.stop();
      expect(existsSync(path)).toBe(false);
    }
  });

  test.skipIf(process.getuid?.() !== 0)('lets in nobody whom its mode keeps out', async () => {
    const path = socketPath();
    await start({ doors: [unixDoor(path, 0o600)] });
    // Started as root, which may read Node wherever it is, and nobody only then.
    const nobody = 'process.setgroups([]); process.setgid(65534); process.setuid(65534);';
    const script = `${nobody} require('net').connect(${JSON.stringify(path)}).on('error', (e) => console.log(e.code)).on('connect', function () { console.log('in'); this.destroy(); })`;
    const child = spawn(process.execPath, ['-e', script]);
    const [output] = await Promise.all([once(child.stdout, 'data'), once(child, 'exit')]);
    expect(String(output)).toBe('EACCES\n');
  });

  test('notices a client that was gone when it was granted a lock', async () => {
    const path = socketPath();
    const { core } = await start({ doors: [unixDoor(path)] });
    await grantToWhoeverIsGone(core, () => TextClient.connect(path));
  });

  test('that a dead process left is made anew', async () => {
    const path = socketPath();
    await leaveStale(path);
    expect(lstatSync(path).isSocket()).toBe(true);
    const { core } = await start({ doors: [unixDoor(path)] });
    const one = await client(TextClient.connect(path));
    await one.ask('lock a');
    expect(core.commands).toHaveLength(1);
  });

  test('on which a process listens is refused, and left as it is', async () => {
    const path = socketPath();
    const { core } = await start({ doors: [unixDoor(path)] });
    await expect(start({ doors: [TCP, unixDoor(path)] })).rejects.toMatchObject({
      code: 'addressInUse',
      message: `cannot listen for clients on unix:${path}: another process listens there; stop it or name another path`,
    });
    const one = await client(TextClient.connect(path));
    await one.ask('lock a');
    expect(core.commands).toHaveLength(1);
  });

  test('never takes the place of a file of another kind', async () => {
    const path = socketPath();
    const doors = [unixDoor(path)];
    writeFileSync(path, 'precious');
    const refusal = { code: 'addressInUse', message: expect.stringContaining('of another kind') };
    await expect(start({ doors })).rejects.toMatchObject(refusal);
    expect(readFileSync(path, 'utf8')).toBe('precious');
    const folder = `${path}.d`;
    mkdirSync(folder);
    await expect(start({ doors: [unixDoor(folder)] })).rejects.toMatchObject(refusal);
  });

  test('is refused where the system takes no such path', async () => {
    const long = join(temporaryDirectory(), 'x'.repeat(200));
    await expect(start({ doors: [unixDoor(long)] })).rejects.toMatchObject({
      code: 'configuration',
      message: expect.stringMatching(/at most \d+ bytes on this system, not \d+; choose a shorter/),
    });
    const nowhere = join(temporaryDirectory(), 'no', 'such.sock');
    await expect(start({ doors: [unixDoor(nowhere)] })).rejects.toMatchObject({
      code: 'addressInUse',
      message: expect.stringContaining(nowhere),
    });
  });

  test('is made by one of several that find what a dead process left', async () => {
    const path = socketPath();
    await leaveStale(path);
    const starts = await Promise.allSettled(
      Array.from({ length: 4 }, () => start({ doors: [unixDoor(path)] })),
    );
    const won = starts.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(won).toHaveLength(1);
    const lost = starts.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
    expect(lost).toEqual(['addressInUse', 'addressInUse', 'addressInUse']);
    const one = await client(TextClient.connect(path));
    await one.ask('lock a');
    expect(won[0]!.core.commands).toHaveLength(1);
  });
});

test('a socket that a dead process left is taken over by one of several processes', async () => {
  const path = socketPath();
  const child = fileURLToPath(new URL('children/open-door.mjs', import.meta.url));
  for (let round = 0; round < 3; round += 1) {
    await leaveStale(path);
    const processes = Array.from({ length: 5 }, () => fork(child, [path]));
    const gone = Promise.all(processes.map((each) => once(each, 'exit')));
    onTestFinished(() => processes.forEach((each) => void each.kill('SIGKILL')));
    await Promise.all(processes.map((each) => once(each, 'message')));
    const heard = Promise.all(processes.map((each) => once(each, 'message')));
    for (const each of processes) each.send('open');
    const answers = (await heard).flat().filter((answer) => typeof answer === 'string');
    expect(answers.sort()).toEqual([...new Array(4).fill('addressInUse'), 'open']);
    (await TextClient.connect(path)).socket.destroy();
    expect(readdirSync(dirname(path))).toEqual([basename(path)]);
    for (const each of processes) each.kill('SIGKILL');
    await gone;
    rmSync(path);
  }
});

test('the file of a socket is there only when somebody listens on it, and goes with its own', async () => {
  const path = socketPath();
  const seen: boolean[] = [];
  const { listen } = Server.prototype;
  const spied = vi.spyOn(Server.prototype, 'listen').mockImplementation(function (
    this: Server,
    ...args: unknown[]
  ) {
    Reflect.apply(listen, this, args);
    seen.push(this.listening, existsSync(path));
    return this;
  });
  onTestFinished(() => spied.mockRestore());
  const { server } = await start({ doors: [unixDoor(path)] });
  expect(seen).toEqual([true, false]);
  expect(readdirSync(dirname(path))).toEqual([basename(path)]);
  // Another process has taken its place meanwhile.
  rmSync(path);
  const other = createServer().listen(path);
  await once(other, 'listening');
  onTestFinished(() => void other.close());
  await server.stop();
  expect(existsSync(path)).toBe(true);
});

test('a socket is not put in the place of one that was made meanwhile', async () => {
  const path = socketPath();
  const { listen } = Server.prototype;
  const spied = vi.spyOn(Server.prototype, 'listen').mockImplementationOnce(function (
    this: Server,
    ...args: unknown[]
  ) {
    Reflect.apply(listen, this, args);
    writeFileSync(path, 'of another');
    return this;
  });
  onTestFinished(() => spied.mockRestore());
  await expect(start({ doors: [unixDoor(path)] })).rejects.toMatchObject({ code: 'addressInUse' });
  expect(readFileSync(path, 'utf8')).toBe('of another');
  expect(readdirSync(dirname(path))).toEqual([basename(path)]);
});

/** A connection that had ended before it stood. */
async function ended(): Promise<TextClient> {
  const server = createServer((socket: Socket) => void socket.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return TextClient.connect((server.address() as { port: number }).port);
}

/** A socket file of a process that was killed. */
async function leaveStale(path: string): Promise<void> {
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  const child = spawn(process.execPath, ['-e', script]);
  await once(child, 'exit');
}
