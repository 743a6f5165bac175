/**
 * What a voter makes of its registers when it goes on alone.
 */
import { describe, expect, it } from 'vitest';
import { compareBallots } from '../../src/core/ballot.ts';
import { firstConfigurationOf } from '../../src/core/configuration.ts';
import type { DurableState, RegisterState } from '../../src/core/event.ts';
import { CONFIGURATION_REGISTER, lockRegister, sessionRegister } from '../../src/core/names.ts';
import { highestEpoch, recovery, TOKEN_STEP } from '../../src/core/recovery.ts';
import type {
  Ballot,
  ClusterId,
  LockName,
  PeerId,
  RegisterRecord,
  SessionId,
} from '../../src/core/types.ts';

const PEER = 'peer' as PeerId;
const DOOR = lockRegister('door' as LockName);
const FREE = lockRegister('free' as LockName);
const ASKED = lockRegister('asked' as LockName);
const SESSION = 'session' as SessionId;
const OVER = sessionRegister('over' as SessionId);

function ballot(epoch: number, round: number): Ballot {
  return { epoch, round, peer: PEER, incarnation: 1 };
}

function accepted(record: RegisterRecord): RegisterState {
  return { promised: ballot(4, 9), accepted: { ballot: ballot(4, 8), record } };
}

const holder = {
  session: SESSION,
  attachment: 0,
  stamp: { counter: 1, home: PEER, incarnation: 1 },
};
const session = { kind: 'session', home: PEER, incarnation: 1, attachment: 0 } as const;

const DURABLE = {
  registers: [
    [DOOR, accepted({ kind: 'lock', token: 7, holder })],
    [FREE, accepted({ kind: 'lock', token: 40, holder: null })],
    [ASKED, { promised: ballot(5, 1), accepted: null }],
    [sessionRegister(SESSION), accepted({ ...session, timeoutMs: 9_000, state: 'live' })],
    [
      CONFIGURATION_REGISTER,
      accepted({
        kind: 'configuration',
        configuration: firstConfigurationOf('c0' as ClusterId, [PEER], 1),
      }),
    ],
    [OVER, accepted({ ...session, timeoutMs: 60_000, state: 'expired' })],
  ],
  floor: { round: 3, token: 12 },
  remembered: [],
} as const satisfies Partial<DurableState>;

describe('a recovery', () => {
  const next = { ...firstConfigurationOf('c1' as ClusterId, [PEER], 3), epoch: 6 };
  const { changes, ...seen } = recovery(DURABLE as unknown as DurableState, next);
  const states = new Map(
    changes.flatMap((change) => (change.kind === 'register' ? [[change.name, change.state]] : [])),
  );

  it('raises every token, known or not, beyond all that can have been given', () => {
    expect(states.get(DOOR)?.accepted?.record).toMatchObject({ token: 7 + TOKEN_STEP });
    expect(states.get(FREE)?.accepted?.record).toMatchObject({ token: 40 + TOKEN_STEP });
    expect(changes.at(-1)).toEqual({
      kind: 'floor',
      floor: { round: 3, token: 40 + TOKEN_STEP },
    });
  });

  it('takes part in the new epoch, and forgets what was proposed in the old', () => {
    expect(changes[0]).toEqual({
      kind: 'epoch',
      state: { configuration: next, standing: 'serving' },
    });
    expect(states.get(CONFIGURATION_REGISTER)).toBe(null);
  });

  it('leaves locks with their holders, and voids every promise', () => {
    expect(states.get(DOOR)?.accepted?.record).toMatchObject({ holder });
    for (const state of states.values()) {
      if (state !== null) expect(compareBallots(state.promised, ballot(5, 99))).toBeGreaterThan(0);
    }
    expect(states.get(ASKED)).toBe(null);
  });

  it('knows the longest time-out of a session that is not over', () => {
    expect(seen).toEqual({ held: 1, sessions: 1, timeoutMs: 9_000 });
  });

  it('knows the highest epoch that was promised in', () => {
    expect(highestEpoch(DURABLE as unknown as DurableState)).toBe(5);
  });
});
