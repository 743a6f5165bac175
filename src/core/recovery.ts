/**
 * What one voter makes of its registers when the majority of its cluster is lost for good.
 *
 * It goes on as the only voter of a new cluster. What the lost voters granted, and this one never
 * heard of, is not in its registers: so every token rises by TOKEN_STEP, beyond all that can have
 * been given meanwhile, and nothing may be granted before every lease has run out that the old
 * cluster can have vouched for. Pure; who asks for it, and the wait, are for `src/recovery.ts`.
 */
import { nobodysBallot } from './ballot.ts';
import type { Change, DurableState, RegisterState } from './event.ts';
import { CONFIGURATION_REGISTER } from './names.ts';
import type { Configuration, Epoch, RegisterRecord, Token } from './types.ts';

/** Acquisitions of one lock that a voter may have missed: 1,000 a second for thirty years. */
export const TOKEN_STEP = 1_000_000_000_000;

/** What is carried over, and how. */
export interface Recovery {
  readonly changes: readonly Change[];
  /** Locks that are held, as this voter knows, and by how many sessions that are not over. */
  readonly held: number;
  readonly sessions: number;
  /** The longest time-out of those sessions (ms). */
  readonly timeoutMs: number;
}

/**
 * Carries the registers of a voter over into a configuration of which it is the only voter.
 *
 * @param configuration - its epoch is above every one in which this voter ever promised anything
 */
export function recovery(durable: DurableState, configuration: Configuration): Recovery {
  const { epoch } = configuration;
  const changes: Change[] = [{ kind: 'epoch', state: { configuration, standing: 'serving' } }];
  let [held, sessions, timeoutMs, token] = [0, 0, 0, durable.floor.token];
  for (const [name, { accepted }] of durable.registers) {
    const isVoid = accepted === null || name === CONFIGURATION_REGISTER;
    const state = isVoid ? null : carriedOver(accepted, epoch);
    changes.push({ kind: 'register', name, state });
    const record = state?.accepted?.record;
    if (record?.kind === 'lock') {
      token = Math.max(token, record.token - TOKEN_STEP);
      if (record.holder !== null) held += 1;
    } else if (record?.kind === 'session' && record.state === 'live') {
      sessions += 1;
      timeoutMs = Math.max(timeoutMs, record.timeoutMs);
    }
  }
  changes.push({ kind: 'floor', floor: { round: durable.floor.round, token: token + TOKEN_STEP } });
  return { changes, held, sessions, timeoutMs };
}

/** The highest epoch that a ballot in the store names. */
export function highestEpoch({ registers }: DurableState): Epoch {
  let highest = 0;
  for (const [, { promised }] of registers) highest = Math.max(highest, promised.epoch);
  return highest;
}

/** Holders keep their locks until their sessions are over; nobody has a promise any more. */
function carriedOver(
  { ballot, record }: NonNullable<RegisterState['accepted']>,
  epoch: Epoch,
): RegisterState {
  return {
    promised: nobodysBallot(epoch, 0),
    accepted: { ballot, record: raised(record) },
  };
}

function raised(record: RegisterRecord): RegisterRecord {
  if (record.kind !== 'lock') return record;
  const token: Token = record.token + TOKEN_STEP;
  return { ...record, token };
}
