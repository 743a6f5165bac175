/**
 * An invite: one line by which a machine comes into a cluster.
 *
 *     elock1-BASE64URL of cluster (16 bytes) generation (2) key (32) {length address}… check (4)
 *
 * The line is a secret, for it has the cluster's key in it. Owns its form; `1` is the version. The
 * check finds typing errors. Of the cluster id the first half stands there, which nobody can forge.
 */
import { createHash } from 'node:crypto';
import { multiaddr } from '@multiformats/multiaddr';
import type { Secret, SecretKey } from '../wire/secret.ts';
import { parsePeerAddress } from './peer-address.ts';

/** What an invite says. */
export interface Invite {
  /** How the cluster id begins: 32 hexadecimal digits. */
  readonly cluster: string;
  readonly secret: Secret;
  /** Where peers of the cluster are, as multiaddrs without ids. */
  readonly addresses: readonly string[];
}

/** The invite, or what is wrong with the line. */
export type ReadInvite =
  | { readonly ok: true; readonly invite: Invite }
  | { readonly ok: false; readonly reason: string };

const VERSION = 1;
const CLUSTER_BYTES = 16;
const GENERATION_AT = CLUSTER_BYTES;
const KEY_AT = GENERATION_AT + 2;
const ADDRESSES_AT = KEY_AT + 32;
const CHECK_BYTES = 4;

/** The line. */
export function writeInvite({ cluster, secret, addresses }: Invite): string {
  const generation = Buffer.alloc(2);
  generation.writeUInt16BE(secret.generation);
  const body = Buffer.concat([
    Buffer.from(cluster.slice(0, CLUSTER_BYTES * 2), 'hex'),
    generation,
    Buffer.from(secret.key, 'hex'),
    ...addresses.flatMap((address) => {
      const { bytes } = multiaddr(address);
      return [Buffer.of(bytes.length), bytes];
    }),
  ]);
  return `elock${VERSION}-${Buffer.concat([body, check(body)]).toString('base64url')}`;
}

/** Reads a line; spaces, and line breaks that a terminal or a mail put in, do not count. */
export function readInvite(line: string): ReadInvite {
  const text = line.replace(/\s/g, '');
  const [, version, code = ''] = /^elock(\d+)-([A-Za-z0-9_-]+)$/.exec(text) ?? [];
  if (version === undefined) return no('it does not look like elock1-…, as elock invite prints it');
  if (Number(version) !== VERSION) {
    return no(`it is of version ${version}, and this elock reads ${VERSION}; use the same release`);
  }
  const bytes = Buffer.from(code, 'base64url');
  const body = bytes.subarray(0, -CHECK_BYTES);
  if (body.length < ADDRESSES_AT || !bytes.subarray(-CHECK_BYTES).equals(check(body))) {
    return no('it is not whole, or has a typing error; copy the line again');
  }
  return { ok: true, invite: readBody(body) };
}

function readBody(body: Buffer): Invite {
  const key = body.subarray(KEY_AT, ADDRESSES_AT).toString('hex') as SecretKey;
  const addresses: string[] = [];
  for (let at = ADDRESSES_AT; at < body.length; at += 1 + body[at]!) {
    const address = readAddress(body.subarray(at + 1, at + 1 + body[at]!));
    if (address !== null) addresses.push(address);
  }
  return {
    cluster: body.subarray(0, CLUSTER_BYTES).toString('hex'),
    secret: { generation: body.readUInt16BE(GENERATION_AT), key },
    addresses,
  };
}

function readAddress(bytes: Buffer): string | null {
  try {
    return parsePeerAddress(multiaddr(bytes).toString())?.address ?? null;
  } catch {
    return null;
  }
}

function check(body: Uint8Array): Buffer {
  return createHash('sha256').update(body).digest().subarray(0, CHECK_BYTES);
}

function no(reason: string): ReadInvite {
  return { ok: false, reason };
}
