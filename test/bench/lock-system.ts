/**
 * What the cells see of any lock service: elock and its rivals behind one interface.
 *
 * A system is started with servers of its own on 127.0.0.1, on ports that the system chose, and
 * writes only into the directory that it is given. Clients run in this process.
 */

/** One client: a session or lease, and sockets, of its own; one call at a time. */
export interface LockClient {
  /**
   * Takes the lock, waiting in the way that is usual for the system.
   *
   * @param waitMs - 0: one try
   * @returns whether it is held now; anything but held or not is thrown
   */
  acquire(name: string, waitMs: number): Promise<boolean>;
  /** Frees a lock held by this client; resolves when the system has confirmed that. */
  release(name: string): Promise<void>;
  close(): Promise<void>;
}

/** A lock service of three servers. */
export interface LockSystem {
  readonly name: string;
  /** How it is set up, for the reader of the table. */
  readonly setting: string;
  /** The servers' processes; empty unless running. */
  readonly pids: readonly number[];
  /** Why it cannot run on this machine, or null. */
  missing(): string | null;
  /** Resolves when all servers are ready for clients. */
  start(directory: string): Promise<void>;
  /** Client `index` talks to server `index` modulo three, where the system leaves that choice. */
  connect(index: number): Promise<LockClient>;
  stop(): Promise<void>;
}

/** How many servers each system has. */
export const SERVERS = 3;

/** The time after which a vanished rival's client loses its locks; the same for all of them. */
export const RIVAL_LEASE_MS = 5_000;
