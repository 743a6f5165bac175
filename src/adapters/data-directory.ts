/**
 * One peer's data directory: identity, incarnation, configuration and registers, in one store.
 *
 * They live and die together: a peer that lost its votes must not keep its name. Owns the layout,
 * the making of a new store and the rise of the incarnation; belongs to one process at a time.
 * Never repairs: a store that is not whole is refused.
 *
 *     store.mdb           everything durable but the last votes (register-store.ts)
 *     store.mdb-journal   the last votes; without it, the store is refused
 *     store.mdb-lock      LMDB's own
 *     owner.json          the process that uses the directory (directory-owner.ts)
 *     elock.json          options, if there are any (config.ts); never written here
 *
 * @see "Words" and rule 20 of the protocol
 */
import { existsSync, linkSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { assert } from '../core/invariant.ts';
import type { Configuration, Incarnation, PeerId } from '../core/types.ts';
import { ElockError } from '../errors.ts';
import { decodeConfiguration, encodeConfiguration } from '../wire/durable-codec.ts';
import { claim, disclaim, isOwned, refuseOwned } from './directory-owner.ts';
import { LmdbEntries } from './lmdb-entries.ts';
import { DurableRegisterStore } from './register-store.ts';
import { FORMAT_ENTRY } from './store-contents.ts';
import { decodeIncarnation, encodeIncarnation, SINGLE } from './store-entry.ts';
import { damaged, messageOf, syncDirectory } from './store-file.ts';

const STORE_FILE = 'store.mdb';

/** Who a peer is. */
export interface Identity {
  readonly privateKey: PrivateKey;
  readonly self: PeerId;
}

/** A data directory that this process owns. */
export class DataDirectory {
  readonly path: string;
  readonly identity: Identity;
  /** Above that of every start before, durably. */
  readonly incarnation: Incarnation;
  readonly store: DurableRegisterStore;
  #founding: Configuration | null;
  #configuration: Configuration | null;

  private constructor(path: string, store: DurableRegisterStore) {
    this.path = path;
    this.store = store;
    const file = join(path, STORE_FILE);
    this.identity = readIdentity(file, store.single(SINGLE.identity));
    this.#founding = readConfiguration(file, store.single(SINGLE.founding));
    this.#configuration = readConfiguration(file, store.single(SINGLE.configuration));
    const before = store.single(SINGLE.incarnation);
    if (before === null) throw damaged(file, 'the incarnation is missing');
    this.incarnation = decodeIncarnation(before) + 1;
    store.writeSingles([[SINGLE.incarnation, encodeIncarnation(this.incarnation)]]);
  }

  /**
   * Opens the directory, or makes it, and raises the incarnation.
   *
   * @throws ElockError `dataDirectoryInUse`, `storeDamaged`, `storeFailed`
   */
  static async open(path: string): Promise<DataDirectory> {
    refuseOwned(path);
    const file = await ensureStore(path);
    const store = await openOwned(path, file);
    try {
      return new DataDirectory(path, store);
    } catch (error) {
      await store.close();
      disclaim(path);
      throw error;
    }
  }

  /** The first configuration of this peer's cluster; `null`: it belongs to none yet. */
  get founding(): Configuration | null {
    return this.#founding;
  }

  /** The present configuration of this peer's cluster; `null`: it belongs to none yet. */
  get configuration(): Configuration | null {
    return this.#configuration;
  }

  /** Joins a cluster by its first configuration, for good; returns when that is durable. */
  join(first: Configuration): void {
    assert(this.#founding === null, 'a peer joins one cluster only');
    const bytes = encodeConfiguration(first);
    this.store.writeSingles([
      [SINGLE.founding, bytes],
      [SINGLE.configuration, bytes],
    ]);
    this.#founding = first;
    this.#configuration = first;
  }

  /** Closes the store when everything written is durable, and leaves the directory. */
  async close(): Promise<void> {
    await this.store.close();
    disclaim(this.path);
  }
}

/** The peer id of a directory, made if there is none; works while a peer runs there, too. */
export async function peerIdOf(path: string): Promise<PeerId> {
  const file = await ensureStore(path);
  const key = await LmdbEntries.peek(file, SINGLE.identity, !isOwned(path));
  return readIdentity(file, key).self;
}

async function openOwned(path: string, file: string): Promise<DurableRegisterStore> {
  try {
    return await DurableRegisterStore.open(file, () => {
      refuseOwned(path);
      claim(path);
    });
  } catch (error) {
    // Who became the owner meanwhile writes to the file: what looks like damage need not be.
    if (error instanceof ElockError && error.code === 'storeDamaged') refuseOwned(path);
    throw error;
  }
}

/** Makes directory and store where they are missing; the store appears whole, or not at all. */
async function ensureStore(path: string): Promise<string> {
  const file = join(path, STORE_FILE);
  if (existsSync(file)) return file;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const workshop = mkdtempSync(join(path, 'new-'));
    const fresh = join(workshop, STORE_FILE);
    await fillStore(fresh);
    linkIfAbsent(fresh, file);
    rmSync(workshop, { recursive: true });
    syncDirectory(path);
    return file;
  } catch (cause) {
    throw new ElockError('storeFailed', `cannot make ${file}: ${messageOf(cause)}`, { cause });
  }
}

async function fillStore(file: string): Promise<void> {
  const entries = new LmdbEntries(file);
  try {
    const key = await generateKeyPair('Ed25519');
    entries.putAtOnce([
      FORMAT_ENTRY,
      [SINGLE.identity, privateKeyToProtobuf(key)],
      [SINGLE.incarnation, encodeIncarnation(0)],
    ]);
  } finally {
    await entries.close();
  }
}

/** Another process may have made the store meanwhile: then that one counts. */
function linkIfAbsent(fresh: string, file: string): void {
  try {
    linkSync(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function readIdentity(file: string, key: Buffer | null): Identity {
  if (key === null) throw damaged(file, 'the identity is missing');
  const privateKey = privateKeyFromProtobuf(key);
  return { privateKey, self: peerIdFromPrivateKey(privateKey).toString() as PeerId };
}

function readConfiguration(file: string, bytes: Buffer | null): Configuration | null {
  if (bytes === null) return null;
  const configuration = decodeConfiguration(bytes);
  if (configuration === null) throw damaged(file, 'the configuration is unreadable');
  return configuration;
}
