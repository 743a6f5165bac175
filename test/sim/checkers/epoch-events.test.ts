import { describe, expect, it } from 'vitest';
import { EpochEvents } from '../../../sim/checkers/epoch-events.ts';
import { Sometimes } from '../../../sim/checkers/sometimes.ts';
import type { Machine } from '../../../sim/machine.ts';
import type { EpochState } from '../../../src/core/event.ts';
import type { Message } from '../../../src/core/message.ts';
import type { PeerId, Standing } from '../../../src/core/types.ts';
import { firstVoters, peer } from './first-voters.ts';

const FIRST = firstVoters(3).latest;
const SECOND = { ...FIRST, epoch: 2, before: FIRST.voters };
const NEXT = { kind: 'configuration', configuration: { ...SECOND, epoch: 3 } } as const;
const ballotOf = (who: PeerId) => ({ epoch: 2, round: 1, peer: who, incarnation: 1 });

/** n1, in the second epoch; sealed by the proposal of a peer, or not. */
function n1(standing: Standing, sealedBy: PeerId | null = null, registers = 0): Machine {
  const epoch: EpochState = { configuration: SECOND, standing };
  const accepted = sealedBy === null ? null : { ballot: ballotOf(sealedBy), record: NEXT };
  const disk = { epoch, registers: { size: registers }, register: () => ({ accepted }) };
  return { id: peer(0), epoch: 2, disk } as unknown as Machine;
}

function events() {
  const sometimes = new Sometimes();
  const seen = () => Object.entries(sometimes.counts).filter(([, count]) => count > 0);
  return { events: new EpochEvents(sometimes), seen };
}

function message(epoch: number, said: Message) {
  return { kind: 'message', from: peer(1), epoch, counter: 1, message: said } as const;
}

const promise = (who: PeerId) =>
  ({
    kind: 'promise',
    request: 1,
    accepted: { ballot: ballotOf(who), record: NEXT },
    floorToken: 0,
    leaseLeftMs: 0,
  }) as const;

describe('of epochs', () => {
  it('one that is chosen under load counts', () => {
    const { events: counted, seen } = events();
    counted.chosen(0);
    counted.chosen(3);
    expect(seen()).toEqual([['epochsUnderLoad', 1]]);
  });

  it('a message of a later one is early, one of this or of an earlier one is not', () => {
    const { events: counted, seen } = events();
    for (const epoch of [1, 2, 3]) {
      counted.hears(n1('serving'), message(epoch, { kind: 'heartbeat', sequence: 1 }));
    }
    expect(seen()).toEqual([['earlyMessages', 1]]);
  });

  it('a wish meets the change of another, not its own', () => {
    const { events: counted, seen } = events();
    for (const who of [0, 1]) counted.hears(n1('serving'), message(2, promise(peer(who))));
    expect(seen()).toEqual([['wishesMet', 1]]);
  });

  it('a change is finished by a voter that another sealed', () => {
    const { events: counted, seen } = events();
    for (const sealedBy of [null, peer(0), peer(1)]) counted.proposes(n1('serving', sealedBy));
    expect(seen()).toEqual([['changesFinished', 1]]);
  });

  it('a merge goes on where a life begins that has not merged', () => {
    const { events: counted, seen } = events();
    for (const standing of ['serving', 'sealed', 'empty'] as const) counted.begins(n1(standing));
    expect(seen()).toEqual([['mergesResumed', 2]]);
  });

  it('registers are thrown away by a voter that has some', () => {
    const { events: counted, seen } = events();
    for (const machine of [n1('empty'), n1('empty', null, 2), n1('sealed', null, 2)]) {
      counted.stored(machine, machine.disk.epoch);
    }
    expect(seen()).toEqual([['registersDiscarded', 1]]);
  });
});
