import { describe, expect, it } from 'vitest';
import { CoreReader } from '../../sim/explore/core-state.ts';
import { explore, loadReadable } from '../../sim/explore.ts';
import { MUTANTS } from '../../sim/mutants/all.ts';

const CALM = { crashes: 0, cuts: 0, jumps: 0 };
const readable = { createPeer: await loadReadable(), readable: true };

/** Two of three voters make a quorum; here one does. */
const LONE_QUORUM = {
  file: 'quorum',
  before: 'return Math.floor(voters / 2) + 1;',
  after: 'return Math.floor(voters / 2);',
};

describe('explore', () => {
  it('exhausts what one client can meet with, in every order, and says so', () => {
    const explored = explore({ ...CALM, clients: 1, ...readable });
    expect(explored).toMatchObject({ exhausted: true, violation: null, path: [] });
    expect(explored.scope).toContain('3 peers, 1 client');
    expect(explored.scope).toContain('every order across channels');
    expect(explored.states).toBeGreaterThan(100);
  });

  it('comes to the same states every time', () => {
    const [first, second] = [1, 2].map(() =>
      explore({ ...CALM, clients: 2, detours: 2, ...readable }),
    );
    expect(second).toEqual(first);
    expect(first?.exhausted).toBe(true);
  });

  it('finds nothing in the production core with a crash, a cut or a jump of time', () => {
    for (const fault of ['crashes', 'cuts', 'jumps']) {
      const explored = explore({ ...CALM, [fault]: 1, clients: 1, detours: 1, ...readable });
      expect(explored).toMatchObject({ exhausted: true, violation: null });
    }
  });

  it('finds two holders, or two chosen records, where one voter is a quorum', async () => {
    const createPeer = await loadReadable([LONE_QUORUM]);
    const found = explore({ ...CALM, detours: 4, createPeer, readable: true });
    expect(found.exhausted).toBe(false);
    expect(['agreed', 'fenced', 'exclusive']).toContain(found.violation?.invariant);
    expect(found.path.some((words) => / → .*: accept/.test(words))).toBe(true);
  });

  it('exhausts one change of the voters, and finds what a mutant of it does wrong', async () => {
    const scope = { ...CALM, clients: 1, spares: 1, changes: 1, detours: 1, readable: true };
    const explored = explore({ ...scope, ...readable });
    expect(explored).toMatchObject({ exhausted: true, violation: null });
    expect(explored.scope).toContain('3 peers (2 of them vote at first)');
    expect(explored.scope).toContain('1 change of the voters');
    const mutant = MUTANTS.find(({ name }) => name === 'nothing-merged')!;
    const found = explore({ ...scope, createPeer: await loadReadable(mutant.patches) });
    expect(found.violation?.invariant).toBe('carried');
    expect(found.path).toContain('n1 is asked to change the voters');
  });

  it('takes the past of a core for its state where that cannot be read', () => {
    const coarse = explore({ ...CALM, clients: 1, ...readable });
    const fine = explore({ ...CALM, clients: 1 });
    expect(fine.exhausted).toBe(true);
    expect(fine.states).toBeGreaterThan(coarse.states);
  });

  it('reports an error of the core as a violation, with the way to it', () => {
    const createPeer: typeof readable.createPeer = (options) => {
      const peer = readable.createPeer(options);
      return {
        get deadline() {
          return peer.deadline;
        },
        step: (event, now) => {
          if (event.kind === 'command' && event.command.kind === 'unlock')
            throw new Error('seeded');
          return peer.step(event, now);
        },
      };
    };
    const { violation, path } = explore({ ...CALM, clients: 1, createPeer });
    expect(violation).toMatchObject({ invariant: 'assert' });
    expect(violation?.detail).toContain('seeded');
    expect(path.at(-1)).toBe('c1 unlocks');
  });

  it('ends, incomplete, when it may see no more states', () => {
    const explored = explore({ ...CALM, ...readable, statesMax: 500 });
    expect(explored).toMatchObject({ exhausted: false, violation: null, states: 500 });
  });
});

describe('reader of a core', () => {
  const timer = (at: number, sequence: number, index = 0) => ({ at, sequence, index, run });
  const run = () => {};

  it('tells timers by their order, whatever their numbers and places', () => {
    const reader = new CoreReader();
    const first = reader.read({ heap: [timer(5, 1), timer(3, 2, 1)] }, 'a');
    expect(reader.read({ heap: [timer(3, 12, 1), timer(5, 11)] }, 'b')).toBe(first);
    expect(reader.read({ heap: [timer(3, 1), timer(5, 2, -1)] }, 'c')).not.toBe(first);
  });

  it('names a function after where it came to be', () => {
    const made = () => () => {};
    const read = (origin: string) => new CoreReader().read({ over: made() }, origin);
    expect(read('here')).toBe(read('here'));
    expect(read('here')).not.toBe(read('there'));
  });

  it('tells one object in two places from two that are equal', () => {
    const one = { token: 1 };
    const reader = new CoreReader();
    expect(reader.read([one, one], '')).not.toBe(reader.read([one, { token: 1 }], ''));
  });
});
