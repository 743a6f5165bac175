import { describe, expect, it } from 'vitest';
import {
  Fence,
  MemoryTokenStore,
  StaleTokenError,
  type TokenStore,
} from '../../src/fence/index.ts';
import { WAITING_WRITES_MAX } from '../../src/fence/limits.ts';
import { refusal, refusalOf } from './refusal.ts';

/** A promise that the test settles. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** A store that remembers, and notes what it was asked. */
class NotingStore extends MemoryTokenStore {
  readonly asked: string[] = [];

  override raise(resource: string, token: number): number {
    this.asked.push(`${resource} ${token}`);
    return super.raise(resource, token);
  }
}

describe('Fence', () => {
  it('lets equal and newer tokens write, and returns what the write returned', async () => {
    const fence = new Fence();
    expect(await fence.run('report', 3, () => 'first')).toBe('first');
    expect(await fence.run('report', 3, async () => 'again')).toBe('again');
    expect(await fence.run('report', 9, () => 'newer')).toBe('newer');
  });

  it('refuses an older token, and does not run its write', async () => {
    const fence = new Fence();
    await fence.show('report', 5);
    const late = fence.run('report', 4, () => expect.unreachable());
    await expect(late).rejects.toThrow(StaleTokenError);
    await expect(late).rejects.toMatchObject({
      name: 'StaleTokenError',
      code: 'STALE_TOKEN',
      resource: 'report',
      token: 4,
      newest: 5,
    });
  });

  it('tells resources apart, whatever they are called', async () => {
    const fence = new Fence();
    await fence.show('a', 5);
    await fence.show('__proto__', 1);
    expect((await refusalOf(fence.show('a', 4))).code).toBe('STALE_TOKEN');
  });

  it.each([0, -1, 1.5, 2 ** 53, Number.NaN])('refuses %d, which is no token', async (token) => {
    const { code } = await refusalOf(new Fence().run('report', token, () => expect.unreachable()));
    expect(code).toBe('BAD_TOKEN');
  });

  it('refuses a name that is none', async () => {
    expect((await refusalOf(new Fence().show('', 1))).code).toBe('BAD_RESOURCE');
  });

  it('runs writes of one resource one at a time, those of others beside them', async () => {
    const fence = new Fence();
    const { opened, open } = gate();
    const events: string[] = [];
    const slow = fence.run('a', 1, async () => {
      await opened;
      events.push('a 1');
    });
    const next = fence.run('a', 1, () => events.push('a 1 again'));
    await fence.run('b', 1, () => events.push('b 1'));
    open();
    await Promise.all([slow, next]);
    expect(events).toEqual(['b 1', 'a 1', 'a 1 again']);
  });

  it('tells an overtaken write, lets it end first, and refuses those that still waited', async () => {
    const fence = new Fence();
    const { opened, open } = gate();
    const started = gate();
    const events: string[] = [];
    const old = fence.run('a', 1, async (signal) => {
      signal.addEventListener('abort', () => events.push(`overtaken: ${signal.reason.code}`));
      started.open();
      await opened;
      events.push('old ends');
    });
    const waiting = fence.run('a', 1, () => events.push('never'));
    await started.opened;
    const newer = fence.run('a', 2, () => events.push('newer'));
    expect((await refusalOf(fence.show('a', 1))).code).toBe('STALE_TOKEN');
    open();
    expect((await refusalOf(waiting)).code).toBe('STALE_TOKEN');
    await Promise.all([old, newer]);
    expect(events).toEqual(['overtaken: STALE_TOKEN', 'old ends', 'newer']);
  });

  it('passes on what a write throws, and goes on with the next', async () => {
    const fence = new Fence();
    const failure = new Error('disk on fire');
    const failed = fence.run('a', 1, () => {
      throw failure;
    });
    const next = fence.run('a', 1, () => 'next');
    await expect(failed).rejects.toBe(failure);
    expect(await next).toBe('next');
  });

  it('bounds how many writes of a resource wait', async () => {
    const fence = new Fence();
    const { opened, open } = gate();
    const first = fence.run('a', 1, () => opened);
    const waiting = Array.from({ length: WAITING_WRITES_MAX }, () => fence.show('a', 1));
    expect(await refusalOf(fence.show('a', 1))).toEqual({
      code: 'LIMIT_REACHED',
      message: "10000 writes of 'a' wait already: let some of them end.",
    });
    await fence.show('b', 1);
    open();
    await Promise.all([first, ...waiting]);
    await fence.show('a', 1);
  });
});

describe('the store of a fence', () => {
  it('is asked before each write, and outlives the fence', async () => {
    const store = new NotingStore();
    await new Fence({ store }).run('a', 7, () => store.asked.push('write'));
    expect(store.asked).toEqual(['a 7', 'write']);
    const restarted = new Fence({ store });
    expect((await refusalOf(restarted.show('a', 6))).code).toBe('STALE_TOKEN');
  });

  it('that another process raised meanwhile is obeyed', async () => {
    const store = new MemoryTokenStore();
    const fence = new Fence({ store });
    await fence.show('a', 1);
    store.raise('a', 8);
    expect((await refusalOf(fence.show('a', 7))).code).toBe('STALE_TOKEN');
  });

  it('that fails stops the write, with its cause', async () => {
    const cause = new Error('no space left on device');
    const store: TokenStore = { raise: () => Promise.reject(cause) };
    const written = new Fence({ store }).run('a', 1, () => expect.unreachable());
    await expect(written).rejects.toMatchObject({ code: 'STORE_FAILED', cause });
  });

  it('that forgets is found out', async () => {
    const store: TokenStore = { raise: (_resource, token) => token - 1 };
    const { code } = await refusalOf(new Fence({ store }).run('a', 5, () => expect.unreachable()));
    expect(code).toBe('STORE_FAILED');
  });
});

describe('MemoryTokenStore', () => {
  it('begins with what was seen before, and tells what it has seen', () => {
    const store = new MemoryTokenStore({ newest: [['a', 3]] });
    expect(store.raise('a', 2)).toBe(3);
    expect(store.raise('a', 4)).toBe(4);
    expect(store.raise('b', 1)).toBe(1);
    expect(new Map(new MemoryTokenStore({ newest: store.entries() }).entries())).toEqual(
      new Map([
        ['a', 4],
        ['b', 1],
      ]),
    );
  });

  it('lets no more resources in than it can remember', () => {
    const store = new MemoryTokenStore({ resourcesMax: 2 });
    store.raise('a', 1);
    store.raise('b', 1);
    expect(refusal(() => store.raise('c', 1)).code).toBe('LIMIT_REACHED');
    expect(store.raise('a', 2)).toBe(2);
  });

  it('refuses bad tokens and names from a back-up', () => {
    const made = (newest: [string, number]) => () => new MemoryTokenStore({ newest: [newest] });
    expect(refusal(made(['a', -1])).code).toBe('BAD_TOKEN');
    expect(refusal(made(['', 1])).code).toBe('BAD_RESOURCE');
  });
});
