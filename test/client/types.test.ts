/** What the compiler knows of the client library. */
import { expectTypeOf, it } from 'vitest';
import type { Client, ClientEvent, Lock, LockLostError } from '../../src/client/index.ts';

it('the types of the client library are what its users rely on', () => {
  type Request = Client['locks']['request'];
  const uses = (request: Request, client: Client) => {
    expectTypeOf(request('a', (lock) => lock.token)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(request('a', async () => 'x')).toEqualTypeOf<Promise<string>>();
    void request('a', { ifAvailable: true }, (lock) => {
      expectTypeOf(lock).toEqualTypeOf<Lock | null>();
    });
    void request('a', { waitMs: 5 }, (lock) => {
      expectTypeOf(lock).toEqualTypeOf<Lock>();
    });
    // @ts-expect-error no such option
    void client.acquire('a', { wait: 5 });
    // @ts-expect-error no such event
    client.on('gone', () => {});
    client.on('lost', (event) => {
      expectTypeOf(event).toEqualTypeOf<ClientEvent<'lost'>>();
      expectTypeOf(event.detail.error).toEqualTypeOf<LockLostError>();
      expectTypeOf(event.detail.error.code).toEqualTypeOf<'LOCK_LOST'>();
    });
  };
  expectTypeOf(uses).returns.toBeVoid();
  expectTypeOf<Lock>().toExtend<AsyncDisposable>();
  expectTypeOf<Lock['token']>().toEqualTypeOf<number>();
  expectTypeOf<Lock['signal']>().toEqualTypeOf<AbortSignal>();
  expectTypeOf<Awaited<ReturnType<Client['acquire']>>>().toEqualTypeOf<Lock>();
});
