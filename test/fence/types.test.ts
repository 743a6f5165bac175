/**
 * The public types: what callers may hand in, and what they get.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PGlite } from '@electric-sql/pglite';
import type connect from 'connect';
import * as fence from 'elock/fence';
import { describe, expect, expectTypeOf, it } from 'vitest';

/** As `pg` declares its `Client`, in the part that matters. */
interface PgClient {
  query(text: string, values?: unknown[]): Promise<{ rows: { [name: string]: unknown }[] }>;
}

/** As Express declares its handlers, in the part that matters. */
type ExpressHandler = (
  request: IncomingMessage & { readonly params: { readonly name: string } },
  response: ServerResponse & { json(body: unknown): void },
  next: (error?: unknown) => void,
) => void;

describe('the package', () => {
  it('exports the guards as elock/fence', () => {
    expect(Object.keys(fence).sort()).toEqual([
      'Fence',
      'FenceError',
      'FencedFile',
      'FileTokenStore',
      'MemoryTokenStore',
      'SqlFence',
      'StaleTokenError',
      'checkToken',
      'fenceRequests',
      'parseToken',
    ]);
  });
});

describe('the types of elock/fence', () => {
  it('pass on what a write returns', () => {
    const { run } = fence.Fence.prototype;
    const { transaction } = fence.SqlFence.prototype;
    expectTypeOf(run<number>).returns.resolves.toBeNumber();
    expectTypeOf(transaction<'done'>).returns.resolves.toEqualTypeOf<'done'>();
    expectTypeOf<Parameters<fence.Write<void>>>().toEqualTypeOf<[signal: AbortSignal]>();
  });

  it('take tokens as numbers, never as text', () => {
    expectTypeOf<fence.Token>().toEqualTypeOf<number>();
    expectTypeOf(fence.parseToken).toEqualTypeOf<(text: string) => number>();
    expectTypeOf(fence.Fence.prototype.show).parameters.toEqualTypeOf<[string, number]>();
    expectTypeOf(fence.FencedFile.prototype.write).parameter(0).toEqualTypeOf<number>();
  });

  it('name every refusal', () => {
    expectTypeOf<fence.StaleTokenError>().toExtend<fence.FenceError>();
    expectTypeOf<fence.FenceError['code']>().toEqualTypeOf<
      'STALE_TOKEN' | 'BAD_TOKEN' | 'NO_TOKEN' | 'BAD_RESOURCE' | 'LIMIT_REACHED' | 'STORE_FAILED'
    >();
    expectTypeOf<fence.StaleTokenError>().toExtend<{ token: number; newest: number }>();
  });

  it('take drivers as they are', () => {
    expectTypeOf<PGlite>().toExtend<fence.SqlConnection>();
    expectTypeOf<PgClient>().toExtend<fence.SqlConnection>();
    expectTypeOf<{ query(): string }>().not.toExtend<fence.SqlConnection>();
  });

  it('are those of connect and Express', () => {
    expectTypeOf<fence.FenceMiddleware>().toExtend<connect.NextHandleFunction>();
    expectTypeOf<fence.FenceMiddleware>().toExtend<ExpressHandler>();
    const ofRoute = fence.fenceRequests<Parameters<ExpressHandler>[0]>;
    expectTypeOf(ofRoute).returns.toExtend<ExpressHandler>();
  });

  it('let any store remember, at once or later', () => {
    expectTypeOf<fence.MemoryTokenStore>().toExtend<fence.TokenStore>();
    expectTypeOf<fence.FileTokenStore>().toExtend<fence.TokenStore>();
    expectTypeOf<fence.SqlFence>().toExtend<fence.TokenStore>();
  });

  it('hand a file to its change as bytes, or null', () => {
    expectTypeOf<Parameters<fence.Change>>().toEqualTypeOf<[present: Buffer | null]>();
    expectTypeOf<fence.Content>().toEqualTypeOf<string | Uint8Array>();
  });
});
