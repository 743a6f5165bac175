import { describe, expect, test } from 'vitest';
import type { LockStatus, LostLock, PeerStatus, Response } from '../../src/core/command.ts';
import type { LockName, PeerId, SessionId } from '../../src/core/types.ts';
import { COMMANDS } from '../../src/text/command-table.ts';
import {
  type AnnouncedPeer,
  formatEcho,
  formatLost,
  formatMalformed,
  formatResponse,
  formatTooManyConnections,
  HELP,
  type PeerDirectory,
} from '../../src/text/format.ts';

const ALICE = 'alice' as PeerId;
const BOB = 'bob' as PeerId;

const CAROL = 'carol' as PeerId;
const ADDRESSES = ['/ip4/127.0.0.1/tcp/1', '/ip4/10.0.0.1/tcp/1'];

/** Of Carol nothing is known but what she announced. */
const DIRECTORY: PeerDirectory = {
  announced: () => [CAROL, ALICE],
  announcement: (peer) => (peer === BOB ? null : peer === ALICE ? { ...HER, heardMs: 7 } : HER),
  addressesOf: (peer) => (peer === ALICE ? ADDRESSES : []),
};

const HER: AnnouncedPeer = {
  heardMs: 1_500,
  epoch: 3,
  software: '0.1.0',
  text: '10.0.0.1:11400',
  health: { quorum: true, reached: [ALICE, BOB], disk: 'low', uptimeS: 60, clients: 4 },
};

const HELD: LockStatus = {
  name: 'a\xff\r' as LockName,
  token: 7,
  home: ALICE,
  heldMs: 250,
  waiters: 2,
  source: 'keeper',
};
const FREE: LockStatus = {
  name: 'END' as LockName,
  token: 3,
  home: null,
  heldMs: 0,
  waiters: 0,
  source: 'vote',
};
const SELF: PeerStatus = {
  peer: ALICE,
  voter: true,
  self: true,
  reachable: true,
  lastHeardMs: 0,
};
const OTHER: PeerStatus = {
  peer: BOB,
  voter: false,
  self: false,
  reachable: false,
  lastHeardMs: null,
};

describe('format', () => {
  test.each<[response: Response, lines: string[]]>([
    [{ kind: 'acquired', token: 12, validityMs: 2_900 }, ['200 Acquired 12 2900']],
    [{ kind: 'released' }, ['200 Released']],
    [{ kind: 'released-all', count: 3 }, ['200 Released 3']],
    [{ kind: 'session', session: 'ab12' as SessionId }, ['200 ab12']],
    [{ kind: 'resumed', locks: 2 }, ['200 Resumed 2']],
    [{ kind: 'timeout-set', timeoutMs: 5 }, ['200 Timeout 5']],
    [{ kind: 'keepalive-set', silenceMs: 6 }, ['200 Keepalive 6']],
    [{ kind: 'pong', validityMs: 0 }, ['200 PONG 0']],
    [{ kind: 'bye' }, ['200 Bye']],
    [{ kind: 'refused', reason: 'held' }, ['409 Held by another session, or others wait for it']],
    [{ kind: 'refused', reason: 'not-owner' }, ['403 Not held by this session']],
    [{ kind: 'refused', reason: 'has-session' }, ['403 This connection has a session already']],
    [{ kind: 'refused', reason: 'attached' }, ['403 That session is connected']],
    [
      { kind: 'refused', reason: 'unknown-session' },
      ['403 No such session: never issued, or expired'],
    ],
    [{ kind: 'refused', reason: 'too-many-locks' }, ['429 Too many locks of this session']],
    [{ kind: 'refused', reason: 'too-many-waiters' }, ['429 Too many waiters for this lock']],
    [{ kind: 'refused', reason: 'too-many-sessions' }, ['429 Too many sessions of this peer']],
    [{ kind: 'indeterminate', reached: 1, needed: 2 }, ['503 No quorum: reached 1 of 2 needed']],
    [{ kind: 'indeterminate', reached: 2, needed: 2 }, ['503 Not decided: reached 2 of 2 needed']],
    [
      {
        kind: 'stats',
        statistics: {
          clients: 1,
          locks: 2,
          waiting: 3,
          sessions: 4,
          kept: 5,
          registers: 6,
          peers: 7,
          votersReached: 8,
          quorum: 9,
          epoch: 10,
        },
      },
      [
        '200 STATS',
        'STAT clients 1',
        'STAT locks 2',
        'STAT monitoring 1',
        'STAT waiting 3',
        'STAT sessions 4',
        'STAT kept 5',
        'STAT registers 6',
        'STAT peers 7',
        'STAT voters_reached 8',
        'STAT quorum 9',
        'STAT epoch 10',
        'END',
      ],
    ],
    [
      { kind: 'info', lock: HELD },
      [
        '200 INFO',
        'INFO name a\xff\r',
        'INFO state held',
        'INFO token 7',
        'INFO peer alice',
        'INFO held_ms 250',
        'INFO waiters 2',
        'INFO source keeper',
        'END',
      ],
    ],
    [
      { kind: 'info', lock: FREE },
      [
        '200 INFO',
        'INFO name END',
        'INFO state free',
        'INFO token 3',
        'INFO peer none',
        'INFO held_ms 0',
        'INFO waiters 0',
        'INFO source vote',
        'END',
      ],
    ],
    [
      { kind: 'locks', locks: [HELD, FREE], complete: true },
      [
        '200 LOCKS',
        'LOCK a\xff\r state held token 7 peer alice held_ms 250 waiters 2 source keeper',
        'LOCK END state free token 3 peer none held_ms 0 waiters 0 source vote',
        'END',
      ],
    ],
    [{ kind: 'locks', locks: [], complete: true }, ['200 LOCKS', 'END']],
    [
      { kind: 'locks', locks: [], complete: false },
      ['200 LOCKS incomplete, ask with a longer PREFIX', 'END'],
    ],
    [
      { kind: 'peers', epoch: 1, quorum: 2, peers: [SELF, OTHER] },
      [
        '200 PEERS',
        'PEER alice voter yes self yes reachable yes heard_ms 0 epoch 3 version 0.1.0 quorum yes voters_reached 2 disk low uptime_s 60 clients 4 text 10.0.0.1:11400 addresses /ip4/127.0.0.1/tcp/1 /ip4/10.0.0.1/tcp/1',
        'PEER bob voter no self no reachable no heard_ms never addresses none',
        'PEER carol voter no self no reachable no heard_ms 1500 epoch 3 version 0.1.0 quorum yes voters_reached 2 disk low uptime_s 60 clients 4 text 10.0.0.1:11400 addresses none',
        'EPOCH 1',
        'QUORUM 2',
        'END',
      ],
    ],
  ])('%j', (response, lines) => {
    expect(formatResponse(response, DIRECTORY)).toBe(`${lines.join('\r\n')}\r\n`);
  });

  test('echo says its words on one line', () => {
    expect(formatEcho(['a', '\xff'])).toBe('200 a \xff\r\n');
    expect(formatEcho([])).toBe('200 \r\n');
  });

  test('a malformed line is told what is wrong with it', () => {
    expect(formatMalformed('Usage: info NAME')).toBe('400 Usage: info NAME\r\n');
  });

  test('a lost lock is told with its name and token', () => {
    const lock: LostLock = { name: 'a' as LockName, token: 4 };
    expect(formatLost(lock)).toMatch(/^410 a 4 [\x20-\x7e]+\r\n$/);
  });

  test('a connection too many is told the limit', () => {
    expect(formatTooManyConnections(5)).toMatch(/^429 [\x20-\x7e]*5\r\n$/);
  });

  test('help has a row of ASCII for each command of the table', () => {
    const rows = HELP.split('\r\n');
    expect(HELP).toMatch(/^[\x20-\x7e\r\n]+$/);
    expect(rows.at(0)).toBe('200 HELP');
    expect(rows.slice(1, -2)).toEqual(COMMANDS.map((row) => `HELP ${row.syntax} - ${row.summary}`));
    expect(rows.slice(-2)).toEqual(['END', '']);
  });
});
