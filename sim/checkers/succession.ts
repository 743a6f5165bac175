/**
 * One epoch after the other, as the checkers are told of it.
 *
 * Owns who hears when a peer goes by a newer configuration, which must have been agreed on, and
 * when a voter takes part in its epoch. What is to hold then is `agreed`, `carried`, `majority`.
 */
import { sameConfiguration } from '../../src/core/configuration.ts';
import type { EpochState, Event } from '../../src/core/event.ts';
import type { Configuration } from '../../src/core/types.ts';
import type { Machine } from '../machine.ts';
import type { Agreed } from './agreed.ts';
import type { Carried } from './carried.ts';
import { EpochEvents } from './epoch-events.ts';
import type { Majority } from './majority.ts';
import type { Sometimes } from './sometimes.ts';
import type { Voters } from './voters.ts';

/** Hears how epochs begin. */
export interface EpochListener {
  /** A quorum of the voters before has accepted it. */
  chosen(configuration: Configuration): void;
  /** That machine's peer goes by it from now on. */
  entered(machine: Machine, configuration: Configuration): void;
  /** That machine's peer has merged, and takes part. */
  serves(machine: Machine, configuration: Configuration): void;
}

/** The checkers that care for epochs. */
export interface EpochCheckers {
  readonly voters: Voters;
  readonly agreed: Agreed;
  readonly carried: Carried;
  readonly majority: Majority;
}

/** Tells the checkers of one world of its epochs. */
export class Succession {
  readonly #checkers: EpochCheckers;
  readonly #events: EpochEvents;
  readonly #listener: EpochListener;

  constructor(checkers: EpochCheckers, sometimes: Sometimes, listener: EpochListener) {
    this.#checkers = checkers;
    this.#events = new EpochEvents(sometimes);
    this.#listener = listener;
  }

  /** A configuration is chosen while so many commands are under way. */
  chosen(configuration: Configuration, underWay: number): void {
    this.#events.chosen(underWay);
    this.#listener.chosen(configuration);
  }

  /** The core of a machine is about to handle a message. */
  hears(machine: Machine, sender: Machine, event: Extract<Event, { kind: 'message' }>): void {
    this.#events.hears(machine, event);
    this.#checkers.carried.hears(sender, event.epoch, event.message);
  }

  /** A life of a machine's peer begins, in the epoch that it knew last. */
  begins(machine: Machine): void {
    this.#events.begins(machine);
    this.#checkers.majority.enters(machine, machine.epoch, true);
  }

  /** The core of a machine has asked voters to accept the next configuration. */
  proposes(machine: Machine): void {
    this.#events.proposes(machine);
  }

  /** A machine's peer goes by a newer configuration. */
  enters(machine: Machine, configuration: Configuration): void {
    const { voters, agreed, majority } = this.#checkers;
    const { epoch } = configuration;
    const chosen = voters.of(epoch);
    if (chosen === null || !sameConfiguration(chosen, configuration)) {
      agreed.fails(`${machine.name} enters epoch ${epoch} by a configuration not agreed on`);
    }
    machine.enters(configuration);
    majority.enters(machine, epoch, false);
    this.#listener.entered(machine, configuration);
  }

  /** What a voter took over from one that took part already, it holds as if it had voted for it. */
  stored(machine: Machine, { configuration, standing }: EpochState): void {
    this.#events.stored(machine, { configuration, standing });
    if (standing !== 'serving') return;
    const { agreed, carried } = this.#checkers;
    for (const [name, { accepted }] of machine.disk.registers) {
      if (accepted === null || accepted.ballot.epoch !== configuration.epoch) continue;
      agreed.accepted(machine.id, name, accepted.ballot, accepted.record);
    }
    carried.serves(machine);
    this.#listener.serves(machine, configuration);
  }
}
