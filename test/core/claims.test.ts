import { describe, expect, test } from 'vitest';
import type { PeerId, Stamp } from '../../src/core/types.ts';
import { lockNamed, Solo, said } from './solo.ts';

const { lock } = lockNamed('door');
const VOTERS = ['x', 'y', 'z'] as const;

/** A home without a vote, whose client waits for a lock, and its claim. */
function waiting(): { solo: Solo; stamp: Stamp } {
  const solo = new Solo({ self: 'h', voters: VOTERS, meets: [...VOTERS, 'k', 'l'] });
  solo.wait(400, VOTERS);
  solo.command(1, { kind: 'lock', name: lock, waitMs: 60_000 });
  const [first] = solo.said('accept');
  for (const voter of VOTERS) {
    solo.hear(voter, { kind: 'accepted', request: first?.request ?? 0 });
  }
  const stamp = solo.said('claim')[0]?.claim.stamp;
  if (stamp === undefined) throw new Error('nobody was asked');
  return { solo, stamp };
}

/** Whom it asks because one peer says that another keeps the lock. */
function sentOn({ solo, stamp }: ReturnType<typeof waiting>, from: string, owner: string) {
  const done = solo.hear(from, { kind: 'ask', lock, stamp, owner: owner as PeerId });
  return said(done, 'claim').map(({ to }) => to);
}

/** Whom it asks next without having been told of anybody. */
function askedAfterPause(solo: Solo): string | undefined {
  const before = solo.said('claim').length;
  while (solo.said('claim').length === before) solo.wait(10, VOTERS);
  return solo.said('claim').at(-1)?.to;
}

describe('a claim that is sent from keeper to keeper', () => {
  test('pauses when it goes in circles, and follows the lock again after each pause', () => {
    const claim = waiting();
    const { solo } = claim;
    expect(sentOn(claim, 'x', 'k')).toEqual(['k']);
    expect(sentOn(claim, 'k', 'l')).toEqual(['l']);
    expect(sentOn(claim, 'l', 'k')).toEqual(['k']);
    expect(sentOn(claim, 'k', 'l')).toEqual([]);
    for (const pause of [1, 2]) {
      expect(askedAfterPause(solo), `pause ${pause}`).toEqual('x');
      expect(sentOn(claim, 'x', 'k')).toEqual(['k']);
      expect(sentOn(claim, 'k', 'l')).toEqual(['l']);
      expect(sentOn(claim, 'l', 'k')).toEqual(['k']);
      expect(sentOn(claim, 'k', 'l')).toEqual(['l']);
      expect(sentOn(claim, 'l', 'k')).toEqual([]);
    }
  });
});
