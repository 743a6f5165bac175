/**
 * Certificates that are replaced: when they are read anew, and that bad ones change nothing.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { CredentialWatch } from '../../src/adapters/credential-watch.ts';
import { readTls } from '../../src/adapters/credentials.ts';
import type { TlsMaterial } from '../../src/adapters/text-door.ts';
import { TextServer } from '../../src/adapters/text-server.ts';
import { NO_DIRECTORY } from '../../src/text/format.ts';
import { Authority, type Certified } from './certificates.ts';
import { FakeCore } from './fake-core.ts';
import { temporaryDirectory } from './temporary-directory.ts';

let authority: Authority;
let [first, second]: Certified[] = [];
beforeAll(async () => {
  authority = await Authority.create();
  [first, second] = await Promise.all([
    authority.certify('CN=first', { hosts: ['localhost'] }),
    authority.certify('CN=second', { hosts: ['localhost'] }),
  ]);
});

interface Watched {
  readonly watch: CredentialWatch;
  readonly taken: string[];
  readonly log: string[];
  put(certified: Partial<Certified>): void;
  /** Time passes, with one look at the files. */
  look(): void;
}

const EVERY_MS = 1_000;

function watched(take: (material: TlsMaterial) => void = () => {}): Watched {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const directory = temporaryDirectory();
  const [cert, key] = [join(directory, 'peer.pem'), join(directory, 'peer.key')];
  const put = (files: Partial<Certified>) => {
    // As who replaces them does: another file takes the name.
    for (const [path, text] of [
      [cert, files.cert],
      [key, files.key],
    ] as const) {
      if (text === undefined) continue;
      writeFileSync(`${path}.new`, text, { mode: 0o600 });
      renameSync(`${path}.new`, path);
    }
  };
  put(first!);
  const log: string[] = [];
  const logger = { log: (...line: unknown[]) => void log.push(JSON.stringify(line)) };
  const taken: string[] = [];
  const watch = new CredentialWatch({
    files: [cert, key],
    everyMs: EVERY_MS,
    present: first!,
    read: () => readTls({ cert, key }, logger),
    take: (material) => {
      take(material);
      taken.push(material.cert);
    },
    logger,
  });
  onTestFinished(() => watch.stop());
  return { watch, taken, log, put, look: () => vi.advanceTimersByTime(EVERY_MS) };
}

describe('certificates', () => {
  test('are read anew once their files have changed and stand still', () => {
    const { taken, log, put, look } = watched();
    look();
    put(second!);
    look();
    expect(taken).toEqual([]);
    look();
    expect(taken).toEqual([second!.cert]);
    look();
    look();
    expect(taken).toHaveLength(1);
    expect(log.join()).toContain('certificates were read anew');
  });

  test('are not read between the replacement of one file and of the other', () => {
    const { taken, log, put, look } = watched();
    put({ cert: second!.cert });
    look();
    put({ key: second!.key });
    look();
    look();
    expect(taken).toEqual([second!.cert]);
    expect(log.join()).not.toContain('cannot be used');
  });

  test('that cannot be used are told of once, and change nothing until there are others', () => {
    const { taken, log, put, look } = watched();
    put({ cert: 'nothing' });
    for (let times = 0; times < 5; times += 1) look();
    expect(taken).toEqual([]);
    expect(log.filter((line) => line.includes('those before stay in use'))).toHaveLength(1);
    put(second!);
    look();
    look();
    expect(taken).toEqual([second!.cert]);
  });

  test('that the door does not take are told of, and taken when they are good', () => {
    let isBad = true;
    const { watch, taken, log, put } = watched(() => {
      if (isBad) throw new Error('key too small');
    });
    put(second!);
    watch.readNow();
    expect(log.join()).toContain('key too small');
    isBad = false;
    watch.readNow();
    expect(taken).toEqual([second!.cert]);
  });

  test('are read when somebody says so, and taken only if they are others', () => {
    const { watch, taken, put } = watched();
    watch.readNow();
    expect(taken).toEqual([]);
    put(second!);
    watch.readNow();
    expect(taken).toEqual([second!.cert]);
  });
});

describe('a door', () => {
  interface Seen {
    readonly subject: string;
    readonly ended: Promise<boolean>;
  }

  /** Whom the server says it is; `ended` resolves with whether the client was let in. */
  function shake(port: number, own: Partial<Certified> = {}): Promise<Seen> {
    return new Promise((resolve, reject) => {
      const ca = authority.cert;
      const options = { port, host: '127.0.0.1', servername: 'localhost', ca, ...own };
      const socket = connect({ ...options, maxVersion: 'TLSv1.2' }, () => {
        const ended = new Promise<boolean>((end) => {
          socket.once('data', () => end(true)).once('close', () => end(false));
        });
        socket.write('help\n');
        resolve({ subject: String(socket.getPeerCertificate().subject.CN), ended });
      });
      socket.on('error', reject);
      onTestFinished(() => void socket.destroy());
    });
  }

  async function open(tls: TlsMaterial): Promise<{ server: TextServer; port: number }> {
    const doors = [{ kind: 'tcp', host: '127.0.0.1', port: 0, tls }] as const;
    const logger = { log: () => {} };
    const server = new TextServer({ doors, secret: null, directory: NO_DIRECTORY, logger });
    onTestFinished(() => server.stop());
    return { server, port: (await server.listen(new FakeCore(server))) ?? 0 };
  }

  test('shows the new certificate from then on, and leaves alone who is in', async () => {
    const { server, port } = await open(first!);
    const before = await shake(port);
    expect(await before.ended).toBe(true);
    server.renewTls(second!);
    expect([before.subject, (await shake(port)).subject]).toEqual(['first', 'second']);
    expect(server.connections).toBe(2);
  });

  test('asks for certificates of the new authority', async () => {
    const others = await Authority.create('CN=Others');
    const [old, known] = [await authority.certify('CN=old'), await others.certify('CN=known')];
    const { server, port } = await open({ ...first!, clientCa: authority.cert });
    expect(await (await shake(port, old)).ended).toBe(true);
    server.renewTls({ ...first!, clientCa: others.cert });
    await expect(shake(port, old)).rejects.toThrow();
    expect(await (await shake(port, known)).ended).toBe(true);
  });

  test('keeps what it has where the new is of no use', async () => {
    const { server, port } = await open(first!);
    expect(() => server.renewTls({ cert: first!.cert, key: second!.key })).toThrow();
    expect((await shake(port)).subject).toBe('first');
  });
});
