import { describe, expect, it } from 'vitest';
import { isNewer, Keyring } from '../../src/adapters/keyring.ts';
import { SECRET_OVERLAP_MS, SECRETS_MAX } from '../../src/limits.ts';
import type { HeldSecret, SecretKey } from '../../src/wire/secret.ts';

const key = (digit: string) => digit.repeat(64) as SecretKey;

function ring(generation = 1) {
  const disk: (readonly HeldSecret[])[] = [];
  const clock = { now: 1_000 };
  const keyring = new Keyring({
    held: [{ generation, key: key('5'), retiresAt: null }],
    save: (held) => disk.push(held),
    now: () => clock.now,
  });
  return { keyring, disk, clock };
}

describe('a keyring', () => {
  it('accepts the key that was replaced until its time is over', () => {
    const { keyring, disk, clock } = ring();
    const rotated = keyring.rotate();
    expect(rotated.generation).toBe(2);
    expect(keyring.keys).toEqual([rotated.key, key('5')]);
    expect(keyring.retiresAt).toBe(clock.now + SECRET_OVERLAP_MS);
    expect(disk.at(-1)).toHaveLength(2);
    clock.now += SECRET_OVERLAP_MS;
    expect(keyring.keys).toEqual([rotated.key]);
    expect(keyring.retiresAt).toBe(null);
  });

  it('drops what nobody needs any more at once', () => {
    const { keyring, disk } = ring();
    keyring.rotate();
    keyring.retire();
    expect(keyring.keys).toHaveLength(1);
    expect(disk.at(-1)).toHaveLength(1);
  });

  it('learns a newer key, and nothing from an older or a known one', () => {
    const { keyring, disk } = ring(2);
    expect(keyring.learn({ generation: 1, key: key('9') })).toBe(false);
    expect(keyring.learn({ generation: 2, key: key('5') })).toBe(false);
    expect(disk).toEqual([]);
    expect(keyring.learn({ generation: 3, key: key('1') })).toBe(true);
    expect(keyring.newest).toMatchObject({ generation: 3, key: key('1') });
  });

  it('of two keys of one generation has both, and the same one in front everywhere', () => {
    const [left, right] = [ring().keyring, ring().keyring];
    const [a, b] = [left.rotate(), right.rotate()];
    expect([left.learn(b), right.learn(a)]).toEqual([true, true]);
    expect(left.keys[0]).toBe(right.keys[0]);
    expect(left.keys.toSorted()).toEqual(right.keys.toSorted());
    expect(isNewer(a, b)).toBe(!isNewer(b, a));
  });

  it('keeps a bounded number of keys', () => {
    const { keyring } = ring();
    for (let count = 0; count < SECRETS_MAX * 2; count += 1) keyring.rotate();
    expect(keyring.keys).toHaveLength(SECRETS_MAX);
    expect(keyring.newest.generation).toBe(1 + SECRETS_MAX * 2);
  });
});
