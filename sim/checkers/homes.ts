/**
 * Which home counts for each session (P2): the newest.
 *
 * A home that slept while its session moved may still answer what it was asked before, until it has
 * heard of the move: that is nobody's belief any more. Judges nothing.
 */
import type { LockName, RegisterRecord } from '../../src/core/types.ts';
import type { Machine } from '../machine.ts';
import type { Exclusive } from './exclusive.ts';
import { HomeBelief } from './home-belief.ts';

/** The beliefs of all homes, by session. */
export class Homes {
  readonly #exclusive: Exclusive;
  readonly #beliefs = new Map<string, HomeBelief>();
  /** Where each session that moved was taken to last. */
  readonly #takenBy = new Map<string, Machine>();
  /** Sessions given up by their clients, of which a home may still believe something. */
  readonly #given = new Set<string>();

  constructor(exclusive: Exclusive) {
    this.#exclusive = exclusive;
  }

  get all(): Iterable<HomeBelief> {
    return this.#beliefs.values();
  }

  find(session: string): HomeBelief | undefined {
    return this.#beliefs.get(session);
  }

  /**
   * A home has taken the session over, and knows it: another may have done so since.
   *
   * @param record - what was chosen for the session last; `null`: nothing yet
   */
  takes(machine: Machine, session: string, record: RegisterRecord | null): void {
    if (record?.kind === 'session' && record.home !== machine.id) return;
    this.#takenBy.set(session, machine);
    this.at(machine, session);
  }

  /** Whether the session has moved on from there. */
  isFormer(machine: Machine, session: string): boolean {
    const taker = this.#takenBy.get(session);
    return taker !== undefined && taker !== machine;
  }

  /** A session that moved keeps its locks; what its homes before believed counts no more. */
  at(machine: Machine, session: string): HomeBelief {
    let belief = this.#beliefs.get(session);
    if (belief?.isAt(machine)) return belief;
    const locks = new Set<LockName>(belief?.locks);
    if (belief !== undefined) this.#exclusive.dropsAll(belief);
    belief = new HomeBelief(machine, session, locks);
    this.#beliefs.set(session, belief);
    return belief;
  }

  /** Nobody speaks for that session any more; forgotten once its home believes nothing of it. */
  forget(session: string): void {
    this.#given.add(session);
    for (const given of this.#given) {
      if (this.#beliefs.get(given)?.believes() === true) continue;
      this.#beliefs.delete(given);
      this.#takenBy.delete(given);
      this.#given.delete(given);
    }
  }
}
