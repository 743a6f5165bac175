/** What the door makes of peers that are only slow, or were killed. */
import '../../src/adapters/promise-with-resolvers.ts';
import { randomBytes } from 'node:crypto';
import type { MultiaddrConnection } from '@libp2p/interface';
import { multiaddrConnectionPair } from '@libp2p/utils';
import { beforeEach, describe, expect, it } from 'vitest';
import { privateNetwork } from '../../src/adapters/private-network.ts';
import { newSecretKey } from '../../src/adapters/system-random.ts';
import { SECRETS_MAX } from '../../src/limits.ts';
import type { SecretKey } from '../../src/wire/secret.ts';

const OFFER_BYTES = 16 + SECRETS_MAX * 16;

/** The part of a connection that hands bytes to the socket, which is not in its types. */
interface Sending {
  sendData(data: unknown): unknown;
}

/** A socket takes a list of pieces; what stands in for one here takes a single piece. */
function takePieces(connection: Sending): void {
  const sendData = connection.sendData.bind(connection);
  connection.sendData = (data) => sendData(Array.isArray(data) ? data[0] : data);
}

describe('the door of a private network', () => {
  const ours = newSecretKey();
  let dialler: MultiaddrConnection;
  let listener: MultiaddrConnection;
  let said: string[];

  beforeEach(() => {
    [dialler, listener] = multiaddrConnectionPair();
    for (const connection of [dialler, listener]) takePieces(connection as unknown as Sending);
    said = [];
  });

  /** What comes of it, as text. */
  function protect(connection: MultiaddrConnection, key: SecretKey = ours): Promise<string> {
    const protector = privateNetwork({
      keys: () => [key],
      refused: (_, isSilent) => said.push(isSilent ? 'silent' : 'stranger'),
      answered: (_, accepted) => said.push(accepted ? 'accepted' : 'outsider'),
    })();
    return protector.protect(connection).then(
      () => 'in',
      (error: Error) => error.message,
    );
  }

  /** Resolves once the offer has come. */
  function offered(): Promise<void> {
    return new Promise((resolve) => {
      listener.addEventListener('message', () => resolve(), { once: true });
    });
  }

  it('lets in whoever has the secret', async () => {
    expect(await Promise.all([protect(dialler), protect(listener)])).toEqual(['in', 'in']);
    expect(said).toEqual(['accepted']);
  });

  it('names whoever has another', async () => {
    const coming = protect(dialler, newSecretKey());
    expect(await protect(listener)).toMatch(/none of its keys/);
    expect(await coming).toMatch(/does not take the secret/);
    expect(said).toEqual(['stranger', 'outsider']);
  });

  it('takes nobody for an outsider whose listener just ended', async () => {
    const coming = protect(dialler);
    await offered();
    listener.abort(new Error('test'));
    expect(await coming).not.toBe('in');
    expect(said).toEqual([]);
  });

  it('takes nobody for a stranger who left before it was listened to', async () => {
    const opening = protect(listener);
    dialler.abort(new Error('test'));
    expect(await opening).not.toBe('in');
    expect(said).toEqual([]);
  });

  it('names whoever speaks another language', async () => {
    const opening = protect(listener);
    dialler.send(randomBytes(OFFER_BYTES + 1));
    expect(await opening).not.toBe('in');
    expect(said).toEqual(['stranger']);
  });
});
