/**
 * What a peer announces of itself to the whole cluster, as bytes that it has signed.
 *
 *     sealed = body signature (64 bytes, Ed25519)
 *     body   = version (1 byte) cluster peer incarnation counter software epoch text addresses
 *              flags (1 byte: 1 quorum, 2 disk low) reached uptime clients
 *
 * The signature is part of it since announcements are handed on: by gossipsub, and by whoever
 * introduces a peer to the others. Says how large one may be and what is signed; who verifies it is
 * `cluster-view.ts`. Pure; input is never trusted.
 */
import type { ClusterId, Epoch, Incarnation, PeerId } from '../core/types.ts';
import {
  ADDRESS_BYTES_MAX,
  ADDRESSES_PER_PEER_MAX,
  ANNOUNCEMENT_BYTES_MAX,
  PEERS_MAX,
  SOFTWARE_BYTES_MAX,
} from '../limits.ts';
import { ByteReader, WireFault } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { readCluster, readList, writeCluster, writeList, writeText } from './field-codec.ts';

/** How a peer is, by its own word. */
export interface Health {
  /** Whether it reaches a majority of the voters. */
  readonly quorum: boolean;
  /** The voters that lately answered it. */
  readonly reached: readonly PeerId[];
  /** `low`: a voter without space for a vote must stop, and soon will. */
  readonly disk: 'ok' | 'low';
  readonly uptimeS: number;
  /** Connections of clients. */
  readonly clients: number;
}

/** One peer, as it presents itself. */
export interface Announcement {
  readonly cluster: ClusterId;
  readonly peer: PeerId;
  readonly incarnation: Incarnation;
  /** Rises with each announcement of one incarnation. */
  readonly counter: number;
  /** The version of elock that it runs. */
  readonly software: string;
  /** Of its configuration. */
  readonly epoch: Epoch;
  /** Where clients reach it, `HOST:PORT`; `null`: on its own machine only, or it does not say. */
  readonly text: string | null;
  /** Where peers reach it: multiaddrs without its id. */
  readonly addresses: readonly string[];
  readonly health: Health;
}

/** The announcement, and what its signature must be of; or why there is none. */
export type DecodedAnnouncement =
  | {
      readonly ok: true;
      readonly announcement: Announcement;
      readonly signed: Uint8Array;
      readonly signature: Uint8Array;
    }
  | {
      readonly ok: false;
      readonly reason: string;
      /** It may be right, in a version that this code does not speak. */
      readonly foreign: boolean;
    };

/** The version of announcements that this code speaks. */
const ANNOUNCEMENT_VERSION = 1;
const SIGNATURE_BYTES = 64;
/** In front of what is signed: the same key signs handshakes, too. */
const PURPOSE = 'elock announcement:';
const PRINTABLE = /^[!-~]*$/;
const FLAG = { quorum: 1, diskLow: 2 } as const;

/** Used by one `encode` at a time, start to end. */
const writer = new ByteWriter();

/** The body of an announcement. */
export function encodeAnnouncement(announcement: Announcement): Uint8Array {
  const { health } = announcement;
  writer.byte(ANNOUNCEMENT_VERSION);
  writeCluster(writer, announcement.cluster);
  writer.peer(announcement.peer);
  writer.varint(announcement.incarnation);
  writer.varint(announcement.counter);
  writer.text(announcement.software);
  writer.varint(announcement.epoch);
  writer.text(announcement.text ?? '');
  writeList(writer, announcement.addresses, writeText);
  writer.byte((health.quorum ? FLAG.quorum : 0) + (health.disk === 'low' ? FLAG.diskLow : 0));
  writeList(writer, health.reached, (to, peer) => to.peer(peer));
  writer.varint(health.uptimeS);
  writer.varint(health.clients);
  return writer.take();
}

/** What the key of the peer signs. */
export function signedPart(body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(PURPOSE), body]);
}

/** Body and signature in one. */
export function sealAnnouncement(body: Uint8Array, signature: Uint8Array): Uint8Array {
  return Buffer.concat([body, signature]);
}

/** Reads a sealed announcement; the signature is not verified here. */
export function decodeAnnouncement(sealed: Uint8Array): DecodedAnnouncement {
  if (sealed.length > ANNOUNCEMENT_BYTES_MAX) return refused(`${sealed.length} bytes`);
  if (sealed.length <= SIGNATURE_BYTES) return refused('truncated');
  const body = sealed.subarray(0, -SIGNATURE_BYTES);
  if (body[0] !== ANNOUNCEMENT_VERSION) {
    return { ok: false, reason: `unknown version ${body[0]}`, foreign: true };
  }
  try {
    const reader = new ByteReader(body.subarray(1));
    const announcement = readFields(reader);
    reader.end();
    const signature = sealed.subarray(-SIGNATURE_BYTES);
    return { ok: true, announcement, signed: signedPart(body), signature };
  } catch (error) {
    if (error instanceof WireFault) return refused(error.message);
    throw error;
  }
}

function refused(reason: string): DecodedAnnouncement {
  return { ok: false, reason, foreign: false };
}

function readFields(reader: ByteReader): Announcement {
  const cluster = readCluster(reader);
  const peer = reader.peer();
  const incarnation = reader.varint();
  const counter = reader.varint();
  const software = readPrintable(reader, SOFTWARE_BYTES_MAX);
  const epoch = reader.varint();
  const text = readPrintable(reader, ADDRESS_BYTES_MAX) || null;
  const addresses = readList(reader, 2, readAddress, ADDRESSES_PER_PEER_MAX);
  const health = readHealth(reader);
  return { cluster, peer, incarnation, counter, software, epoch, text, addresses, health };
}

/** What is shown in rows of words must be one, and no command for a terminal. */
function readPrintable(reader: ByteReader, bytesMax: number): string {
  const text = reader.text(bytesMax);
  if (!PRINTABLE.test(text)) throw new WireFault('text that is no word');
  return text;
}

function readAddress(reader: ByteReader): string {
  return readPrintable(reader, ADDRESS_BYTES_MAX);
}

function readHealth(reader: ByteReader): Health {
  const flags = reader.byte();
  if (flags > FLAG.quorum + FLAG.diskLow) throw new WireFault(`unknown flags ${flags}`);
  const reached = readList(reader, 1, (from) => from.peer(), PEERS_MAX);
  const uptimeS = reader.varint();
  return {
    quorum: (flags & FLAG.quorum) !== 0,
    reached,
    disk: (flags & FLAG.diskLow) === 0 ? 'ok' : 'low',
    uptimeS,
    clients: reader.varint(),
  };
}
