import { beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { Tenure } from '../../src/core/tenure.ts';
import type { PeerId } from '../../src/core/types.ts';
import { Parts, VOTERS } from './parts.ts';
import { said } from './solo.ts';

const [x, y, z] = VOTERS as [PeerId, PeerId, PeerId];
const { heartbeatMs, suspectMs } = DEFAULT_SETTINGS;

let parts: Parts;
let tenure: Tenure;
beforeEach(() => {
  parts = new Parts();
  tenure = new Tenure(parts.context, parts.links);
});

/** Just asked, and promised at once. */
function proven(promisedBy: () => number, isNew: boolean): void {
  tenure.proven(parts.context.instant, promisedBy, isNew);
}

/** The next heartbeat is sent, and answered by those. */
function beat(...voters: PeerId[]): void {
  parts.wait(heartbeatMs);
  const { sequence = 0 } = said(parts.take(), 'heartbeat')[0] ?? {};
  for (const voter of voters) parts.links.alive(voter, sequence);
}

/** For long enough that nothing older counts. */
function beats(...voters: PeerId[]): void {
  for (let ms = 0; ms <= suspectMs; ms += heartbeatMs) beat(...voters);
}

describe('the tenure of a lock', () => {
  test('is sure when a quorum has just promised, and not for long', () => {
    expect(tenure.isSure).toBe(false);
    proven(() => 0b011, true);
    parts.wait(suspectMs - 1);
    expect(tenure.isSure).toBe(true);
    parts.wait(1);
    expect(tenure.isSure).toBe(false);
  });

  test('stays sure while a quorum of those that promised answers', () => {
    proven(() => 0b011, true);
    beats(x, y);
    expect(tenure.isSure).toBe(true);
  });

  test('is in doubt though a quorum answers, if some of it never promised', () => {
    let promisedBy = 0b011;
    proven(() => promisedBy, true);
    beats(y, z);
    expect(parts.links.reachesQuorum()).toBe(true);
    expect(tenure.isSure).toBe(false);
    promisedBy = 0b111;
    expect(tenure.isSure).toBe(true);
  });

  test('does not go by what was sent as a channel opened: a voter was not asked before that', () => {
    proven(() => 0b011, true);
    beats(x, y);
    parts.wait(heartbeatMs / 2);
    parts.links.closed(y);
    parts.links.opened(y, 1);
    const { sequence = 0 } = said(parts.take(), 'heartbeat').at(-1) ?? {};
    parts.links.alive(y, sequence);
    expect(tenure.isSure).toBe(false);
    beat(x, y);
    expect(tenure.isSure).toBe(true);
  });

  test('is as old as what was asked, however late a quorum promised', () => {
    const askedAt = parts.context.instant;
    parts.wait(suspectMs - 1);
    tenure.proven(askedAt, () => 0b011, true);
    expect(tenure.isSure).toBe(true);
    parts.wait(1);
    expect(tenure.isSure).toBe(false);
  });

  test('does not count a voter whose channel broke before a quorum had promised', () => {
    const askedAt = parts.context.instant;
    parts.wait(1);
    parts.links.closed(y);
    parts.links.opened(y, 1);
    parts.wait(1);
    tenure.proven(askedAt, () => 0b011, true);
    beats(x, y);
    expect(tenure.isSure).toBe(false);
    // Over a channel that opens later it is asked which locks are kept no more.
    parts.wait(1);
    parts.links.closed(y);
    parts.links.opened(y, 1);
    beats(x, y);
    expect(tenure.isSure).toBe(true);
  });

  test('counts from when the holder was first known of', () => {
    proven(() => 0b011, true);
    parts.wait(700);
    proven(() => 0b011, false);
    expect(tenure.heldMs).toBe(700);
    proven(() => 0b011, true);
    expect(tenure.heldMs).toBe(0);
  });
});
