import { describe, expect, it } from 'vitest';
import { Agreed } from '../../../sim/checkers/agreed.ts';
import { Carried } from '../../../sim/checkers/carried.ts';
import { Verdict } from '../../../sim/checkers/verdict.ts';
import type { Machine } from '../../../sim/machine.ts';
import { Scheduler } from '../../../sim/scheduler.ts';
import type { EpochState, RegisterState } from '../../../src/core/event.ts';
import { CONFIGURATION_REGISTER } from '../../../src/core/names.ts';
import type {
  Ballot,
  Configuration,
  LockRecord,
  RegisterName,
  RegisterRecord,
  SessionId,
  SessionRecord,
  Standing,
} from '../../../src/core/types.ts';
import { firstVoters, peer } from './first-voters.ts';

const REGISTER = 'Ldb' as RegisterName;
const FIRST = firstVoters(3).latest;
const SECOND: Configuration = { ...FIRST, epoch: 2, before: FIRST.voters };
const THIRD: Configuration = { ...SECOND, epoch: 3 };

const ballot = (round: number, epoch = 1): Ballot => ({
  epoch,
  round,
  peer: peer(0),
  incarnation: 1,
});
const free = (token: number): LockRecord => ({ kind: 'lock', token, holder: null });
const held = (token: number): LockRecord => ({
  kind: 'lock',
  token,
  holder: {
    session: 's' as SessionId,
    attachment: 1,
    stamp: { counter: 1, home: peer(0), incarnation: 1 },
  },
});
const accepted = (at: Ballot, record: RegisterRecord): RegisterState => ({
  promised: at,
  accepted: { ballot: at, record },
});

/** A voter's choice of the configuration that follows. */
const chose = (configuration: Configuration, at: Ballot): Record<string, RegisterState> => ({
  [CONFIGURATION_REGISTER]: {
    promised: at,
    accepted: { ballot: at, record: { kind: 'configuration', configuration } },
  },
});

function machine(
  standing: Standing,
  registers: Record<string, RegisterState> = {},
  token = 0,
  configuration = SECOND,
): Machine {
  const epoch: EpochState = { configuration, standing };
  const all = new Map(Object.entries(registers));
  const disk = { epoch, floor: { round: 0, token }, register: (name: string) => all.get(name) };
  return { name: 'n3', id: peer(2), disk } as unknown as Machine;
}

/** Two voters of the first epoch hold the record, and the second epoch is agreed on. */
function world(record: LockRecord, ...machines: Machine[]) {
  const verdict = new Verdict(new Scheduler());
  const agreed = new Agreed(verdict, firstVoters(3));
  const carried = new Carried(verdict, agreed, () => machines);
  for (const voter of [0, 1]) agreed.accepted(peer(voter), REGISTER, ballot(4), record);
  const details = () => verdict.violations.map(({ invariant, detail }) => [invariant, detail]);
  return { agreed, carried, details };
}

describe('carried', () => {
  it.each([
    ['what was chosen', held(3), { Ldb: accepted(ballot(4), held(3)) }, 0],
    ['something younger', held(3), { Ldb: accepted(ballot(1, 2), free(3)) }, 0],
    ['a free lock in its floor', free(3), {}, 3],
  ])('is content with a voter that knows %s', (_what, record, registers, token) => {
    const { carried, details } = world(record);
    carried.serves(machine('serving', registers, token));
    expect(details()).toEqual([]);
  });

  it.each([
    ['nothing of a held lock', held(3), {}, 3, 'nothing of it'],
    ['nothing of a free one, and has a lower floor', free(3), {}, 2, 'nothing of it'],
    ['an older record', held(3), { Ldb: accepted(ballot(2), free(2)) }, 9, 'only 1.2.n1.1'],
  ])('catches a voter that takes part and knows %s', (_what, record, registers, token, knows) => {
    const { carried, details } = world(record);
    carried.serves(machine('serving', registers, token));
    expect(details()).toEqual([
      ['carried', expect.stringContaining(`n3 takes part in epoch 2 and knows ${knows}`)],
    ]);
  });

  it('is content where what every voter held was forgotten, though it was chosen nowhere', () => {
    const { carried, details } = world(held(3));
    carried.forgets(machine('serving'), REGISTER, accepted(ballot(5), free(3)));
    carried.serves(machine('serving', {}, 3));
    expect(details()).toEqual([]);
    carried.serves(machine('serving', {}, 2));
    expect(details()).toHaveLength(1);
  });

  it.each([
    ['is content with an older *expired* of a session that is over', 'expired', 0],
    ['catches an older record of a session that lives, if it is over', 'live', 1],
  ] as const)('%s', (_what, state, found) => {
    const name = 'Ss' as RegisterName;
    const live: SessionRecord = {
      ...{ kind: 'session', home: peer(0), incarnation: 1, attachment: 1, timeoutMs: 1_000 },
      state: 'live',
    };
    const voter = machine('serving', { [name]: accepted(ballot(2), { ...live, state }) });
    const { carried, details } = world(free(1), voter);
    carried.chosen(name, { ballot: ballot(4), record: { ...live, state: 'expired' } });
    expect(details()).toHaveLength(found);
  });

  it('catches it also when what was chosen comes to light later', () => {
    const { carried, details } = world(held(3), machine('serving'), machine('sealed'));
    carried.chosen(REGISTER, { ballot: ballot(4), record: held(3) });
    expect(details()).toHaveLength(1);
  });

  it.each([
    ['before it has merged', machine('sealed'), 2, 'before it has merged'],
    ['in another epoch', machine('serving'), 1, 'in epoch 2'],
    ['when it is sealed', machine('serving', chose(THIRD, ballot(1, 2))), 2, 'though it is sealed'],
  ])('catches a vote %s', (_when, voter, epoch, what) => {
    const { carried, details } = world(free(1));
    const state = accepted(ballot(7, epoch), free(1));
    carried.votes(voter, { kind: 'register', name: REGISTER, state });
    expect(details()).toEqual([['carried', expect.stringContaining(what)]]);
  });

  it('catches a sealed voter that answers, and not one whose disk still names its own epoch', () => {
    const { carried, details } = world(free(1));
    carried.lives(machine('serving', chose(SECOND, ballot(1))), 2);
    expect(details()).toEqual([]);
    carried.lives(machine('serving', chose(THIRD, ballot(1, 2))), 2);
    expect(details()).toEqual([['carried', expect.stringContaining('though it is sealed')]]);
  });

  it('lets a voter that has not merged say nothing', () => {
    const { carried, details } = world(free(1));
    carried.hears(machine('sealed'), 1, { kind: 'alive', sequence: 1 });
    carried.hears(machine('serving'), 2, { kind: 'alive', sequence: 1 });
    expect(details()).toEqual([]);
    carried.hears(machine('sealed'), 2, { kind: 'alive', sequence: 1 });
    expect(details()).toHaveLength(1);
  });
});

describe('agreed, of epochs', () => {
  const configuration = (wanted: number) =>
    ({ kind: 'configuration', configuration: { ...SECOND, wanted } }) as const;

  it('counts the votes of the epoch of each ballot, and of nobody else', () => {
    const verdict = new Verdict(new Scheduler());
    const voters = firstVoters(1);
    const agreed = new Agreed(verdict, voters);
    const next = { ...voters.latest, epoch: 2, voters: [peer(1), peer(2)] };
    const record = { kind: 'configuration', configuration: next } as const;
    agreed.accepted(peer(0), CONFIGURATION_REGISTER, ballot(1), record);
    agreed.accepted(peer(1), REGISTER, ballot(1, 2), held(1));
    expect([agreed.chosenRecord(REGISTER), verdict.failed]).toEqual([null, false]);
    agreed.accepted(peer(2), REGISTER, ballot(1, 2), held(1));
    expect(agreed.chosenRecord(REGISTER)).toEqual(held(1));
    agreed.accepted(peer(0), REGISTER, ballot(2, 2), held(1));
    expect(verdict.violations[0]!.detail).toContain('has no vote in that epoch');
  });

  it('catches two configurations for one epoch, and an epoch that nobody agreed on', () => {
    const verdict = new Verdict(new Scheduler());
    const agreed = new Agreed(verdict, firstVoters(3));
    agreed.accepted(peer(0), CONFIGURATION_REGISTER, ballot(1), configuration(3));
    agreed.accepted(peer(1), REGISTER, ballot(1, 2), free(1));
    expect(verdict.violations).toHaveLength(1);
    agreed.accepted(peer(1), CONFIGURATION_REGISTER, ballot(1), configuration(3));
    agreed.accepted(peer(2), CONFIGURATION_REGISTER, ballot(2), configuration(5));
    expect(verdict.violations[1]!.detail).toContain('5 wanted');
  });
});
