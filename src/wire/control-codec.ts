/**
 * The transport's own frames: hello, introduction, keep-alive, farewell, charter, secrets.
 *
 *     body = 0 (1 byte, where frames of messages have their version) kind (1 byte) fields…
 *
 * They never reach the core. A hello begins with the version, and that much never changes: peers of
 * two versions can at least tell each other apart. Pure; input is never trusted.
 */
import { assertNever } from '../core/invariant.ts';
import type { ClusterId, Configuration, Epoch, Incarnation, Nonce } from '../core/types.ts';
import {
  ANNOUNCEMENT_BYTES_MAX,
  CHARTER_BYTES_MAX,
  FAREWELL_BYTES_MAX,
  PEERS_MAX,
} from '../limits.ts';
import { ByteReader, WireFault } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { WIRE_VERSION } from './codec.ts';
import {
  readCluster,
  readConfiguration,
  readList,
  readSecret,
  writeCluster,
  writeConfiguration,
  writeList,
  writeSecret,
} from './field-codec.ts';
import type { Secret } from './secret.ts';

/** The first frame each way of every channel. */
export interface Hello {
  readonly kind: 'hello';
  readonly cluster: ClusterId;
  readonly epoch: Epoch;
  readonly incarnation: Incarnation;
  /** Tells two lives of one incarnation apart (rule 20). */
  readonly nonce: Nonce;
  /** Given by the opener, rising with each channel to that peer; repeated by the other side. */
  readonly channel: number;
}

/** An announcement that is handed on (see `announcement-codec.ts`). */
export interface Introduced {
  readonly sealed: Uint8Array;
  /** How long ago the sender heard it; 0: its own. */
  readonly ageMs: number;
}

/** The newest announcement of every peer that the sender knows, its own among them. */
export interface Introduction {
  readonly kind: 'introduction';
  readonly known: readonly Introduced[];
}

/** Nothing to say. */
export interface KeepAlive {
  readonly kind: 'keep-alive';
}

/**
 * What a farewell asks of its receiver: nothing, or to stop: a restored backup, or shut out. `asleep`:
 * the channel comes back as soon as either side has something to say.
 */
export type FarewellCause = 'any' | 'stale-incarnation' | 'removed' | 'asleep';

/** The last frame of a channel, if there is time for one. */
export interface Farewell {
  readonly kind: 'farewell';
  readonly cause: FarewellCause;
  /** For the log of the receiver. */
  readonly reason: string;
}

/** What a peer that knows its cluster tells one that does not yet: on a stream of its own. */
export interface CharterFrame {
  readonly kind: 'charter';
  /** The text whose hash is the cluster id; see `cluster.ts`. */
  readonly charter: string;
  readonly configuration: Configuration;
}

/** Which secret the sender has as its newest. */
export interface SecretHeldFrame {
  readonly kind: 'secret-held';
  readonly generation: number;
  /** Tells keys of one generation apart, and nothing about them: 16 hexadecimal digits. */
  readonly mark: string;
}

/** The newest secret of the sender, for one that has an older. */
export interface SecretFrame {
  readonly kind: 'secret';
  readonly secret: Secret;
}

/** What members say about the secret of their cluster. */
export type AboutSecrets = SecretHeldFrame | SecretFrame;

/** What transports say to each other. */
export type ControlFrame =
  | Hello
  | Introduction
  | KeepAlive
  | Farewell
  | CharterFrame
  | AboutSecrets;

/** The frame, or why there is none. */
export type DecodedControlFrame =
  | { readonly ok: true; readonly frame: ControlFrame }
  | { readonly ok: false; readonly reason: string };

/** Stands where frames of messages have their version. */
const CONTROL = 0;
const CODE = {
  hello: 1,
  introduction: 2,
  'keep-alive': 3,
  farewell: 4,
  charter: 5,
  secret: 6,
  'secret-held': 7,
} as const;
const MARK_BYTES = 8;
/** In the order of their numbers on the wire. */
const CAUSES: readonly FarewellCause[] = ['any', 'stale-incarnation', 'removed', 'asleep'];

/** Used by one `encode` at a time, start to end. */
const writer = new ByteWriter();

/** A whole frame, its length included. */
export function encodeControlFrame(frame: ControlFrame): Uint8Array {
  const start = writer.beginFrame();
  writer.byte(CONTROL);
  writer.byte(CODE[frame.kind]);
  writeFields(frame);
  writer.endFrame(start);
  return writer.take();
}

function writeFields(frame: ControlFrame): void {
  switch (frame.kind) {
    case 'hello':
      writer.byte(WIRE_VERSION);
      writeCluster(writer, frame.cluster);
      writer.varint(frame.epoch);
      writer.varint(frame.incarnation);
      writer.varint(frame.nonce);
      writer.varint(frame.channel);
      return;
    case 'introduction':
      writeList(writer, frame.known, writeIntroduced);
      return;
    case 'keep-alive':
      return;
    case 'farewell':
      writer.byte(CAUSES.indexOf(frame.cause));
      writer.text(frame.reason.slice(0, FAREWELL_BYTES_MAX));
      return;
    case 'charter':
      writer.text(frame.charter);
      writeConfiguration(writer, frame.configuration);
      return;
    case 'secret':
      writeSecret(writer, frame.secret);
      return;
    case 'secret-held':
      writer.varint(frame.generation);
      writer.raw(Buffer.from(frame.mark, 'hex'));
      return;
    default:
      assertNever(frame);
  }
}

/** Whether the body is one of the transport's own; if not, it is a frame of messages. */
export function isControlFrame(body: Uint8Array): boolean {
  return body[0] === CONTROL;
}

/** Reads a body that `isControlFrame`. */
export function decodeControlFrame(body: Uint8Array): DecodedControlFrame {
  try {
    const reader = new ByteReader(body);
    if (reader.byte() !== CONTROL) throw new WireFault('no frame of a transport');
    const frame = readFields(reader);
    reader.end();
    return { ok: true, frame };
  } catch (error) {
    if (error instanceof WireFault) return { ok: false, reason: error.message };
    throw error;
  }
}

function readFields(reader: ByteReader): ControlFrame {
  const code = reader.byte();
  switch (code) {
    case CODE.hello:
      return readHello(reader);
    case CODE.introduction:
      return { kind: 'introduction', known: readList(reader, 2, readIntroduced, PEERS_MAX) };
    case CODE['keep-alive']:
      return { kind: 'keep-alive' };
    case CODE.farewell:
      return readFarewell(reader);
    case CODE.charter:
      return readCharterFrame(reader);
    case CODE.secret:
      return { kind: 'secret', secret: readSecret(reader) };
    case CODE['secret-held']:
      return readSecretHeld(reader);
    default:
      throw new WireFault(`unknown kind ${code}`);
  }
}

function readHello(reader: ByteReader): Hello {
  const version = reader.byte();
  if (version !== WIRE_VERSION) throw new WireFault(`unknown version ${version}`);
  const cluster = readCluster(reader);
  const epoch = reader.varint();
  const incarnation = reader.varint();
  const nonce = reader.varint();
  return { kind: 'hello', cluster, epoch, incarnation, nonce, channel: reader.varint() };
}

function readFarewell(reader: ByteReader): Farewell {
  const number = reader.byte();
  const cause = CAUSES[number];
  if (cause === undefined) throw new WireFault(`unknown cause ${number}`);
  return { kind: 'farewell', cause, reason: reader.text(FAREWELL_BYTES_MAX) };
}

function readCharterFrame(reader: ByteReader): CharterFrame {
  const charter = reader.text(CHARTER_BYTES_MAX);
  return { kind: 'charter', charter, configuration: readConfiguration(reader) };
}

function readSecretHeld(reader: ByteReader): SecretHeldFrame {
  const generation = reader.varint();
  return { kind: 'secret-held', generation, mark: reader.raw(MARK_BYTES).toString('hex') };
}

function writeIntroduced(writer: ByteWriter, { sealed, ageMs }: Introduced): void {
  writer.varint(ageMs);
  writer.varint(sealed.length);
  writer.raw(sealed);
}

/** The bytes are copied: the frame is part of a larger buffer, and does not last. */
function readIntroduced(reader: ByteReader): Introduced {
  const ageMs = reader.varint();
  const bytes = reader.varint();
  if (bytes > ANNOUNCEMENT_BYTES_MAX) {
    throw new WireFault(`announcement of ${bytes} bytes, at most ${ANNOUNCEMENT_BYTES_MAX}`);
  }
  return { ageMs, sealed: Uint8Array.from(reader.raw(bytes)) };
}
