import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { boundConnects } from '../../src/adapters/bound-connects.ts';
import { CONNECT_MS_MAX } from '../../src/limits.ts';

/** Connects when it is told to; its socket lives for as long as nothing aborts it. */
class FakeTransport {
  connect!: () => void;
  signal!: AbortSignal;

  _connect(_address: unknown, { signal }: { readonly signal: AbortSignal }): Promise<string> {
    this.signal = signal;
    return new Promise((resolve, reject) => {
      this.connect = () => resolve('socket');
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  }
}

describe('a bound connect', () => {
  const given = { signal: new AbortController().signal };

  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('is given up when nobody answers in time', async () => {
    const connecting = boundConnects(new FakeTransport())._connect('there', given);
    const refused = expect(connecting).rejects.toThrow('nobody there');
    await vi.advanceTimersByTimeAsync(CONNECT_MS_MAX);
    await refused;
  });

  it('that succeeded is not touched any more, however long it stands', async () => {
    const transport = boundConnects(new FakeTransport());
    const connecting = transport._connect('there', given);
    transport.connect();
    expect(await connecting).toBe('socket');
    await vi.advanceTimersByTimeAsync(10 * CONNECT_MS_MAX);
    expect(transport.signal.aborted).toBe(false);
  });

  it('leaves a transport alone that connects in another way', () => {
    const other = { dial: () => {} };
    expect(boundConnects(other)).toBe(other);
  });
});
