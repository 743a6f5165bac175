/**
 * What must happen sometimes: a swarm in which it never does has not searched well enough.
 *
 * Counts, and judges nothing. Fed with what becomes durable, with what peers hear and say, and with
 * what is chosen, as the other checkers are. What it remembers is bounded.
 */
import { sameBallot } from '../../src/core/ballot.ts';
import type { Change, Effect, RegisterState } from '../../src/core/event.ts';
import type { Message } from '../../src/core/message.ts';
import { lockOf, lockRegister } from '../../src/core/names.ts';
import type { Ballot, LockName, RegisterName, RegisterRecord } from '../../src/core/types.ts';
import { NOBODY } from '../../src/core/types.ts';
import { entryOf } from '../entry-of.ts';
import type { Machine } from '../machine.ts';

/** What is counted under which name. */
export const SOMETIMES = {
  duels: 'two writers duel: a prepare outruns one that has accepted nothing yet',
  refusedAfterPromise: 'a voter refuses a ballot that it had promised',
  unchosenAdopted: 'an accepted value that is not known to be chosen is proposed again',
  readElsewhere: 'a value chosen by one quorum is read by another',
  expiredByMinority: '*expired* is accepted by a minority only',
  heirsDied: 'an heir dies before it learns',
  supersededWithQueue: 'a keeper is superseded with a queue',
  movedFromLiving: 'a session moves from a living home',
  refusedAttached: 'a session is refused to a second client, for it is attached',
  connectedTwice: 'a session goes on at one peer, and has a connection to another',
  answeredByFormer: 'a home that a session has left answers as if nothing had happened',
  toldOfMove: 'a connection that a session has left behind is told so, and closed',
  refusedIncarnation: 'a message from a previous incarnation is refused',
  namesRetaken: 'a name forgotten into the floor is taken again',
  longQueues: 'more than 100 wait for one lock',
  epochsUnderLoad: 'an epoch begins while clients wait for answers',
  wishesMet: 'a wish to change the voters meets another change',
  changesFinished: 'a sealed voter finishes a change that another began',
  mergesResumed: 'a voter goes on with its merge after a crash',
  registersDiscarded: 'a voter that missed an epoch throws its registers away',
  earlyMessages: 'a message of an epoch that its receiver does not know yet is kept',
} as const;

/** The name of something that must happen sometimes. */
export type SometimesName = keyof typeof SOMETIMES;

/** Waiters that make a long queue. */
const LONG_QUEUE = 100;
/** Outbid promises that are remembered of each voter: an accept that comes too late comes soon. */
const OUTBID_REMEMBERED = 256;

/** An heir that was named to a voter. */
interface Named {
  readonly heir: Ballot;
  readonly round: number;
}

/** Counts what one world has seen. */
export class Sometimes {
  readonly counts = Object.fromEntries(Object.keys(SOMETIMES).map((name) => [name, 0])) as Record<
    SometimesName,
    number
  >;
  readonly #outbid = new Map<Machine, Map<RegisterName, Ballot>>();
  readonly #forgotten = new Map<Machine, Set<RegisterName>>();
  readonly #heirs = new Map<RegisterName, Named>();
  /** By lock: the highest round of which an heir has learned. */
  readonly #learned = new Map<RegisterName, number>();
  readonly #waiting = new Map<LockName, number>();

  /** Something became durable at a voter. */
  durable(voter: Machine, change: Change, before: RegisterState | null): void {
    if (change.kind !== 'register') return;
    const { name, state } = change;
    if (state === null || before === null) {
      if (lockOf(name) !== null) this.#forgets(voter, name, state === null, before === null);
      return;
    }
    if (state.accepted !== before.accepted) this.#names(name, state);
    else if (state.promised !== before.promised) this.#outbids(voter, name, before, state);
  }

  #forgets(voter: Machine, name: RegisterName, gone: boolean, isNew: boolean): void {
    const forgotten = entryOf(this.#forgotten, voter, () => new Set<RegisterName>());
    if (gone) forgotten.add(name);
    else if (isNew && forgotten.delete(name)) this.counts.namesRetaken++;
  }

  #names(name: RegisterName, { promised, accepted }: RegisterState): void {
    if (accepted?.record.kind !== 'lock') return;
    if (promised.peer === accepted.ballot.peer) this.#heirs.delete(name);
    else this.#heirs.set(name, { heir: promised, round: accepted.ballot.round });
  }

  #outbids(voter: Machine, name: RegisterName, before: RegisterState, now: RegisterState): void {
    const { promised, accepted } = before;
    if (promised.peer === NOBODY) return;
    const outbid = entryOf(this.#outbid, voter, () => new Map<RegisterName, Ballot>());
    outbid.set(name, promised);
    if (outbid.size > OUTBID_REMEMBERED) outbid.delete(outbid.keys().next().value!);
    // An heir's promise has the round behind the accepted one; a higher one was asked for.
    const wasAsked = promised.round > (accepted?.ballot.round ?? -1) + 1;
    if (wasAsked && promised.peer !== now.promised.peer) this.counts.duels++;
  }

  /** A peer hears a message. */
  hears(message: Message): void {
    if (message.kind === 'inherit') {
      if (message.record.kind === 'lock') this.#learns(message.register, message.ballot);
    } else if (message.kind === 'handover') {
      this.#learns(lockRegister(message.lock), message.ballot);
    }
  }

  #learns(register: RegisterName, { round }: Ballot): void {
    if (round > (this.#learned.get(register) ?? -1)) this.#learned.set(register, round);
  }

  /** What a peer did about a message. */
  answers(machine: Machine, heard: Message, effects: readonly Effect[]): void {
    if (heard.kind === 'superseded') {
      if (effects.some((effect) => says(effect, 'ask'))) this.counts.supersededWithQueue++;
    } else if (heard.kind === 'accept') {
      const outbid = this.#outbid.get(machine)?.get(heard.register);
      if (outbid === undefined || !sameBallot(outbid, heard.ballot)) return;
      if (effects.some((effect) => says(effect, 'refused'))) this.counts.refusedAfterPromise++;
    }
  }

  /** A quorum of voters promised a ballot, by bit, and others hold the chosen record. */
  reads(promisedBy: number, chosenBy: number): void {
    if (chosenBy !== 0 && (promisedBy & ~chosenBy) !== 0) this.counts.readElsewhere++;
  }

  /** The life of a peer is over. */
  ends({ id }: Machine): void {
    for (const [name, { heir, round }] of this.#heirs) {
      if (heir.peer !== id) continue;
      this.#heirs.delete(name);
      if (round > (this.#learned.get(name) ?? -1)) this.counts.heirsDied++;
    }
  }

  /** A record was chosen; `homeLives`: the life that was a session's home before still runs. */
  chosen(before: RegisterRecord | null, record: RegisterRecord, homeLives: boolean): void {
    if (before?.kind !== 'session' || record.kind !== 'session' || !homeLives) return;
    if (record.state === 'live' && record.home !== before.home) this.counts.movedFromLiving++;
  }

  /** A session goes on at a machine: it may have a connection to another. */
  goesOn(machine: Machine, session: string, machines: Iterable<Machine>): void {
    for (const { index, life } of machines) {
      const connections = index === machine.index ? [] : [...(life?.connections.values() ?? [])];
      const others = connections.filter((other) => other.session === session && other.stands);
      this.counts.connectedTwice += others.length;
    }
  }

  /** One more, or one less, waits for a lock. */
  waits(lock: LockName, by: 1 | -1): void {
    const waiting = (this.#waiting.get(lock) ?? 0) + by;
    if (waiting > 0) this.#waiting.set(lock, waiting);
    else this.#waiting.delete(lock);
    if (by === 1 && waiting === LONG_QUEUE + 1) this.counts.longQueues++;
  }
}

function says(effect: Effect, kind: Message['kind']): boolean {
  return effect.kind === 'send' && effect.message.kind === kind;
}
