import { describe, expect, test } from 'vitest';
import type { PeerId, SessionId, Stamp } from '../../src/core/types.ts';
import { ballot, lockNamed, Solo, said, sessionRecord } from './solo.ts';

const { lock } = lockNamed('door');
const VOTERS = ['x', 'y', 'z'] as const;

/** A home without a vote, whose client waits for a lock, and its claim. */
function waiting(waitMs = 60_000): { solo: Solo; stamp: Stamp } {
  const solo = new Solo({ self: 'h', voters: VOTERS, meets: [...VOTERS, 'k', 'l'] });
  solo.wait(400, VOTERS);
  solo.command(1, { kind: 'lock', name: lock, waitMs });
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

describe('a claim that pauses', () => {
  test('asks again soon, though a keeper that it has left said late that it waits there', () => {
    const claim = waiting();
    const { solo, stamp } = claim;
    for (const [from, owner] of ['xk', 'kl', 'lk', 'kl'] as const) sentOn(claim, from!, owner!);
    solo.hear('x', { kind: 'queued', lock, stamp });
    const before = solo.said('claim').length;
    solo.wait(400, VOTERS);
    expect(solo.said('claim').length).toBeGreaterThan(before);
  });
});

describe('a grant to a claim that is not known', () => {
  const granted = (home: string, incarnation: number) => {
    const { solo } = waiting();
    const stamp = { counter: 70, home: home as PeerId, incarnation };
    return said(solo.hear('k', { kind: 'granted', lock, stamp, token: 7 }), 'release');
  };

  test('is released if it was made in this life, and is over', () => {
    expect(granted('h', 1)).toMatchObject([{ to: 'k', lock }]);
  });

  test('stays if it was made in a former life, whose client may rely on it and come back', () => {
    expect(granted('h', 0)).toEqual([]);
    expect(granted('l', 1)).toEqual([]);
  });
});

describe('a claim that is withdrawn', () => {
  test('is not asked for elsewhere as soon as if its keeper had not told it to wait', () => {
    const { solo, stamp } = waiting(500);
    solo.hear('x', { kind: 'queued', lock, stamp });
    solo.wait(500, VOTERS);
    const released = () => solo.said('release').length;
    expect(released()).toBe(1);
    solo.hear('x', { kind: 'queued', lock, stamp });
    solo.wait(700, VOTERS);
    expect(released()).toBe(1);
    solo.wait(1_600, VOTERS);
    expect(released()).toBeGreaterThan(1);
  });

  test('is followed from keeper to keeper until one says that it has it no more', () => {
    const { solo, stamp } = waiting(500);
    solo.hear('x', { kind: 'queued', lock, stamp });
    solo.wait(500, VOTERS);
    const last = () => solo.said('release').at(-1);
    expect(last()).toMatchObject({ to: 'x', stamp });
    // Its queue went to the next keeper before it heard of that.
    solo.hear('x', { kind: 'ask', lock, stamp, owner: 'k' as PeerId });
    expect(last()).toMatchObject({ to: 'k', stamp });
    expect(solo.responses).toEqual([]);
    solo.hear('k', { kind: 'released', lock, stamp });
    expect(solo.responses).toEqual([{ kind: 'refused', reason: 'held' }]);
    const told = solo.said('release').length;
    solo.wait(5_000, VOTERS);
    expect(solo.said('release')).toHaveLength(told);
  });

  test('is in doubt for a bounded time: it may be granted yet, so that a no would be a lie', () => {
    const { solo, stamp } = waiting(500);
    solo.hear('x', { kind: 'queued', lock, stamp });
    solo.wait(1_600, VOTERS);
    expect(solo.responses).toEqual([]);
    solo.wait(200, VOTERS);
    expect(solo.responses).toMatchObject([{ kind: 'indeterminate' }]);
  });

  test('is one whose session moved: granted later, nobody would have it', () => {
    const { solo, stamp } = waiting();
    solo.hear('x', { kind: 'queued', lock, stamp });
    const session = solo.said('claim')[0]?.claim.session as SessionId;
    const record = sessionRecord('q', { attachment: 2 });
    for (const voter of VOTERS) {
      solo.hear(voter, { kind: 'moved', session, ballot: ballot(9, 'q'), record });
    }
    expect(solo.said('release')).toMatchObject([{ to: 'x', stamp }]);
  });

  test('is told to its keeper once where no quorum is reached: nobody could say that it is out', () => {
    const { solo, stamp } = waiting(2_000);
    solo.wait(2_000);
    expect(solo.responses.at(-1)).toMatchObject({ kind: 'indeterminate' });
    expect(solo.said('withdraw')).toHaveLength(1);
    expect(solo.said('withdraw')).toMatchObject([{ lock, stamp }]);
    expect(solo.said('release')).toEqual([]);
  });
});
