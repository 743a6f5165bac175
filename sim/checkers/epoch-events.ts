/**
 * What must happen sometimes when the voters change; counts, and judges nothing.
 *
 * Fed with what peers hear and say, and with what becomes durable, as the other checkers are.
 */

import type { EpochState, Event } from '../../src/core/event.ts';
import { CONFIGURATION_REGISTER } from '../../src/core/names.ts';
import type { Machine } from '../machine.ts';
import { isSealed } from './carried.ts';
import type { Sometimes } from './sometimes.ts';

/** Counts what one world has seen of its epochs. */
export class EpochEvents {
  readonly #counts: Sometimes['counts'];

  constructor({ counts }: Sometimes) {
    this.#counts = counts;
  }

  /** A configuration is chosen while so many commands are under way. */
  chosen(underWay: number): void {
    if (underWay > 0) this.#counts.epochsUnderLoad++;
  }

  /** The core of a machine is about to handle an event. */
  hears(machine: Machine, event: Extract<Event, { kind: 'message' }>): void {
    const { message, epoch } = event;
    if (epoch > machine.epoch && message.kind !== 'configured') this.#counts.earlyMessages++;
    if (message.kind !== 'promise' || message.accepted === null) return;
    const { ballot, record } = message.accepted;
    if (record.kind === 'configuration' && ballot.peer !== machine.id) this.#counts.wishesMet++;
  }

  /** The core of a machine has asked voters to accept the next configuration. */
  proposes(machine: Machine): void {
    if (!isSealed(machine)) return;
    const { accepted } = machine.disk.register(CONFIGURATION_REGISTER)!;
    if (accepted?.ballot.peer !== machine.id) this.#counts.changesFinished++;
  }

  /** A life begins, with what is stored of its epoch. */
  begins({ id, disk }: Machine): void {
    const { configuration, standing } = disk.epoch;
    const goesOn = standing !== 'serving' && configuration.voters.includes(id);
    if (goesOn && configuration.epoch > 1) this.#counts.mergesResumed++;
  }

  /** A peer stores that it goes by another epoch, or takes part in it. */
  stored({ id, disk }: Machine, { configuration, standing }: EpochState): void {
    const votes = configuration.voters.includes(id);
    if (votes && standing === 'empty' && disk.registers.size > 0) this.#counts.registersDiscarded++;
  }
}
