/**
 * The door of a private network: who does not know the cluster's key is turned away before noise.
 *
 *     dialler ── nonce (16 bytes), SECRETS_MAX proofs (16 bytes each) ──▶ listener
 *     dialler ◀─── proof by the key that the listener chose, or a refusal ── listener
 *     both    ◀──────────── everything else, encrypted with that key ────▶ both (@libp2p/pnet)
 *
 * The dialler proves every key that it has, newest first, padded with noise; the listener takes the
 * newest of its own. So peers meet while a key is being changed, without knowing how far the other
 * is. A refusal is said: a connection that only ends, as with a listener that is killed, tells
 * nothing of keys. The proofs alone would not do: somebody in the middle could pass them on; pnet's
 * encryption of all that follows shuts him out. Costs a stranger one connection and the listener a
 * few hashes.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ConnectionProtector, MultiaddrConnection } from '@libp2p/interface';
import { preSharedKey } from '@libp2p/pnet';
import { type ByteStream, byteStream } from '@libp2p/utils';
import { PROOF_MS_MAX, SECRETS_MAX, UPGRADE_LATE_MS_MAX } from '../limits.ts';
import type { SecretKey } from '../wire/secret.ts';
import { flowPlainly } from './lean-stream.ts';

const NONCE_BYTES = 16;
const PROOF_BYTES = 16;
const OFFER_BYTES = NONCE_BYTES + SECRETS_MAX * PROOF_BYTES;
/** In place of a proof: none of the keys that were offered opens this door. */
const REFUSAL = Buffer.alloc(PROOF_BYTES);
/** Who dials has bounded the whole dial, and must not give up on a listener that is only slow. */
const PATIENCE_MS = { inbound: PROOF_MS_MAX, outbound: UPGRADE_LATE_MS_MAX };

/** What the door needs. */
export interface PrivateNetworkOptions {
  /** The keys that count at this moment, newest first; never empty. */
  readonly keys: () => readonly SecretKey[];
  /** Somebody at that address came who has none of them, or said nothing at all. */
  readonly refused: (address: string, isSilent: boolean) => void;
  /** Whoever answers at that address has one of them, or says that it has none. */
  readonly answered: (address: string, accepted: boolean) => void;
}

/** A protector of connections for libp2p. */
export function privateNetwork(options: PrivateNetworkOptions): () => ConnectionProtector {
  return () => ({
    protect: async (stream, given) => {
      // What libp2p hands over is the connection itself, though the interface says less.
      const connection = stream as MultiaddrConnection;
      const late = new AbortController();
      // A time-out that nothing but a joined signal waits for may be collected before it is due.
      const isLate = (): void => late.abort(new Error('the secret was not agreed on in time'));
      const timer = setTimeout(isLate, PATIENCE_MS[connection.direction]);
      const signals = given?.signal === undefined ? [] : [given.signal];
      const signal = AbortSignal.any([late.signal, ...signals]);
      try {
        const plain = flowPlainly(connection, (bytes) => [bytes]);
        const protector = preSharedKey({ psk: swarmKey(await agree(plain, options, signal)) })();
        return flowPlainly(await protector.protect(connection, { signal }));
      } finally {
        clearTimeout(timer);
      }
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
  const answer = (await bytes.read({ bytes: PROOF_BYTES, signal })).subarray();
  const chosen = keys.find((key) => timingSafeEqual(proof(key, 'listener', nonce), answer));
  const isRefused = REFUSAL.equals(answer);
  if (chosen !== undefined || isRefused) {
    options.answered(connection.remoteAddr.toString(), !isRefused);
  }
  if (chosen === undefined) throw new Error('the other side does not take the secret');
  bytes.unwrap();
  return chosen;
}

/** The listener's part. */
async function open(
  connection: MultiaddrConnection,
  { keys, refused }: PrivateNetworkOptions,
  signal: AbortSignal,
): Promise<SecretKey> {
  const bytes = byteStream(connection, { maxBufferSize: OFFER_BYTES });
  const offer = await offerOf(bytes, signal).catch((error: Error) => {
    // Whoever left while this peer was slow to listen has shown nothing.
    const isTooLong = error.name === 'StreamBufferError';
    if (signal.aborted || isTooLong) refused(connection.remoteAddr.toString(), !isTooLong);
    throw error;
  });
  const nonce = offer.subarray(0, NONCE_BYTES);
  const chosen = keys().find((key) => isOffered(offer, proof(key, 'dialler', nonce)));
  if (chosen === undefined) {
    refused(connection.remoteAddr.toString(), false);
    await bytes.write(REFUSAL, { signal });
    // To its end, which a reset would not wait for.
    await connection.close({ signal });
    throw new Error('none of its keys is this cluster\u2019s');
  }
  await bytes.write(proof(chosen, 'listener', nonce), { signal });
  bytes.unwrap();
  return chosen;
}

async function offerOf(
  bytes: ByteStream<MultiaddrConnection>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  return (await bytes.read({ bytes: OFFER_BYTES, signal })).subarray();
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
