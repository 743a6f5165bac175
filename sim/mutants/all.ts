/**
 * All mutants, by what they get wrong.
 */
import { EPOCH_MUTANTS } from './epochs.ts';
import { FIRST_RECORD_MUTANTS } from './first-records.ts';
import { FORMER_HOME_MUTANTS } from './former-homes.ts';
import { LEASE_MUTANTS } from './leases.ts';
import { LEFTOVER_MUTANTS } from './leftovers.ts';
import { LOCK_MUTANTS } from './locks.ts';
import { MERGE_MUTANTS } from './merges.ts';
import { MOVE_MUTANTS } from './moves.ts';
import type { Mutant } from './mutant.ts';
import { STALE_KEEPER_MUTANTS } from './stale-keepers.ts';
import { TAKEOVER_MUTANTS } from './takeovers.ts';
import { VOTE_MUTANTS } from './votes.ts';
import { WRITE_MUTANTS } from './writes.ts';

/** Every seeded bug. */
export const MUTANTS: readonly Mutant[] = [
  ...VOTE_MUTANTS,
  ...WRITE_MUTANTS,
  ...LEASE_MUTANTS,
  ...LOCK_MUTANTS,
  ...LEFTOVER_MUTANTS,
  ...FIRST_RECORD_MUTANTS,
  ...MOVE_MUTANTS,
  ...TAKEOVER_MUTANTS,
  ...FORMER_HOME_MUTANTS,
  ...STALE_KEEPER_MUTANTS,
  ...EPOCH_MUTANTS,
  ...MERGE_MUTANTS,
];
