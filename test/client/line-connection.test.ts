import { describe, expect, it, onTestFinished } from 'vitest';
import type { ClientError } from '../../src/client/errors.ts';
import { LIST_ROWS_MAX, REPLY_LINE_BYTES_MAX, REQUESTS_MAX } from '../../src/client/limits.ts';
import {
  LineConnection,
  type LineConnectionOptions,
  type Reply,
} from '../../src/client/line-connection.ts';
import { FakePeer } from './fake-peer.ts';

async function open(peer: FakePeer, options: LineConnectionOptions = {}): Promise<LineConnection> {
  const connection = await LineConnection.open(peer.address, options);
  onTestFinished(() => connection.destroy());
  return connection;
}

/** A connection, and how it ends. */
async function openUntilClosed(peer: FakePeer): Promise<[LineConnection, Promise<ClientError>]> {
  let end: (error: ClientError) => void = () => {};
  const ended = new Promise<ClientError>((resolve) => {
    end = resolve;
  });
  return [await open(peer, { closed: (error) => end(error) }), ended];
}

function codeOf(request: Promise<unknown>): Promise<string> {
  return request.then(
    () => 'no error',
    (error: ClientError) => error.code,
  );
}

describe('line connection', () => {
  it('matches pipelined answers to requests by their order, however they are cut', async () => {
    const peer = await FakePeer.start();
    const connection = await open(peer);
    const replies = ['echo a', 'echo b', 'echo c'].map((line) => connection.request(line));
    await peer.until(() => peer.lines.length === 3);
    for (const part of ['200 ', 'a\r', '\n409 b\r\n20', '0 c\r\n']) peer.say(part);
    expect(await Promise.all(replies)).toEqual([
      { code: 200, text: 'a', rows: [] },
      { code: 409, text: 'b', rows: [] },
      { code: 200, text: 'c', rows: [] },
    ]);
    expect(peer.lines).toEqual(['echo a', 'echo b', 'echo c']);
  });

  it('reads lists to their END, and refusals of lists as one line', async () => {
    const peer = await FakePeer.start();
    const connection = await open(peer);
    const replies = [true, true, false].map((list) => connection.request('ask', { list }));
    peer.say('200 STATS\r\nSTAT clients 1\r\n410 is a row\r\nEND\r\n503 none\r\n200 END\r\n');
    expect(await Promise.all(replies)).toEqual([
      { code: 200, text: 'STATS', rows: ['STAT clients 1', '410 is a row'] },
      { code: 503, text: 'none', rows: [] },
      { code: 200, text: 'END', rows: [] },
    ]);
  });

  it('hands over what nobody asked for, between answers', async () => {
    const peer = await FakePeer.start();
    const unasked: Reply[] = [];
    const connection = await open(peer, { unasked: (line) => unasked.push(line) });
    const reply = connection.request('ping');
    peer.say('210 a 200 Acquired 7 9\r\n200 PONG 1\r\n410 a 7 gone\r\n');
    expect(await reply).toMatchObject({ code: 200, text: 'PONG 1' });
    expect(unasked).toEqual([
      { code: 210, text: 'a 200 Acquired 7 9', rows: [] },
      { code: 410, text: 'a 7 gone', rows: [] },
    ]);
  });

  it('keeps every byte of a name apart', async () => {
    const peer = await FakePeer.start((line) => `200 ${line}`);
    const connection = await open(peer);
    const name = 'caf\xc3\xa9\x00\xff';
    expect(await connection.request(name)).toMatchObject({ text: name });
  });

  it('fails all that is under way when the peer closes, and tells the end once', async () => {
    const peer = await FakePeer.start((line, socket) => {
      if (line === 'c') socket.end();
      return line === 'a' ? '200 a' : null;
    });
    const ends: string[] = [];
    const connection = await open(peer, { closed: ({ code }) => ends.push(code) });
    const requests = ['a', 'b', 'c'].map((line) => codeOf(connection.request(line)));
    expect(await Promise.all(requests)).toEqual(['no error', 'DISCONNECTED', 'DISCONNECTED']);
    expect(await codeOf(connection.request('d'))).toBe('DISCONNECTED');
    connection.destroy();
    expect(ends).toEqual(['DISCONNECTED']);
    expect(connection.isOpen).toBe(false);
  });

  it('gives up a peer that takes the connection and never answers', async () => {
    const peer = await FakePeer.start();
    const connection = await open(peer);
    const requests = [1, 2].map(() => codeOf(connection.request('ping', { answerMs: 20 })));
    expect(await Promise.all(requests)).toEqual(['PEER_SILENT', 'PEER_SILENT']);
  });

  it('counts the time of an answer from when the one before it came', async () => {
    const peer = await FakePeer.start();
    const connection = await open(peer);
    const first = connection.request('lock a 60', { answerMs: Number.POSITIVE_INFINITY });
    const second = codeOf(connection.request('ping', { answerMs: 20 }));
    const other = await open(peer);
    expect(await codeOf(other.request('ping', { answerMs: 40 }))).toBe('PEER_SILENT');
    expect(connection.isOpen).toBe(true);
    peer.sockets[0]?.write('200 Acquired 1 9\r\n');
    expect(await first).toMatchObject({ code: 200 });
    expect(await second).toBe('PEER_SILENT');
  });

  it.each([
    ['an HTTP server', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['an SSH server', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['bytes', '\x00\xff\x00\n'],
    ['a line without an end', 'x'.repeat(REPLY_LINE_BYTES_MAX + 1)],
    ['an answer to nothing', '503 a\r\n200 b\r\n'],
    ['a list without an end', `200 STATS\r\n${'STAT a 1\r\n'.repeat(LIST_ROWS_MAX + 1)}`],
  ])('calls %s no elock', async (_what, bytes) => {
    const peer = await FakePeer.start();
    const [connection, ended] = await openUntilClosed(peer);
    void connection.request('stats', { list: true }).catch(() => {});
    peer.say(bytes);
    const error = await ended;
    expect(error.code).toBe('NOT_ELOCK');
    expect(error.message.length).toBeLessThan(250);
  });

  it('takes the words of a peer with too many connections for what they are', async () => {
    const peer = await FakePeer.start(() => null, '429 Too many connections\r\n');
    const [, ended] = await openUntilClosed(peer);
    expect((await ended).code).toBe('LIMIT_REACHED');
  });

  it('refuses more requests than may wait', async () => {
    const peer = await FakePeer.start();
    const connection = await open(peer);
    const waiting = Array.from({ length: REQUESTS_MAX }, () => codeOf(connection.request('ping')));
    expect(await codeOf(connection.request('ping'))).toBe('LIMIT_REACHED');
    connection.destroy();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['DISCONNECTED']));
  });

  it('says that a port where nobody listens cannot be connected to', async () => {
    const peer = await FakePeer.start();
    const { address } = peer;
    peer.stop();
    expect(await codeOf(LineConnection.open(address))).toBe('NO_CONNECTION');
  });

  it('says so within its time of a host that does not answer', async () => {
    // TEST-NET-1, which is routed nowhere.
    const address = { host: '192.0.2.1', port: 9 };
    const code = await codeOf(LineConnection.open(address, { connectMs: 30 }));
    expect(code).toBe('NO_CONNECTION');
  });
});
