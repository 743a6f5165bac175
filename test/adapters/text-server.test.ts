import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TextServer, TextServerOptions } from '../../src/adapters/text-server.ts';
import type { ConnectionId, LockName } from '../../src/core/types.ts';
import { LINE_BYTES_MAX } from '../../src/limits.ts';
import { replay } from '../transcripts/replay.ts';
import { TextClient } from '../transcripts/text-client.ts';
import type { FakeCore } from './fake-core.ts';
import { grantToWhoeverIsGone, startTextServer, TCP } from './started-text-server.ts';

const FIRST = 1 as ConnectionId;
const SECOND = 2 as ConnectionId;
let server: TextServer;
let core: FakeCore;
let port: number;

async function start(options: Partial<TextServerOptions> = {}): Promise<void> {
  ({ server, core, port } = await startTextServer(options));
}

beforeEach(() => start());

describe('transcripts', () => {
  const folder = new URL('../transcripts/', import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith('.txt'));

  test.each(files)('%s', async (file) => {
    await replay(readFileSync(new URL(file, folder), 'latin1'), () => TextClient.connect(port));
  });

  test.each([
    ['> ping\n< 200 PONG 7', 'line 2: < 200 PONG 7\ngot "200 PONG 0"'],
    ['> conn_id\n< 200 ID1\n> echo x\n< 200 ID1', 'line 4: < 200 ID1\ngot "200 x"'],
    ['> quit\n.', 'line 2: .\nexpected the end, got "200 Bye\\r\\n"'],
    ['> quit\n< *\n< END', 'line 3: < END\ngot null'],
    ['? ping', 'line 1: ? ping\nneither a remark nor a step'],
  ])('%j fails', async (transcript, message) => {
    const replayed = replay(transcript, () => TextClient.connect(port));
    await expect(replayed).rejects.toThrow(message);
  });
});

describe('connections', () => {
  test('are bound to the loopback address', async () => {
    const client = await TextClient.connect(port);
    expect(client.socket.remoteAddress).toBe('127.0.0.1');
    await client.disconnect();
  });

  test('answers to a thousand lines of one packet come in order', async () => {
    const client = await TextClient.connect(port);
    const words = Array.from({ length: 1_000 }, (_, index) => `word-${index}`);
    client.send(words.map((word) => `unlock x\necho ${word}\n`).join(''));
    for (const word of words) {
      expect(await client.line()).toMatch(/^403 /);
      expect(await client.line()).toBe(`200 ${word}`);
    }
    await client.disconnect();
  });

  test('a waiting client holds up no other', async () => {
    const [holder, waiter] = [await TextClient.connect(port), await TextClient.connect(port)];
    await holder.ask('lock a');
    waiter.send('lock a 60\necho behind\n');
    await core.until(() => core.commands.length === 2);
    expect(await holder.ask('echo before')).toBe('200 before');
    await holder.ask('unlock a');
    expect(await waiter.line()).toMatch(/^200 Acquired 2 /);
    expect(await waiter.line()).toBe('200 behind');
    await Promise.all([holder.disconnect(), waiter.disconnect()]);
  });

  test('an honest client beside one that sends rubbish is answered', async () => {
    const [honest, stray] = [await TextClient.connect(port), await TextClient.connect(port)];
    for (let sent = 0; sent < 4; sent += 1) stray.socket.write(Buffer.alloc(262_144, 0xfe));
    stray.send('\n');
    expect(await honest.ask('echo fine')).toBe('200 fine');
    expect(await stray.line()).toBe(`400 Line too long: at most ${LINE_BYTES_MAX} bytes`);
    await Promise.all([honest.disconnect(), stray.disconnect()]);
  });

  test('names come back byte for byte', async () => {
    const client = await TextClient.connect(port);
    const name = '\x00\x80\xff\t\rx';
    await client.ask(`lock ${name}`);
    client.send('locks\n');
    expect(await client.line()).toBe('200 LOCKS');
    expect(await client.line()).toMatch(new RegExp(`^LOCK ${name} state held`));
    await client.disconnect();
  });

  test('one above the limit is told 429 and closed, and its place is free again later', async () => {
    await server.stop();
    await start({ limits: { connections: 1 } });
    const first = await TextClient.connect(port);
    expect(await first.ask('echo in')).toBe('200 in');
    const second = await TextClient.connect(port);
    second.send('echo in\n');
    expect(await second.line()).toMatch(/^429 /);
    expect(await second.line()).toBeNull();
    await Promise.all([first.disconnect(), second.disconnect()]);
    await core.untilTold('disconnected 1');
    const third = await TextClient.connect(port);
    expect(await third.ask('echo in')).toBe('200 in');
    await third.disconnect();
  });

  test('a client that reads nothing is not read from, and gets every answer later', async () => {
    const client = await TextClient.connect(port);
    client.socket.pause();
    const line = `echo ${'x'.repeat(4_000)}\n`;
    const lines = 8_000;
    let isHeldUp = false;
    for (let sent = 0; sent < lines; sent += 1) isHeldUp = !client.socket.write(line);
    expect(isHeldUp).toBe(true);
    const other = await TextClient.connect(port);
    expect(await other.ask('echo fine')).toBe('200 fine');
    client.socket.resume();
    let received = 0;
    client.socket.on('data', (text: string) => {
      received += text.length;
    });
    client.socket.end();
    await client.ended;
    expect(received).toBe(lines * `200 ${'x'.repeat(4_000)}\r\n`.length);
    await Promise.all([client.disconnect(), other.disconnect()]);
  });
});

describe('ends', () => {
  test('a client that shuts its sending side gets its answers, then the end', async () => {
    const client = await TextClient.connect(port);
    client.socket.end('lock a\nconn_id\nlock b');
    expect(await client.rest()).toBe('200 Acquired 1 2900\r\n200 session-1\r\n');
    await core.untilTold('disconnected 1');
    expect(core.commands).toHaveLength(2);
    expect(core.told).toEqual(['connected 1', 'input-ended 1', 'disconnected 1']);
  });

  test('a waiter that shut its sending side is granted the lock', async () => {
    const [holder, waiter] = [await TextClient.connect(port), await TextClient.connect(port)];
    await holder.ask('lock a');
    waiter.socket.end('lock a 60\n');
    await core.untilTold('input-ended 2');
    await holder.ask('unlock a');
    expect(await waiter.rest()).toBe('200 Acquired 2 2900\r\n');
    await core.untilTold('disconnected 2');
    await holder.disconnect();
  });

  test('a grant to a waiter that was gone is reported broken', async () => {
    await grantToWhoeverIsGone(core, () => TextClient.connect(port));
  });

  test('a reset is reported broken, and nothing behind the waiting line runs', async () => {
    const [holder, waiter] = [await TextClient.connect(port), await TextClient.connect(port)];
    await holder.ask('lock a');
    waiter.send('lock a 60\nlock b\n');
    await core.until(() => core.commands.length === 2);
    waiter.socket.resetAndDestroy();
    await core.untilTold('broken 2');
    await holder.ask('unlock a');
    expect(core.commands).toHaveLength(3);
    await holder.disconnect();
  });

  test('quit is answered, nothing behind it runs, and the end is reported once', async () => {
    const client = await TextClient.connect(port);
    client.send('quit\nlock a\n');
    expect(await client.rest()).toBe('200 Bye\r\n');
    client.send('lock b\n');
    client.socket.end();
    await core.untilTold('disconnected 1');
    expect(core.commands).toEqual([{ kind: 'quit' }]);
    expect(core.told).toEqual(['connected 1', 'disconnected 1']);
  });

  test('lost locks are told, then the connection ends', async () => {
    const client = await TextClient.connect(port);
    await client.ask('lock a');
    server.lost(FIRST, [{ name: 'a' as LockName, token: 1 }]);
    expect(await client.rest()).toMatch(/^410 a 1 .*\r\n$/);
    await client.disconnect();
    await core.untilTold('disconnected 1');
  });

  test('what the core says of a connection that is gone is dropped', async () => {
    const client = await TextClient.connect(port);
    await client.ask('echo a');
    await client.disconnect();
    await core.untilTold('disconnected 1');
    server.respond(FIRST, { kind: 'released' });
    server.lost(FIRST, []);
    server.close(FIRST);
    expect(core.told).toHaveLength(3);
  });

  test('stop flushes and ends every connection, and refuses new ones', async () => {
    const [holder, client] = [await TextClient.connect(port), await TextClient.connect(port)];
    await holder.ask('lock a');
    client.send('lock a 60\n');
    await core.until(() => core.commands.length === 2);
    for (const { socket } of [holder, client]) socket.on('end', () => socket.end());
    server.respond(SECOND, { kind: 'refused', reason: 'held' });
    await server.stop();
    expect(await client.rest()).toMatch(/^409 /);
    expect(core.told.slice(2).sort()).toEqual(['disconnected 1', 'disconnected 2']);
    await expect(TextClient.connect(port)).rejects.toThrow('ECONNREFUSED');
  });

  test('stop resets a client that does not close', async () => {
    const client = await TextClient.connect(port);
    await client.ask('lock a');
    await server.stop();
    expect(core.told.at(-1)).toBe('broken 1');
    await client.disconnect();
  });
});

describe('listening', () => {
  let other: Server | undefined;
  afterEach(() => other?.close());

  test('on a port in use says which, and what to do', async () => {
    other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const taken = typeof address === 'object' && address !== null ? address.port : 0;
    const second = startTextServer({ doors: [{ ...TCP, port: taken }] });
    await expect(second).rejects.toMatchObject({
      code: 'addressInUse',
      message: `cannot listen for clients on 127.0.0.1:${taken}: another process listens there; stop it or choose another port`,
    });
  });

  test('on an address of another machine says so', async () => {
    const second = startTextServer({ doors: [{ ...TCP, host: '192.0.2.1' }] });
    await expect(second).rejects.toMatchObject({
      code: 'addressInUse',
      message: expect.stringContaining('EADDRNOTAVAIL'),
    });
  });
});
