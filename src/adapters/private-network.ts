/**
 * The door of a private network: who does not know the cluster's key is turned away before noise.
 *
 *     dialler ── nonce (16 bytes), SECRETS_MAX proofs (16 bytes each) ──▶ listener
 *     dialler ◀─────────────── proof by the key that the listener chose ── listener
 *     both    ◀──────────── everything else, encrypted with that key ────▶ both (@libp2p/pnet)
 *
 * The dialler proves every key that it has, newest first, padded with noise; the listener takes the
 * newest of its own. So peers meet while a key is being changed, without knowing how far the other
 * is. The proofs alone would not do: somebody in the middle could pass them on; pnet's encryption
 * of all that follows shuts him out. Costs a stranger one connection and the listener a few hashes.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ConnectionProtector, MultiaddrConnection } from '@libp2p/interface';
import { preSharedKey } from '@libp2p/pnet';
import { type ByteStream, byteStream } from '@libp2p/utils';
import { PROOF_MS_MAX, SECRETS_MAX } from '../limits.ts';
import type { SecretKey } from '../wire/secret.ts';
import { flowPlainly } from './lean-stream.ts';

const NONCE_BYTES = 16;
const PROOF_BYTES = 16;
const OFFER_BYTES = NONCE_BYTES + SECRETS_MAX * PROOF_BYTES;

/** What the door needs. */
export interface PrivateNetworkOptions {
  /** The keys that count at this moment, newest first; never empty. */
  readonly keys: () => readonly SecretKey[];
  /** Somebody at that address came who has none of them. */
  readonly refused: (address: string) => void;
  /** Whoever answers at that address has one of them, or ended the connection instead. */
  readonly answered: (address: string, accepted: boolean) => void;
}

/** A protector of connections for libp2p. */
export function privateNetwork(options: PrivateNetworkOptions): () => ConnectionProtector {
  return () => ({
    protect: async (stream, given) => {
      // What libp2p hands over is the connection itself, though the interface says less.
      const connection = stream as MultiaddrConnection;
      const signal = AbortSignal.any([
        AbortSignal.timeout(PROOF_MS_MAX),
        ...(given?.signal === undefined ? [] : [given.signal]),
      ]);
      const key = await agree(
        flowPlainly(connection, (bytes) => [bytes]),
        options,
        signal,
      );
      const protector = preSharedKey({ psk: swarmKey(key) })();
      return flowPlainly(await protector.protect(connection, { signal }));
    },
  });
}

function agree(
  connection: MultiaddrConnection,
  options: PrivateNetworkOptions,
  signal: AbortSignal,
): Promise<SecretKey> {
  return connection.direction === 'outbound'
    ? knock(connection, options, signal)
    : open(connection, options, signal);
}

/** The dialler's part. */
async function knock(
  connection: MultiaddrConnection,
  options: PrivateNetworkOptions,
  signal: AbortSignal,
): Promise<SecretKey> {
  const keys = options.keys();
  const bytes = byteStream(connection);
  const nonce = randomBytes(NONCE_BYTES);
  const proofs = keys.slice(0, SECRETS_MAX).map((key) => proof(key, 'dialler', nonce));
  const padding = randomBytes((SECRETS_MAX - proofs.length) * PROOF_BYTES);
  await bytes.write(Buffer.concat([nonce, ...proofs, padding]), { signal });
  const answer = await answerOf(bytes, signal);
  const chosen =
    answer && keys.find((key) => timingSafeEqual(proof(key, 'listener', nonce), answer));
  // A silence says nothing: whoever refuses a secret ends the connection.
  if (!signal.aborted) options.answered(connection.remoteAddr.toString(), chosen !== undefined);
  if (chosen === undefined) throw new Error('the other side does not take the secret');
  bytes.unwrap();
  return chosen;
}

async function answerOf(
  bytes: ByteStream<MultiaddrConnection>,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  try {
    return (await bytes.read({ bytes: PROOF_BYTES, signal })).subarray();
  } catch {
    return undefined;
  }
}

/** The listener's part. */
async function open(
  connection: MultiaddrConnection,
  { keys, refused }: PrivateNetworkOptions,
  signal: AbortSignal,
): Promise<SecretKey> {
  const bytes = byteStream(connection, { maxBufferSize: OFFER_BYTES });
  let chosen: SecretKey | undefined;
  try {
    const offer = (await bytes.read({ bytes: OFFER_BYTES, signal })).subarray();
    const nonce = offer.subarray(0, NONCE_BYTES);
    chosen = keys().find((key) => isOffered(offer, proof(key, 'dialler', nonce)));
    if (chosen === undefined) throw new Error('none of its keys is this cluster\u2019s');
    await bytes.write(proof(chosen, 'listener', nonce), { signal });
  } catch (error) {
    if (chosen === undefined) refused(connection.remoteAddr.toString());
    throw error;
  }
  bytes.unwrap();
  return chosen;
}

function isOffered(offer: Uint8Array, wanted: Uint8Array): boolean {
  for (let at = NONCE_BYTES; at < OFFER_BYTES; at += PROOF_BYTES) {
    if (timingSafeEqual(offer.subarray(at, at + PROOF_BYTES), wanted)) return true;
  }
  return false;
}

function proof(key: SecretKey, side: 'dialler' | 'listener', nonce: Uint8Array): Buffer {
  const hmac = createHmac('sha256', Buffer.from(key, 'hex')).update(`elock ${side} 1`);
  return hmac.update(nonce).digest().subarray(0, PROOF_BYTES);
}

/** In the form of a swarm key file; another key than that of the proofs. */
function swarmKey(key: SecretKey): Uint8Array {
  const derived = createHmac('sha256', Buffer.from(key, 'hex')).update('elock network 1');
  return Buffer.from(`/key/swarm/psk/1.0.0/\n/base16/\n${derived.digest('hex')}`);
}
