/**
 * Which epoch each peer is in, and whether it votes there, from what its core observes.
 */
import type { Effect } from '../../src/core/event.ts';
import type { Machine } from '../machine.ts';
import type { EpochRow } from './recording.ts';

/** What a step of that machine's core says of epochs. */
export function epochsIn(machine: Machine, effects: readonly Effect[], atUs: number): EpochRow[] {
  return effects.flatMap((effect): EpochRow[] => {
    if (effect.kind !== 'observe') return [];
    const { observation } = effect;
    if (observation.kind === 'epoch') {
      const { epoch, voters } = observation.configuration;
      return [[machine.index, atUs, epoch, voters.includes(machine.id) ? 1 : 0, 0]];
    }
    return observation.kind === 'serving' ? [[machine.index, atUs, observation.epoch, 1, 1]] : [];
  });
}
