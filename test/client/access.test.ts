/** How clients come in at peers that ask for a secret or a certificate, with a real text server. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { TlsMaterial } from '../../src/adapters/text-door.ts';
import { TextServer, type TextServerOptions } from '../../src/adapters/text-server.ts';
import {
  Access,
  type AccessOptions,
  Client,
  type ClientError,
  connect,
  LineConnection,
  parsePeerAddress,
} from '../../src/client/index.ts';
import { NO_DIRECTORY } from '../../src/text/format.ts';
import { Authority, type Certified } from '../adapters/certificates.ts';
import { FakeCore } from '../adapters/fake-core.ts';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { FakePeer } from './fake-peer.ts';

async function start(options: Partial<TextServerOptions> & { tls?: TlsMaterial }): Promise<string> {
  const { tls, ...given } = options;
  const tcp = { kind: 'tcp', host: '127.0.0.1', port: 0, ...(tls ? { tls } : {}) } as const;
  const logger = { log: () => {} };
  const server = new TextServer({
    doors: [tcp],
    secret: null,
    directory: NO_DIRECTORY,
    logger,
    ...given,
  });
  onTestFinished(() => server.stop());
  const port = await server.listen(new FakeCore(server));
  return `127.0.0.1:${port}`;
}

/** The answer to a line, or the code of the error. */
async function answerOf(peer: string, access: AccessOptions = {}, line = 'ping') {
  try {
    const options = { access: new Access(access) };
    const connection = await LineConnection.open(parsePeerAddress(peer), options);
    onTestFinished(() => connection.destroy());
    const { code } = await connection.request(line);
    return code;
  } catch (error) {
    return (error as ClientError).code;
  }
}

function failureOf(call: Promise<unknown>): Promise<ClientError> {
  return call.then(
    () => {
      throw new Error('succeeded');
    },
    (error: ClientError) => error,
  );
}

describe('a secret', () => {
  it('is said first, and nothing waits for its answer', async () => {
    const peer = await FakePeer.start();
    const access = new Access({ secret: 'sesame' });
    const connection = await LineConnection.open(peer.address, { access });
    const reply = connection.request('ping');
    await peer.until(() => peer.lines.length === 2);
    expect(peer.lines).toEqual(['auth sesame', 'ping']);
    peer.say('200 Welcome\r\n200 PONG 0\r\n');
    expect(await reply).toMatchObject({ text: 'PONG 0' });
  });

  it.each([
    ['sesame', { secret: 'sesame' }, 200],
    ['sesame', { secret: 'Sesame' }, 'AUTH_FAILED'],
    ['sesame', {}, 'AUTH_FAILED'],
    [null, { secret: 'sesame' }, 200],
    ['s\xc3\xbc\xff', { secret: Buffer.from('s\xc3\xbc\xff', 'latin1') }, 200],
    ['s\xc3\xbc', { secret: 's\u00fc' }, 200],
    ['sesame', { secret: 'sesame\r\n' }, 200],
  ])('%j, and this client says %j: %j', async (secret, access, answer) => {
    expect(await answerOf(await start({ secret }), access)).toBe(answer);
  });

  it.each(['', 'two words', 'two\nlines', 'x\r', 'x'.repeat(1_025), 7 as unknown as string])(
    'is no word, and refused without being shown: %j',
    (secret) => {
      const client = () => new Client({ peers: ['a'], secret });
      expect(client).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
      expect(client).toThrow(/^expected as secret a word of 1 to 1024 bytes, without spaces/);
    },
  );

  it.each([
    ['says it again', (line: string) => line],
    ['answers with it', (line: string) => `200 you said ${line}\r\n300 ${line}`],
    ['knows no auth', () => '400 Unknown command'],
  ])('stands in no error when the peer %s', async (_what, answer) => {
    const peer = await FakePeer.start((line) => answer(line));
    const access = { secret: 'sesame-open' };
    const client = new Client({ peers: [peer.at], ...access });
    onTestFinished(() => client.close());
    const error = await failureOf(client.connect());
    expect(error.message).toContain(peer.at);
    expect(`${error.message}${error.stack}${(error.cause as Error)?.message}`).not.toContain(
      'open',
    );
  });

  it('that is wrong at one peer lets the client go to another', async () => {
    const stern = await start({ secret: 'other' });
    const peer = await quorate('sesame');
    const client = await connect({ peers: [stern, peer.at], secret: 'sesame' });
    expect(client.peer).toBe(peer.at);
    peer.stop();
    await client.close();
  });

  it('that no peer takes is an error of its own, at once, for every call', async () => {
    const peers = [await start({ secret: 'a' }), await start({ secret: 'b' })];
    const error = await failureOf(connect({ peers, secret: 'wrong' }));
    expect(error).toMatchObject({ code: 'AUTH_FAILED', name: 'AuthFailedError' });
    for (const peer of peers) expect(error.message).toContain(`${peer} does not take the secret`);
    const client = new Client({ peers });
    const asked = await failureOf(client.acquire('door'));
    expect(asked).toMatchObject({ code: 'AUTH_FAILED' });
    expect(asked.message).toContain('asks for a secret');
    await client.close();
  });

  it('that is not taken is not said over and over', async () => {
    const peer = await FakePeer.start(() => '401 Wrong');
    const client = new Client({ peers: [peer.at], secret: 'wrong' });
    expect(await failureOf(client.acquire('door'))).toMatchObject({ code: 'AUTH_FAILED' });
    expect(peer.sockets).toHaveLength(1);
    await client.close();
  });

  it('that one peer does not take, and another that is gone, is told peer by peer', async () => {
    const peers = [await start({ secret: 'a' }), 'unix:/nowhere/elock.sock'];
    const error = await failureOf(connect({ peers, secret: 'wrong' }));
    expect(error).toMatchObject({
      code: 'UNREACHABLE',
      failures: [
        { peer: peers[1], error: { code: 'NO_CONNECTION' } },
        { peer: peers[0], error: { code: 'AUTH_FAILED' } },
      ],
    });
  });
});

describe('a UNIX socket', () => {
  it('is a peer like others', async () => {
    const path = join(temporaryDirectory(), 'elock.sock');
    await start({ doors: [{ kind: 'unix', path, mode: 0o600 }], secret: 'sesame' });
    const access = { secret: 'sesame', tls: true };
    expect(await answerOf(`unix:${path}`, access)).toBe(200);
  });

  it.each(['unix:', 'unix:x', 'unix:x/y', 'unix:/\0', `unix:/${'x'.repeat(108)}`])(
    'has an address with a path: not %j',
    (peer) => {
      expect(() => parsePeerAddress(peer)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      );
    },
  );

  it.each(['unix:/run/elock.sock', 'unix:./a:b c', 'unix:../x'])('may be %j', (peer) => {
    expect(parsePeerAddress(peer)).toEqual({ path: peer.slice('unix:'.length) });
  });

  it('leaves hosts of that name alone', () => {
    expect(parsePeerAddress('unix:11401')).toEqual({ host: 'unix', port: 11_401 });
  });
});

describe('TLS', () => {
  let authority: Authority;
  let other: Authority;
  let peer: Certified;
  let known: Certified;
  let unknown: Certified;
  beforeAll(async () => {
    [authority, other] = await Promise.all([Authority.create(), Authority.create('CN=Other')]);
    [peer, known, unknown] = await Promise.all([
      authority.certify('CN=peer', { hosts: ['127.0.0.1', 'peer.example'] }),
      authority.certify('CN=client'),
      other.certify('CN=client'),
    ]);
  });

  it('carries a whole client', async () => {
    const address = await start({ tls: peer, secret: 'sesame' });
    const tls = { ca: authority.cert };
    expect(await answerOf(address, { tls, secret: 'sesame' })).toBe(200);
    expect(await answerOf(address, { tls })).toBe('AUTH_FAILED');
  });

  it('trusts a peer by its authority and its name, and nobody else', async () => {
    const address = await start({ tls: peer });
    const ca = authority.cert;
    expect(await answerOf(address, { tls: { ca: Buffer.from(ca) } })).toBe(200);
    expect(await answerOf(address, { tls: { ca, servername: 'peer.example' } })).toBe(200);
    expect(await answerOf(address, { tls: { ca, servername: 'other.example' } })).toBe(
      'PEER_UNTRUSTED',
    );
    expect(await answerOf(address, { tls: true })).toBe('PEER_UNTRUSTED');
    expect(await answerOf(address, { tls: { ca: other.cert } })).toBe('PEER_UNTRUSTED');
    const error = await failureOf(connect({ peers: [address], tls: true }));
    expect(error).toMatchObject({ code: 'PEER_UNTRUSTED', name: 'UntrustedPeerError' });
    expect(error.message).toContain(`the certificate of ${address} is not to be trusted`);
  });

  it('refuses a peer whose certificate is over', async () => {
    const over = await authority.certify('CN=peer', { hosts: ['127.0.0.1'], from: -9, to: -1 });
    const address = await start({ tls: over });
    expect(await answerOf(address, { tls: { ca: authority.cert } })).toBe('PEER_UNTRUSTED');
  });

  it("shows this client's certificate where it is asked for", async () => {
    const address = await start({ tls: { ...peer, clientCa: authority.cert } });
    const ca = authority.cert;
    expect(await answerOf(address, { tls: { ca, ...known } })).toBe(200);
    for (const shown of [{}, unknown]) {
      const error = await failureOf(connect({ peers: [address], tls: { ca, ...shown } }));
      expect(['AUTH_FAILED', 'UNREACHABLE']).toContain(error.code);
    }
  });

  it('is told from what is none, on either side', async () => {
    const secure = await start({ tls: peer });
    const plain = await start({});
    const without = await failureOf(connect({ peers: [secure] }));
    expect(without.message).toContain('does it ask for TLS?');
    expect(await answerOf(plain, { tls: { ca: authority.cert } })).toBe('NOT_ELOCK');
    const silent = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const late = LineConnection.open(parsePeerAddress(`127.0.0.1:${port}`), {
      access: new Access({ tls: true }),
      connectMs: 30,
    });
    expect(await failureOf(late)).toMatchObject({ code: 'NO_CONNECTION' });
  });

  it.each([
    [{ ca: 'no PEM' }, 'expected PEM as tls.ca'],
    [{ cert: '-----BEGIN CERTIFICATE-----' }, 'expected both cert and key of tls, or neither'],
    [
      { cert: '-----BEGIN CERTIFICATE-----', key: '-----BEGIN PRIVATE KEY-----\nhunter2' },
      'TLS cannot use what was given as cert, key',
    ],
  ])('refuses what it cannot use', (tls, message) => {
    const make = () => new Client({ peers: ['a'], tls });
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(make).toThrow(message);
    expect(make).not.toThrow('hunter2');
  });
});

/** A scripted peer that lets in whoever says the secret, and reaches a quorum. */
function quorate(secret: string): Promise<FakePeer> {
  return FakePeer.start((line) => {
    if (line.startsWith('auth')) return line === `auth ${secret}` ? '200 Welcome' : '401 Wrong';
    if (line === 'stats') return '200 STATS\r\nSTAT voters_reached 1\r\nSTAT quorum 1\r\nEND';
    return line === 'conn_id' ? '200 id' : '200 Done';
  });
}
