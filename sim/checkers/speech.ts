/**
 * What a core does about an event, as the checkers are told of it.
 *
 * Looks at each effect once, and owns which checker cares for which. What is to hold of it is
 * `durable`, `carried`, `majority`, and of epochs `succession.ts`.
 */
import type { Effect, Event } from '../../src/core/event.ts';
import type { Message } from '../../src/core/message.ts';
import { CONFIGURATION_REGISTER } from '../../src/core/names.ts';
import type { LockName } from '../../src/core/types.ts';
import type { Machine } from '../machine.ts';
import type { Carried } from './carried.ts';
import type { Durable } from './durable.ts';
import type { Majority } from './majority.ts';
import type { Succession } from './succession.ts';

/** The checkers that care for what is said. */
export interface SpeechCheckers {
  readonly durability: Durable;
  readonly carried: Carried;
  readonly majority: Majority;
}

/** Tells the checkers of one world what is said in it. */
export class Speech {
  readonly #checkers: SpeechCheckers;
  readonly #succession: Succession;
  readonly #clocksBind: boolean;

  /** @param clocksBind - whether clocks are such that leases hold what they promise */
  constructor(checkers: SpeechCheckers, succession: Succession, clocksBind: boolean) {
    this.#checkers = checkers;
    this.#succession = succession;
    this.#clocksBind = clocksBind;
  }

  /** The core of a machine has handled that event. */
  does(machine: Machine, event: Event, effects: readonly Effect[]): void {
    let proposes = false;
    for (const effect of effects) {
      if (effect.kind === 'send') {
        this.#says(machine, event, effect);
        proposes ||= proposesNext(effect.message);
      } else if (effect.kind === 'observe' && effect.observation.kind === 'epoch') {
        this.#succession.enters(machine, effect.observation.configuration);
      }
    }
    if (proposes) this.#succession.proposes(machine);
  }

  #says(machine: Machine, event: Event, send: Extract<Effect, { kind: 'send' }>): void {
    const { epoch, message } = send;
    switch (message.kind) {
      case 'prepare':
      case 'accept':
        this.#checkers.durability.asks(machine, message);
        return;
      case 'alive':
        this.#checkers.carried.lives(machine, epoch);
        return;
      case 'held':
        this.#refuses(machine, event, message.lock);
    }
  }

  #refuses(machine: Machine, event: Event, lock: LockName): void {
    // The answer that completes a quorum is word of a quorum, however late it is read.
    if (event.kind === 'message' && event.message.kind === 'accepted') return;
    if (this.#clocksBind) this.#checkers.majority.refuses(machine, `says that ${lock} is held`);
  }
}

function proposesNext(message: Message): boolean {
  return message.kind === 'accept' && message.register === CONFIGURATION_REGISTER;
}
