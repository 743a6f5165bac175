import { describe, expect, it } from 'vitest';
import { diagnose, type Symptoms } from '../../src/admin/diagnosis.ts';

const SECRET = { generation: 1, oldUntil: null, missing: [], outsider: false };
const REMOTE = ['/ip4/192.0.2.7/tcp/11500'];

function symptoms(voters: number, reached: number, given: Partial<Symptoms> = {}): Symptoms {
  const peers = Array.from({ length: voters }, (_, index) => ({
    id: `peer-${index}`,
    voter: true,
    self: index === 0,
    reachable: index < reached,
    heardMs: index < reached ? 10 : 61_000,
    addresses: REMOTE,
    word: { software: '1.0.0', text: null, quorum: true, disk: 'ok' as const },
  }));
  const quorum = Math.floor(voters / 2) + 1;
  return {
    state: 'running',
    cluster: 'ab'.repeat(32),
    name: '',
    epoch: 1,
    removed: false,
    voters,
    wanted: 3,
    reachableVoters: reached,
    quorum,
    survivableLosses: Math.max(0, reached - quorum),
    peers,
    secret: SECRET,
    ...given,
  };
}

function words(report: Symptoms): string[] {
  return diagnose(report).map(({ what, todo }) => `${what} -> ${todo}`);
}

describe('a diagnosis', () => {
  it('finds nothing wrong with three voters that are all there', () => {
    expect(diagnose(symptoms(3, 3))).toEqual([]);
  });

  it('names a silent voter, for how long, and how to replace it', () => {
    expect(words(symptoms(3, 2))).toEqual([
      expect.stringMatching(/peer-2 has been silent for 61 s -> .*elock voters replace peer-2/),
    ]);
  });

  it('names the lost quorum first', () => {
    expect(words(symptoms(3, 1))).toEqual([
      expect.stringMatching(/1 of 3 voters are reached, and 2 are needed.*-> .*elock recover/),
      expect.stringContaining('peer-1'),
      expect.stringContaining('peer-2'),
    ]);
  });

  it('says that one or two voters survive no loss, and who could vote, too', () => {
    expect(words(symptoms(1, 1))).toEqual([expect.stringMatching(/does not survive.*invite/)]);
    expect(words(symptoms(2, 2))).toEqual([expect.stringContaining('2 peers vote, of 3 wanted')]);
    const [voter] = symptoms(1, 1).peers;
    const peers = [voter!, { ...voter!, id: 'spare', voter: false, self: false }];
    expect(words(symptoms(1, 1, { peers }))).toEqual([expect.stringContaining('by itself, soon')]);
    expect(words(symptoms(3, 3, { wanted: 5 }))).toEqual([
      '3 peers vote, of 5 wanted -> ' +
        'bring in more machines, with elock invite here and elock join there',
    ]);
  });

  it('tells a peer that was removed so, before all else', () => {
    expect(words(symptoms(3, 0, { removed: true }))[0]).toMatch(/was removed.* -> .*new directory/);
  });

  it('names those that have not got the new secret, and until when they may come in', () => {
    const secret = { ...SECRET, oldUntil: '2031-01-01T00:00:00.000Z', missing: ['peer-7'] };
    expect(words(symptoms(3, 3, { secret }))).toEqual([
      expect.stringMatching(/until 2031-01-01.*peer-7 -> .*new invite/),
    ]);
  });

  it('tells a peer that is turned away how to come in again', () => {
    const secret = { ...SECRET, outsider: true };
    const [first] = words(symptoms(3, 1, { secret }));
    expect(first).toMatch(/replaced while it was away -> .*elock join.*same directory/);
  });

  it('passes on what peers say of their disks and of the majority', () => {
    const [first, second, third] = symptoms(3, 3).peers;
    const full = { ...second!, word: { ...second!.word!, disk: 'low' as const } };
    const apart = { ...third!, word: { ...third!.word!, quorum: false } };
    expect(words(symptoms(3, 3, { peers: [first!, full, apart] }))).toEqual([
      expect.stringMatching(/disk of peer-1.*must stop -> make room/),
      expect.stringMatching(/peer-2 says that it reaches no majority/),
    ]);
  });

  it('says that others cannot reach a peer on loopback, where others can be invited', () => {
    const [self, ...others] = symptoms(3, 3).peers;
    const peers = [{ ...self!, addresses: ['/ip4/127.0.0.1/tcp/1'] }, ...others];
    expect(words(symptoms(3, 3, { peers }))).toEqual([expect.stringContaining('listen')]);
    expect(words(symptoms(3, 3, { peers, secret: null }))).toEqual([]);
  });
});
