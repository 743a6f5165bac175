/**
 * One peer's data directory: identity, incarnation, cluster and registers, in one store.
 *
 * They live and die together: a peer that lost its votes must not keep its name. Owns the layout,
 * the making of a new store and the rise of the incarnation; belongs to one process at a time.
 * Never repairs: a store that is not whole is refused.
 *
 *     store.mdb           everything durable but the last votes (register-store.ts)
 *     store.mdb-journal   the last votes; without it, the store is refused
 *     store.mdb-lock      LMDB's own
 *     owner.json          the process that uses the directory (directory-owner.ts)
 *     peers.json          where peers were last reached (known-peers.ts); a cache
 *     elock.json          options, if there are any (config.ts); never written here
 *     control.sock        where administrative commands ask (control-path.ts)
 *
 * @see "Words" and rule 20 of the protocol
 */
import { randomInt } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import type { Change } from '../core/event.ts';
import { assert } from '../core/invariant.ts';
import type { Configuration, Incarnation, Nonce, PeerId } from '../core/types.ts';
import { ElockError } from '../errors.ts';
import {
  decodeConfiguration,
  decodeSecrets,
  encodeConfiguration,
  encodeSecrets,
} from '../wire/durable-codec.ts';
import type { HeldSecret } from '../wire/secret.ts';
import { claim, disclaim, isOwned, refuseOwned } from './directory-owner.ts';
import { LmdbEntries } from './lmdb-entries.ts';
import { DurableRegisterStore } from './register-store.ts';
import { FORMAT_ENTRY } from './store-contents.ts';
import { decodeIncarnation, encodeIncarnation, SINGLE } from './store-entry.ts';
import { damaged, messageOf, syncDirectory } from './store-file.ts';

const STORE_FILE = 'store.mdb';
/** Nonces are below that: two lives have the same once in 2^47 times. */
const NONCE_LIMIT = 2 ** 47;

/** Who a peer is. */
export interface Identity {
  readonly privateKey: PrivateKey;
  readonly self: PeerId;
}

/** A new cluster, made of what one voter of another had. */
export interface Refounding {
  readonly charter: string;
  readonly configuration: Configuration;
  readonly secrets: readonly HeldSecret[];
  readonly changes: readonly Change[];
}

/** A data directory that this process owns. */
export class DataDirectory {
  readonly path: string;
  readonly identity: Identity;
  /** Above that of every start before, durably. */
  readonly incarnation: Incarnation;
  /** Drawn for this life: an old copy that comes to the same incarnation has another (rule 20). */
  readonly nonce: Nonce;
  readonly store: DurableRegisterStore;
  #charter: string | null;
  #configuration: Configuration | null;
  #invite: string | null;
  #secrets: readonly HeldSecret[];

  private constructor(path: string, store: DurableRegisterStore) {
    this.path = path;
    this.store = store;
    const file = join(path, STORE_FILE);
    this.identity = readIdentity(file, store.single(SINGLE.identity));
    this.#charter = store.single(SINGLE.charter)?.toString('latin1') ?? null;
    const joined = readConfiguration(file, store.single(SINGLE.configuration));
    this.#configuration = store.durable.epoch?.configuration ?? joined;
    this.#invite = store.single(SINGLE.invite)?.toString('latin1') ?? null;
    this.#secrets = readSecrets(file, store.single(SINGLE.secrets));
    const isCharterMissing = this.#charter === null && this.#configuration !== null;
    if (isCharterMissing) throw damaged(file, 'the charter of its cluster is missing');
    const outdatedBy = store.single(SINGLE.outdated);
    if (outdatedBy !== null) throw oldCopy(path, outdatedBy.toString('latin1'));
    const before = store.single(SINGLE.incarnation);
    if (before === null) throw damaged(file, 'the incarnation is missing');
    this.incarnation = decodeIncarnation(before) + 1;
    this.nonce = randomInt(1, NONCE_LIMIT);
    const life = encodeIncarnation(this.incarnation, this.nonce);
    store.writeSingles([[SINGLE.incarnation, life]]);
  }

  /**
   * Opens the directory, or makes it, and raises the incarnation.
   *
   * @throws ElockError `dataDirectoryInUse`, `storeDamaged`, `storeFailed`, `staleIncarnation`
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

  /**
   * A voter remembers a later start than this one: this is an old copy, for good. Its incarnation
   * rises with every start, so it must not start until it is above what others remember.
   */
  outdated(by: PeerId): ElockError {
    this.store.writeSingles([[SINGLE.outdated, Buffer.from(by, 'latin1')]]);
    return oldCopy(this.path, by);
  }

  /** What this peer's cluster was made of; `null`: not known yet. */
  get charter(): string | null {
    return this.#charter;
  }

  /** The configuration of this peer's cluster when it started; `null`: not known yet. */
  get configuration(): Configuration | null {
    return this.#configuration;
  }

  /** The line by which it came into a cluster, if it came so. */
  get invite(): string | null {
    return this.#invite;
  }

  /** The keys of its cluster, newest first; empty: it was given none. */
  get secrets(): readonly HeldSecret[] {
    return this.#secrets;
  }

  /** Joins a cluster that is known, for good; returns when that is durable. */
  join(charter: string, configuration: Configuration): void {
    assert(this.#charter === null, 'a peer joins one cluster only');
    this.store.writeSingles([
      [SINGLE.charter, Buffer.from(charter, 'latin1')],
      [SINGLE.configuration, encodeConfiguration(configuration)],
    ]);
    this.#charter = charter;
    this.#configuration = configuration;
  }

  /** Notes by which line this peer comes into a cluster; returns when that is durable. */
  accept(invite: string, secrets: readonly HeldSecret[]): void {
    this.store.writeSingles([
      [SINGLE.invite, Buffer.from(invite, 'latin1')],
      [SINGLE.secrets, encodeSecrets(secrets)],
    ]);
    this.#invite = invite;
    this.#secrets = secrets;
  }

  /** Keeps other keys from now on; returns when they are durable. */
  keep(secrets: readonly HeldSecret[]): void {
    this.store.writeSingles([[SINGLE.secrets, encodeSecrets(secrets)]]);
    this.#secrets = secrets;
  }

  /**
   * Leaves its cluster for a new one of its own, with other registers, all at once; only before
   * anything else was written. Returns when that is durable.
   */
  refound({ charter, configuration, secrets, changes }: Refounding): void {
    this.store.writeAtOnce(changes, [
      [SINGLE.charter, Buffer.from(charter, 'latin1')],
      [SINGLE.configuration, encodeConfiguration(configuration)],
      [SINGLE.secrets, encodeSecrets(secrets)],
      [SINGLE.invite, null],
    ]);
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

function oldCopy(path: string, by: string): ElockError {
  const message =
    `${path} is an old copy: voter ${by} remembers a later start of this peer than it does. ` +
    `What this peer voted since is not in it, so it must not vote. Start the newest copy; if that ` +
    `is lost, so is this voter`;
  return new ElockError('staleIncarnation', message);
}

async function fillStore(file: string): Promise<void> {
  const entries = new LmdbEntries(file);
  try {
    const key = await generateKeyPair('Ed25519');
    entries.putAtOnce([
      FORMAT_ENTRY,
      [SINGLE.identity, privateKeyToProtobuf(key)],
      [SINGLE.incarnation, encodeIncarnation(0, 0)],
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

function readSecrets(file: string, bytes: Buffer | null): readonly HeldSecret[] {
  if (bytes === null) return [];
  const secrets = decodeSecrets(bytes);
  if (secrets === null) throw damaged(file, 'the secrets are unreadable');
  return secrets;
}
