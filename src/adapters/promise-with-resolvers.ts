/**
 * `Promise.withResolvers` for Node 20, which js-libp2p 3 calls and Node has from 22 on.
 *
 * To be imported before anything of libp2p. Does nothing where the function exists.
 *
 * @see https://tc39.es/ecma262/#sec-promise.withResolvers
 */

function withResolvers<T>(this: PromiseConstructor): {
  promise: Promise<T>;
  resolve: (value: T | PromiseLike<T>) => void;
  reject: (reason?: unknown) => void;
} {
  let resolve!: (value: T | PromiseLike<T>) => void;
  let reject!: (reason?: unknown) => void;
  const promise = new this<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

if (!('withResolvers' in Promise)) {
  const property = { value: withResolvers, configurable: true, writable: true };
  Object.defineProperty(Promise, 'withResolvers', property);
}
