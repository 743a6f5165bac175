/**
 * Reads a whole store: every entry, each checked.
 *
 * Owns what may stand in a store, and the version of its form. Never writes, never skips: one
 * entry that is not what was written makes the store a damaged one.
 */
import type { DurableState, EpochState, Floor, RegisterState } from '../core/event.ts';
import type { Incarnation, Nonce, PeerId, RegisterName } from '../core/types.ts';
import { ElockError } from '../errors.ts';
import { decodeEpochState, decodeFloor, decodeRegisterState } from '../wire/durable-codec.ts';
import {
  decodeIncarnation,
  decodeNonce,
  kindOf,
  nameIn,
  SINGLE,
  splitHashed,
} from './store-entry.ts';
import { type Database, damaged, readPayload, show } from './store-file.ts';

/** The form of a store; one of a higher form is refused. Up to 2 there was no charter. */
export const STORE_FORMAT = 3;

/** The entry that says so. */
export const FORMAT_ENTRY = [SINGLE.format, Buffer.from([STORE_FORMAT, 0, 0, 0])] as const;

const NO_FLOOR: Floor = { round: 0, token: 0 };
/** Below every prefix of a key. */
const FIRST_KEY = '\u0001';

/** Everything in a store. */
export interface StoreContents {
  readonly durable: DurableState;
  /** Payloads of the entries that exist once, by key. */
  readonly singles: ReadonlyMap<string, Buffer>;
}

/** What is in a store that nothing was written to. */
export const EMPTY_STORE: StoreContents = {
  durable: { registers: [], floor: NO_FLOOR, epoch: null, remembered: [] },
  singles: new Map(),
};

/** Throws `storeDamaged` unless every entry is what was written. */
export function readContents(path: string, database: Database): StoreContents {
  const registers: [RegisterName, RegisterState][] = [];
  const remembered: [PeerId, Incarnation, Nonce][] = [];
  const singles = new Map<string, Buffer>();
  for (const { key, value } of database.getRange({ start: FIRST_KEY })) {
    const payload = readPayload(path, key, value);
    switch (kindOf(key)) {
      case 'register':
        registers.push([nameIn(key) as RegisterName, readState(path, key, payload)]);
        break;
      case 'hashed-register': {
        const split = splitHashed(key, payload);
        if (split === null) throw damaged(path, `the entry ${show(key)} has another name`);
        registers.push([split.name, readState(path, key, split.state)]);
        break;
      }
      case 'remembered-peer':
        remembered.push([nameIn(key) as PeerId, decodeIncarnation(payload), decodeNonce(payload)]);
        break;
      case 'single':
        singles.set(key, Buffer.from(payload));
    }
  }
  if (registers.length + remembered.length + singles.size > 0) checkFormat(path, singles);
  const floor = readFloor(path, singles);
  const epoch = readEpoch(path, singles);
  return { durable: { registers, floor, epoch, remembered }, singles };
}

function readState(path: string, key: string, payload: Buffer): RegisterState {
  const state = decodeRegisterState(payload);
  if (state === null) throw damaged(path, `the entry ${show(key)} is no register`);
  return state;
}

function readFloor(path: string, singles: StoreContents['singles']): Floor {
  const payload = singles.get(SINGLE.floor);
  if (payload === undefined) return NO_FLOOR;
  const floor = decodeFloor(payload);
  if (floor === null) throw damaged(path, 'the floor is unreadable');
  return floor;
}

function readEpoch(path: string, singles: StoreContents['singles']): EpochState | null {
  const payload = singles.get(SINGLE.epoch);
  if (payload === undefined) return null;
  const epoch = decodeEpochState(payload);
  if (epoch === null) throw damaged(path, 'the epoch is unreadable');
  return epoch;
}

function checkFormat(path: string, singles: StoreContents['singles']): void {
  const format = singles.get(SINGLE.format)?.readUInt32LE(0);
  if (format === undefined) {
    throw damaged(path, 'it holds entries, but not the version of their form');
  }
  if (format <= STORE_FORMAT) return;
  throw new ElockError(
    'storeDamaged',
    `${path} has format ${format}, and this elock reads up to ${STORE_FORMAT}: ` +
      'it was written by a newer elock; start that one, or give this peer another directory',
  );
}
