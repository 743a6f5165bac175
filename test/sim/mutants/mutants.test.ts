/**
 * That each mutant fits the core, and that those which are found at once are noticed.
 *
 * These are hunted as built: Node itself loads the copies of the core, forty files each.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hunt, isCaught } from '../../../dist/sim/mutants/hunt.js';
import { HEADING, rowOf } from '../../../dist/sim/mutants/table.js';
import * as aimed from '../../../sim/mutants/aimed.ts';
import * as attempts from '../../../sim/mutants/aimed-attempts.ts';
import * as firstRecords from '../../../sim/mutants/aimed-first-records.ts';
import * as formerHomes from '../../../sim/mutants/aimed-former-homes.ts';
import * as keepers from '../../../sim/mutants/aimed-keepers.ts';
import * as leftovers from '../../../sim/mutants/aimed-leftovers.ts';
import * as promises from '../../../sim/mutants/aimed-promises.ts';
import * as queues from '../../../sim/mutants/aimed-queues.ts';
import * as returns from '../../../sim/mutants/aimed-returns.ts';
import * as takeovers from '../../../sim/mutants/aimed-takeovers.ts';
import { MUTANTS } from '../../../sim/mutants/all.ts';
import * as epochs from '../../../sim/mutants/epoch-hunts.ts';
import { DEAF_TO_FETCHES } from '../../../sim/mutants/epochs.ts';
import type { Hunt } from '../../../sim/mutants/hunts.ts';
import { loadMutant } from '../../../sim/mutants/load.ts';
import { applyPatch } from '../../../sim/mutants/patch.ts';
import { runPlan } from '../../../sim/simulation.ts';

const CORE = new URL('../../../src/core/', import.meta.url);

/** Those that are found at once. */
const QUICK = [
  'promise-before-durable',
  'accepted-before-durable',
  'promise-not-stored',
  'rounds-not-reserved',
  'minority-read',
  'half-is-a-quorum',
  'forgotten-without-floor',
  'no-lease-condition',
  'confirm-skipped',
  'moved-not-told',
  'only-the-home-read-counts',
  'longer-timeout-at-once',
  'lone-expired',
  'owner-asks-itself',
  'withdrawn-and-told',
  'never-leaps',
  'sender-told-whom-to-ask',
  'moved-lease-waited-out',
  'kept-unheard',
  'sure-by-who-refused',
  'sure-by-a-fleeting-promise',
  'sure-since-the-last-promise',
  'sure-across-a-break',
  'released-by-a-stranger',
  'released-though-handed-over',
  'unheard-home-waited-out',
  'reclaim-answered-at-rest',
  'taken-session-ended',
  'unconfirmed-counts-on',
  'few-know-first-record-counts-on',
  'former-home-releases-later-claims',
  'home-not-doubted',
  'half-begun-move-finished',
  'lists-without-the-move',
  'lists-for-an-earlier-stay',
  'refused-is-forgotten',
  'first-record-sent-for-ever',
  'moved-first-record-for-ever',
  'merged-grant-counts',
  'former-life-released',
  'keeping-lost-when-refused',
  'passed-over-and-first-again',
  'refused-grant-stays',
  'proof-awaited-for-ever',
  'left-to-an-heir-that-is-none',
  'read-late-and-taken',
  'taken-before-heard',
  'taken-from-a-new-life',
  // By scenarios of a resume alone.
  'resumed-before-reclaimed',
  'resume-forgets-locks',
  'token-of-a-resume',
  'any-home-is-ours',
  'second-taker-let-in',
  'ended-session-resumed',
  'resume-begins-anew',
  'second-attempt-at-one-home',
  // By stories of one change of the voters.
  'stalled-change',
  'nothing-merged',
  'stale-registers-kept',
  'carried-counts-as-chosen',
  'leases-not-begun-anew',
  'validity-of-two-epochs',
  'promises-below-what-was-taken-over',
  'sessions-not-confirmed',
  'fetch-asked-once-more-only',
  'merged-once-only',
  'lease-not-begun-where-merged',
  'former-home-not-waited-for',
  'any-life-of-an-incarnation',
];

describe('patch', () => {
  const patch = { file: 'x', before: 'if (a) return b;', after: 'return $&;' };

  it('is applied where its text stands once, however it is indented', () => {
    expect(applyPatch('{\n  if (a)\n    return b;\n}', patch)).toBe('{\n  return $&;\n}');
  });

  it.each([
    ['is gone', 'if (c) return b;'],
    ['stands twice', 'if (a) return b; if (a) return b;'],
  ])('is out of date when its text %s', (_what, text) => {
    expect(() => applyPatch(text, patch)).toThrow(/mutant out of date.*src\/core\/x/);
  });
});

describe('what hunts aim at', () => {
  const keeping = [keepers, promises, queues];
  const stories = [
    aimed,
    attempts,
    firstRecords,
    formerHomes,
    leftovers,
    returns,
    takeovers,
    epochs,
    ...keeping,
  ];

  it.each(stories.flatMap((some) => Object.entries<Hunt>(some)))(
    'does the production core no harm: %s',
    (_name, hunt) => {
      expect(runPlan({ plan: hunt(1) }).violations).toEqual([]);
    },
  );
});

describe('a voter that is deaf to the first questions for registers', () => {
  it.each([1, 2, 3, 4])('holds nobody up: seed %s', async (seed) => {
    const createPeer = await loadMutant([DEAF_TO_FETCHES]);
    expect(runPlan({ plan: epochs.changes(seed), createPeer }).violations).toEqual([]);
  });
});

describe('mutants', () => {
  it('have names of their own, and are thirty at least', () => {
    const names = MUTANTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(30);
  });

  it.each(MUTANTS)('fit the core as it is: $name', ({ patches }) => {
    for (const patch of patches) {
      const text = readFileSync(new URL(`${patch.file}.ts`, CORE), 'utf8');
      expect(applyPatch(text, patch)).not.toBe(text);
    }
  });

  it('are refused when they patch a file that is not there', async () => {
    const patch = { file: 'nowhere', before: 'a', after: 'b' };
    await expect(loadMutant([patch])).rejects.toThrow('expected the files nowhere in src/core');
  });

  it.each(MUTANTS.filter(({ name }) => QUICK.includes(name)))(
    'are noticed: $name',
    async (mutant) => {
      const found = await hunt(mutant, 1, 1);
      expect(isCaught(found)).toBe(true);
      expect(rowOf(found)).toContain(mutant.name);
      expect(HEADING).toContain('noticed by');
    },
  );
});
