/**
 * What a peer keeps on disk, as bytes: register states, the floor, the configuration, the epoch,
 * the secrets.
 *
 *     value = version (1 byte) fields…
 *
 * Each value stands for itself and starts with its version, so that a later program can read what
 * this one wrote. Fields are as in `codec.ts`. Pure; damaged bytes are told from sound ones by
 * shape only: whoever stores them guards them against rot.
 */
import type { EpochState, Floor, RegisterState } from '../core/event.ts';
import type { Configuration, Standing } from '../core/types.ts';
import { SECRETS_MAX } from '../limits.ts';
import { ByteReader, WireFault } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import {
  readAccepted,
  readBallot,
  readConfiguration,
  readList,
  readSecret,
  writeAccepted,
  writeBallot,
  writeConfiguration,
  writeList,
  writeSecret,
} from './field-codec.ts';
import type { HeldSecret } from './secret.ts';

/** The version of durable values that this code writes, and the only one that it reads. */
export const DURABLE_VERSION = 1;
/** That of configurations: those of version 1 could not change. */
const CONFIGURATION_VERSION = 2;

/** Used by one `encode` at a time, start to end. */
const writer = new ByteWriter();

/** Version, promised ballot, accepted record and ballot. */
export function encodeRegisterState(state: RegisterState): Uint8Array {
  writer.byte(DURABLE_VERSION);
  writeBallot(writer, state.promised);
  writeAccepted(writer, state.accepted);
  return writer.take();
}

/** @returns `null` when the bytes are no register state of a known version */
export function decodeRegisterState(bytes: Uint8Array): RegisterState | null {
  return decode(bytes, readRegisterState);
}

function readRegisterState(reader: ByteReader): RegisterState {
  const promised = readBallot(reader);
  return { promised, accepted: readAccepted(reader) };
}

/** Version, round, token. */
export function encodeFloor(floor: Floor): Uint8Array {
  writer.byte(DURABLE_VERSION);
  writer.varint(floor.round);
  writer.varint(floor.token);
  return writer.take();
}

/** @returns `null` when the bytes are no floor of a known version */
export function decodeFloor(bytes: Uint8Array): Floor | null {
  return decode(bytes, readFloor);
}

function readFloor(reader: ByteReader): Floor {
  const round = reader.varint();
  return { round, token: reader.varint() };
}

/** Version, configuration. */
export function encodeConfiguration(configuration: Configuration): Uint8Array {
  writer.byte(CONFIGURATION_VERSION);
  writeConfiguration(writer, configuration);
  return writer.take();
}

/** @returns `null` when the bytes are no configuration of a known version */
export function decodeConfiguration(bytes: Uint8Array): Configuration | null {
  return decode(bytes, readConfiguration, CONFIGURATION_VERSION);
}

/** Version, then for each generation: secret, and when it retires (0: the newest). */
export function encodeSecrets(secrets: readonly HeldSecret[]): Uint8Array {
  writer.byte(DURABLE_VERSION);
  writeList(writer, secrets, (_, secret) => {
    writeSecret(writer, secret);
    writer.varint(secret.retiresAt ?? 0);
  });
  return writer.take();
}

/** @returns `null` when the bytes are no secrets of a known version */
export function decodeSecrets(bytes: Uint8Array): readonly HeldSecret[] | null {
  return decode(bytes, (reader) => readList(reader, 34, readHeldSecret, SECRETS_MAX));
}

function readHeldSecret(reader: ByteReader): HeldSecret {
  const secret = readSecret(reader);
  const retiresAt = reader.varint();
  return { ...secret, retiresAt: retiresAt === 0 ? null : retiresAt };
}

/** By their number on the disk. */
const STANDINGS: readonly Standing[] = ['empty', 'sealed', 'serving', 'absent'];

/** Version, standing, configuration. */
export function encodeEpochState({ configuration, standing }: EpochState): Uint8Array {
  writer.byte(DURABLE_VERSION);
  writer.byte(STANDINGS.indexOf(standing));
  writeConfiguration(writer, configuration);
  return writer.take();
}

/** @returns `null` when the bytes are no epoch of a known version */
export function decodeEpochState(bytes: Uint8Array): EpochState | null {
  return decode(bytes, readEpochState);
}

function readEpochState(reader: ByteReader): EpochState {
  const standing = STANDINGS[reader.byte()];
  if (standing === undefined) throw new WireFault('unknown standing');
  return { configuration: readConfiguration(reader), standing };
}

function decode<T>(
  bytes: Uint8Array,
  read: (reader: ByteReader) => T,
  version = DURABLE_VERSION,
): T | null {
  try {
    const reader = new ByteReader(bytes);
    if (reader.byte() !== version) return null;
    const value = read(reader);
    reader.end();
    return value;
  } catch (error) {
    if (error instanceof WireFault) return null;
    throw error;
  }
}
