/** What the bench uses of two npm packages that bring no types. */

declare module 'redlock' {
  import type { Redis } from 'ioredis';

  export interface Lock {
    unlock(): Promise<void>;
  }

  export default class Redlock {
    static readonly LockError: new () => Error;
    constructor(
      clients: readonly Redis[],
      options: { retryCount: number; retryDelay: number; retryJitter: number },
    );
    lockWithOptions(name: string, ttlMs: number, options: { retryCount: number }): Promise<Lock>;
  }
}

declare module 'node-zookeeper-client' {
  type Failure = Error & { readonly code: number };
  type Done<Result> = (error: Failure | null, result: Result) => void;

  export interface Client {
    once(event: 'connected' | 'disconnected', call: () => void): this;
    connect(): void;
    close(): void;
    create(path: string, data: Buffer | null, mode: number, done: Done<string>): void;
    exists(path: string, watcher: () => void, done: Done<object | null>): void;
    getChildren(path: string, done: Done<string[]>): void;
    remove(path: string, version: number, done: Done<void>): void;
  }

  const zookeeper: {
    createClient(address: string, options: { sessionTimeout: number; spinDelay: number }): Client;
    readonly CreateMode: { readonly PERSISTENT: number; readonly EPHEMERAL_SEQUENTIAL: number };
    readonly Exception: { readonly NO_NODE: number; readonly NODE_EXISTS: number };
  };
  export default zookeeper;
}
