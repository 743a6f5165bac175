/**
 * How the epochs of a run begin, as marks and lines of the trace.
 *
 * Owns their names; what must hold of epochs is for the checkers. For each epoch there are:
 *
 *   `epoch 2 chosen`      its configuration is chosen    `n1 in epoch 2`       n1 goes by it
 *   `epoch 2 serves`      a quorum of it takes part      `n1 serves epoch 2`   n1 takes part
 */

import { quorumOf } from '../src/core/quorum.ts';
import type { Configuration, Epoch } from '../src/core/types.ts';
import type { EpochListener } from './checkers/succession.ts';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

/** Tells of the epochs of one world. */
export class EpochMarks implements EpochListener {
  readonly #world: World;
  /** How many voters take part in each epoch. */
  readonly #serving = new Map<Epoch, number>();
  /** When the latest epoch was chosen (µs of the world). */
  chosenAt = 0;

  constructor(world: World) {
    this.#world = world;
  }

  chosen({ epoch, voters }: Configuration): void {
    this.chosenAt = this.#world.scheduler.now;
    this.#tell(`epoch ${epoch} chosen`, '', `epoch ${epoch} of ${voters.join(' ')} is chosen`);
  }

  entered({ name }: Machine, { epoch }: Configuration): void {
    this.#tell(`${name} in epoch ${epoch}`, name, `enters epoch ${epoch}`);
  }

  serves({ name }: Machine, { epoch, voters }: Configuration): void {
    this.#tell(`${name} serves epoch ${epoch}`, name, `takes part in epoch ${epoch}`);
    const count = (this.#serving.get(epoch) ?? 0) + 1;
    this.#serving.set(epoch, count);
    if (count >= quorumOf(voters.length)) this.#world.marks.leave(`epoch ${epoch} serves`);
  }

  #tell(mark: string, who: string, line: string): void {
    this.#world.journal.note('epoch', who, '', line);
    this.#world.marks.leave(mark);
  }
}
