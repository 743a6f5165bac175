import { describe, expect, it } from 'vitest';
import { Agreed } from '../../sim/checkers/agreed.ts';
import { Answered } from '../../sim/checkers/answered.ts';
import { Durable } from '../../sim/checkers/durable.ts';
import { type Believer, Exclusive } from '../../sim/checkers/exclusive.ts';
import { Fenced } from '../../sim/checkers/fenced.ts';
import { checkProgress, Storm } from '../../sim/checkers/live.ts';
import { Verdict } from '../../sim/checkers/verdict.ts';
import type { Client } from '../../sim/client.ts';
import type { SimulatedConnection } from '../../sim/connection.ts';
import type { Machine } from '../../sim/machine.ts';
import { FencedResource } from '../../sim/resource.ts';
import { Scheduler } from '../../sim/scheduler.ts';
import type { RegisterState } from '../../src/core/event.ts';
import type {
  Ballot,
  LockName,
  LockRecord,
  PeerId,
  RegisterName,
  SessionId,
  SessionRecord,
} from '../../src/core/types.ts';
import { firstVoters, peer } from './checkers/first-voters.ts';

const LOCK = 'db' as LockName;
const REGISTER = 'Ldb' as RegisterName;
const N1 = 'n1' as PeerId;

const verdict = () => new Verdict(new Scheduler());
const ballot = (round: number): Ballot => ({ epoch: 1, round, peer: N1, incarnation: 1 });
const free = (token: number): LockRecord => ({ kind: 'lock', token, holder: null });
const held = (token: number, session: string, attachment = 1): LockRecord => ({
  kind: 'lock',
  token,
  holder: {
    session: session as SessionId,
    attachment,
    stamp: { counter: token, home: N1, incarnation: 1 },
  },
});
const session = (state: 'live' | 'expired', attachment = 1, home = N1): SessionRecord => ({
  kind: 'session',
  home,
  incarnation: 1,
  attachment,
  timeoutMs: 0,
  state,
});

describe('agreed', () => {
  const chosen = () => {
    const found = verdict();
    const agreed = new Agreed(found, firstVoters(3));
    agreed.accepted(peer(0), REGISTER, ballot(1), held(5, 's'));
    agreed.accepted(peer(1), REGISTER, ballot(1), held(5, 's'));
    return { found, agreed };
  };

  it('takes a chain of chosen records, and what was adopted of a minority', () => {
    const { found, agreed } = chosen();
    agreed.accepted(peer(2), REGISTER, ballot(2), free(5));
    agreed.accepted(peer(2), REGISTER, ballot(3), held(6, 't'));
    agreed.accepted(peer(0), REGISTER, ballot(3), held(6, 't'));
    agreed.accepted(peer(1), REGISTER, ballot(4), held(6, 't', 2));
    expect(agreed.chosenRecord(REGISTER)).toEqual(held(6, 't'));
    expect(found.violations).toEqual([]);
  });

  it.each([
    ['a lower token', free(4)],
    ['another holder of the same token', held(5, 't')],
    ['an older attachment', held(5, 's', 0)],
  ])('catches %s under a higher ballot than a chosen record', (_what, record) => {
    const { found, agreed } = chosen();
    agreed.accepted(peer(2), REGISTER, ballot(2), record);
    expect(found.violations.map(({ invariant }) => invariant)).toEqual(['agreed']);
  });

  it('catches it also when the chosen record comes to light later', () => {
    const found = verdict();
    const agreed = new Agreed(found, firstVoters(3));
    agreed.accepted(peer(0), REGISTER, ballot(1), held(5, 's'));
    agreed.accepted(peer(2), REGISTER, ballot(2), held(5, 't'));
    expect(found.failed).toBe(false);
    agreed.accepted(peer(1), REGISTER, ballot(1), held(5, 's'));
    expect(found.violations[0]!.detail).toContain('was chosen under 1.1.n1.1');
  });

  it('catches two records under one ballot', () => {
    const found = verdict();
    const agreed = new Agreed(found, firstVoters(3));
    agreed.accepted(peer(0), REGISTER, ballot(1), held(1, 's'));
    agreed.accepted(peer(1), REGISTER, ballot(1), held(1, 't'));
    expect(found.violations[0]!.detail).toContain('carries');
  });

  it('catches a session that lives again, or moves without a new attachment', () => {
    const name = 'Ss' as RegisterName;
    for (const [first, later] of [
      [session('expired'), session('live', 2)],
      [session('live'), session('live', 1, 'n2' as PeerId)],
    ] as const) {
      const found = verdict();
      const agreed = new Agreed(found, firstVoters(1));
      agreed.accepted(peer(0), name, ballot(1), first);
      agreed.accepted(peer(0), name, ballot(2), later);
      expect(found.failed).toBe(true);
    }
  });
});

describe('durable', () => {
  const machine = (name: string, state: RegisterState | null, round = 0) =>
    ({
      name,
      id: name,
      life: { incarnation: 1 },
      disk: {
        register: () => state,
        floor: { round, token: 0 },
        epoch: { configuration: firstVoters(3).latest, standing: 'serving' },
      },
    }) as unknown as Machine;
  const state = (promised: number, accepted: number | null): RegisterState => ({
    promised: ballot(promised),
    accepted: accepted === null ? null : { ballot: ballot(accepted), record: free(1) },
  });

  it.each([
    ['a promise that falls', state(3, null), state(2, null), 1],
    ['a record accepted below the promise', state(3, 1), state(3, 2), 1],
    ['a promise below what is held', state(1, 4), state(3, 4), 1],
    ['nothing where a promise and then its record are taken', state(3, 1), state(4, 3), 0],
  ])('catches %s', (_what, before, after, violations) => {
    const found = verdict();
    const change = { kind: 'register', name: REGISTER, state: after } as const;
    new Durable(found, firstVoters(3)).changed(machine('n1', null), change, before);
    expect(found.violations).toHaveLength(violations);
  });

  it.each([
    ['nothing, where all is in the floor', null, 4, 0],
    ['a vote that is lost, where the floor is lower', null, 3, 1],
    ['nothing, where the name was forgotten, and promised anew', state(6, null), 5, 0],
    ['a record that is lost, where its promise is not', state(5, null), 0, 1],
  ])('catches %s', (_what, holds, floor, violations) => {
    const found = verdict();
    const durable = new Durable(found, firstVoters(3));
    const [writer, now] = [machine('n2', null), ballot(4)];
    const record = { record: free(1), heir: N1, heirIncarnation: 1, chosen: false } as const;
    const message = {
      kind: 'accept',
      request: 1,
      register: REGISTER,
      ballot: now,
      ...record,
    } as const;
    durable.asks(writer, message);
    durable.hears(writer, machine('n1', holds, floor), { kind: 'accepted', request: 1 });
    expect(found.violations).toHaveLength(violations);
  });

  it('lets an answer come after an old directory was put back, but no answer to what follows', () => {
    const found = verdict();
    const durable = new Durable(found, firstVoters(3));
    const [writer, voter] = [machine('n2', null), machine('n1', state(1, null))];
    const ask = (request: number) => {
      const prepare = { kind: 'prepare', request, register: REGISTER, ballot: ballot(4) } as const;
      durable.asks(writer, prepare);
    };
    const answer = { kind: 'promise', accepted: null, floorToken: 0, leaseLeftMs: 0 } as const;
    ask(1);
    durable.restored(voter);
    durable.hears(writer, voter, { ...answer, request: 1 });
    expect(found.failed).toBe(false);
    ask(2);
    durable.hears(writer, voter, { ...answer, request: 2 });
    expect(found.violations).toHaveLength(1);
  });

  it('lets a first record come after a promise that its owner has let go of', () => {
    const found = verdict();
    const durable = new Durable(found, firstVoters(3));
    const [writer, voter] = [machine('n2', null), machine('n1', state(2, null), 4)];
    const message = { kind: 'prepare', request: 1, register: REGISTER, ballot: ballot(4) } as const;
    durable.asks(writer, message);
    const answer = { request: 1, accepted: null, floorToken: 0, leaseLeftMs: 0 } as const;
    const forgets = { kind: 'register', name: REGISTER, state: null } as const;
    durable.changed(voter, forgets, state(4, null));
    durable.hears(writer, voter, { kind: 'promise', ...answer });
    expect(found.failed).toBe(false);
    durable.changed(voter, forgets, state(3, null));
    durable.hears(writer, voter, { kind: 'promise', ...answer });
    expect(found.violations).toHaveLength(1);
  });

  it('catches a voter that says what its disk does not hold', () => {
    const found = verdict();
    const durable = new Durable(found, firstVoters(3));
    const writer = machine('n2', null);
    const message = { kind: 'prepare', request: 1, register: REGISTER, ballot: ballot(4) } as const;
    durable.asks(writer, message);
    const promise = {
      kind: 'promise',
      request: 1,
      accepted: null,
      floorToken: 0,
      leaseLeftMs: 0,
    } as const;
    durable.hears(writer, machine('n1', state(4, null)), promise);
    expect(found.failed).toBe(false);
    durable.hears(writer, machine('n1', state(3, null)), promise);
    expect(found.violations[0]!.detail).toContain('n1 said promise of 1.4.n1.1');
  });
});

describe('exclusive', () => {
  const believer = (name: string, of = name) => {
    const made = {
      name,
      session: of,
      locks: new Set<LockName>(),
      sure: true,
      believes: () => made.sure,
      leftUs: () => 5_000,
    };
    return made satisfies Believer;
  };

  it('catches two sessions that believe in one lock', () => {
    const found = verdict();
    const exclusive = new Exclusive(found, 0);
    exclusive.gains(believer('c1'), LOCK);
    exclusive.gains(believer('c2'), LOCK);
    expect(found.violations[0]!.detail).toBe('c1 and c2 both believe in db');
  });

  it('lets a session be believed in by its client and its home', () => {
    const found = verdict();
    const exclusive = new Exclusive(found, 0);
    exclusive.gains(believer('c1', 's'), LOCK);
    exclusive.gains(believer('n1', 's'), LOCK);
    expect(found.failed).toBe(false);
  });

  it('lets a lock go from who believes no longer, and catches who believes again', () => {
    const found = verdict();
    const exclusive = new Exclusive(found, 0);
    const first = believer('c1');
    exclusive.gains(first, LOCK);
    first.sure = false;
    exclusive.gains(believer('c2'), LOCK);
    expect(found.failed).toBe(false);
    first.sure = true;
    exclusive.extends(first);
    expect(found.failed).toBe(true);
  });

  it('takes overlaps as long as the clocks allow, and catches longer ones', () => {
    const found = verdict();
    const exclusive = new Exclusive(found, 5_000);
    exclusive.gains(believer('c1'), LOCK);
    exclusive.gains(believer('c2'), LOCK);
    expect([found.failed, exclusive.overlaps, exclusive.longestUs]).toEqual([false, 1, 5_000]);
    const strict = new Exclusive(found, 4_999);
    strict.gains(believer('c1'), LOCK);
    strict.gains(believer('c2'), LOCK);
    expect(found.violations[0]!.detail).toContain('for 5000 µs, at most 4999');
  });
});

describe('fenced', () => {
  it('catches a token given to two sessions', () => {
    const found = verdict();
    const fenced = new Fenced(found);
    fenced.given('c1', LOCK, 3, 0);
    fenced.given('c1', LOCK, 3, 3);
    expect(found.failed).toBe(false);
    fenced.given('c2', LOCK, 3, 0);
    expect(found.violations[0]!.detail).toBe('db: token 3 was given to c1 and c2');
  });

  it('catches a token not above what was answered before it was asked for', () => {
    const found = verdict();
    const fenced = new Fenced(found);
    fenced.given('c1', LOCK, 5, 0);
    const floor = fenced.floor(LOCK);
    fenced.given('c2', LOCK, 4, 3);
    expect(found.failed).toBe(false);
    fenced.given('c3', LOCK, 2, floor);
    expect(found.violations[0]!.detail).toBe('db: c3 asked after token 5 and got 2');
  });
});

describe('answered', () => {
  const connection = {} as SimulatedConnection;

  it('catches an answer to nothing, and two commands at once', () => {
    const found = verdict();
    const answered = new Answered(found);
    answered.asks('n1', connection, { kind: 'ping' });
    answered.answers('n1', connection, { kind: 'pong', validityMs: 0 });
    expect(found.failed).toBe(false);
    answered.answers('n1', connection, { kind: 'pong', validityMs: 0 });
    expect(found.violations[0]!.detail).toBe('n1: pong answers nothing');
    answered.asks('n1', connection, { kind: 'ping' });
    answered.asks('n1', connection, { kind: 'stats' });
    expect(found.violations[1]!.detail).toBe('n1: stats while ping is under way');
  });
});

describe('resource', () => {
  it('refuses a token below the highest shown, on reading and on writing', () => {
    const resource = new FencedResource();
    expect(resource.read(LOCK, 5)).toBe(0);
    expect(resource.read(LOCK, 4)).toBeNull();
    expect(resource.write(LOCK, 4, 0)).toBe('refused');
    expect(resource.write(LOCK, 5, 0)).toBe('written');
    expect(resource.read(LOCK, 6)).toBe(1);
    expect(resource.write(LOCK, 5, 1)).toBe('refused');
  });

  it('tells an update that would be lost', () => {
    const resource = new FencedResource();
    resource.write(LOCK, 5, 0);
    expect(resource.write(LOCK, 5, 0)).toBe('lost-update');
  });
});

describe('live', () => {
  const client = (
    name: string,
    acquiredInProgress: number,
    waitingMs: number,
    unfinished: string | null = null,
  ) =>
    ({
      name,
      acquiredInProgress,
      unfinished,
      wire: { waitingMs, pendingRequest: 'lock db 1' },
    }) as unknown as Client;

  it('catches a client that is not answered in time, or got nothing', () => {
    const found = verdict();
    checkProgress(found, [
      client('c1', 3, 4_000),
      client('c2', 3, 6_000),
      client('c3', 0, 0),
      client('c4', 1, 0, 'its last step'),
    ]);
    expect(found.violations.map(({ detail }) => detail)).toEqual([
      'c2 was not answered in time: lock db 1',
      'c3 acquired nothing after the faults had ended',
      'c4 has not got past its last step',
    ]);
  });

  it('catches a second with more events than there can be', () => {
    const found = verdict();
    const storm = new Storm(found, 3, 1);
    storm.look(4_000);
    storm.look(8_000);
    expect(found.failed).toBe(false);
    storm.look(12_001);
    expect(found.violations[0]!.detail).toBe('4001 events in a second, at most 4000: a storm');
  });
});
