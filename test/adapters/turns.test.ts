import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Turns } from '../../src/adapters/turns.ts';

describe('turns', () => {
  let turns: Turns;
  let begun: string[];
  let ends: Map<string, () => void>;

  beforeEach(() => {
    vi.useFakeTimers();
    turns = new Turns({ atOnce: 2, waiting: 2, turnMs: 1_000 });
    begun = [];
    ends = new Map();
  });

  afterEach(() => vi.useRealTimers());

  function work(name: string): Promise<string> {
    return turns.run(async () => {
      begun.push(name);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      return name;
    });
  }

  async function end(name: string): Promise<void> {
    ends.get(name)!();
    await vi.advanceTimersByTimeAsync(0);
  }

  it('begins so much at a time, and the rest in the order in which it came', async () => {
    const all = [work('a'), work('b'), work('c'), work('d')];
    await vi.advanceTimersByTimeAsync(0);
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('a');
    await end('c');
    await end('d');
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('refuses work at once when too much waits, and takes it when there is room', async () => {
    for (const name of ['a', 'b', 'c', 'd']) void work(name);
    await vi.advanceTimersByTimeAsync(0);
    await expect(work('e')).rejects.toThrow('2 wait already: come back later');
    await end('a');
    void work('f');
    await end('b');
    await end('c');
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'f']);
  });

  it('passes a turn on that takes too long, once', async () => {
    for (const name of ['a', 'b', 'c']) void work(name);
    await vi.advanceTimersByTimeAsync(999);
    expect(begun).toEqual(['a', 'b']);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toEqual(['a', 'b', 'c']);
    void work('d');
    void work('e');
    await vi.advanceTimersByTimeAsync(0);
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    await end('a');
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    await end('c');
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('gives a turn back when the work fails', async () => {
    const fail = () => turns.run(() => Promise.reject(new Error('no')));
    for (let i = 0; i < 5; i++) await expect(fail()).rejects.toThrow('no');
    void work('a');
    void work('b');
    await vi.advanceTimersByTimeAsync(0);
    expect(begun).toEqual(['a', 'b']);
  });
});
