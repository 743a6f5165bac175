/**
 * *durable*: a voter never goes back on a promise, and never speaks before it is durable.
 *
 * Fed with what becomes durable at voters, and with what writers ask and hear. A promise never
 * falls, nor is it below what is held; nothing is accepted below it; whoever hears `promise` or
 * `accepted` finds the ballot on that voter's disk.
 */
import { compareBallots } from '../../src/core/ballot.ts';
import type { Change, RegisterState } from '../../src/core/event.ts';
import type { Accept, Message, Prepare } from '../../src/core/message.ts';
import type { Ballot, RegisterName } from '../../src/core/types.ts';
import { describeBallot } from '../describe.ts';
import type { Life, Machine } from '../machine.ts';
import { Newest } from './newest.ts';
import type { Verdict } from './verdict.ts';
import type { Voters } from './voters.ts';

/** What a writer asked of voters. */
interface Asked {
  readonly register: RegisterName;
  readonly ballot: Ballot;
  /** Counts all questions. */
  readonly number: number;
  /** Voters of the ballot's epoch that promised, by bit. */
  promisedBy: number;
}

/** Hears which voters of its epoch have promised a ballot of that register so far, by bit. */
export type PromisedListener = (register: RegisterName, ballot: Ballot, by: number) => void;

/** Requests of one life, and forgotten names, that are remembered; older ones are answered. */
const REQUESTS_REMEMBERED = 4_096;

/** Watches all voters of one world. */
export class Durable {
  readonly #verdict: Verdict;
  readonly #voters: Voters;
  readonly #listener: PromisedListener;
  /** By machine: what was promised of the registers that it forgot. */
  readonly #forgotten = new Map<Machine, Map<RegisterName, Ballot>>();
  /** What was asked last, and how much before it. */
  #last: Message | null = null;
  #questions = 0;
  /** By machine whose old directory was put back: how much was asked before. */
  readonly #restored = new Map<Machine, number>();
  /** What the life that runs on each machine asked, by request. */
  readonly #asked = new Map<Machine, { life: Life | null; requests: Newest<Asked> }>();

  constructor(verdict: Verdict, voters: Voters, listener: PromisedListener = () => {}) {
    this.#verdict = verdict;
    this.#voters = voters;
    this.#listener = listener;
  }

  /** Something became durable by a vote. */
  changed(machine: Machine, change: Change, before: RegisterState | null): void {
    if (change.kind !== 'register' || before === null) return;
    if (change.state === null) {
      this.#forgets(machine, change.name, before.promised);
      return;
    }
    const { promised, accepted } = change.state;
    if (compareBallots(promised, before.promised) < 0) {
      this.#fail(machine, change.name, 'promises less than', promised, before.promised);
    }
    if (before.accepted !== null && compareBallots(promised, before.accepted.ballot) < 0) {
      this.#fail(
        machine,
        change.name,
        'promises less than it holds,',
        promised,
        before.accepted.ballot,
      );
    }
    if (accepted === null || accepted.ballot === before.accepted?.ballot) return;
    const same =
      before.accepted !== null && compareBallots(accepted.ballot, before.accepted.ballot) === 0;
    if (!same && compareBallots(accepted.ballot, before.promised) < 0) {
      this.#fail(machine, change.name, 'accepts below', accepted.ballot, before.promised);
    }
  }

  /** What its owner let go of binds no more: a session's first record may come after it (rule 7). */
  #forgets(machine: Machine, name: RegisterName, promised: Ballot): void {
    const forgotten = this.#forgotten.get(machine) ?? new Map<RegisterName, Ballot>();
    this.#forgotten.set(machine, forgotten.set(name, promised));
    if (forgotten.size > REQUESTS_REMEMBERED) forgetOldest(forgotten);
  }

  #wasForgotten(machine: Machine, { register, ballot }: Asked): boolean {
    const forgotten = this.#forgotten.get(machine)?.get(register);
    return forgotten !== undefined && compareBallots(forgotten, ballot) >= 0;
  }

  /** A writer asks a voter: one message to all of them is one question. */
  asks(machine: Machine, message: Prepare | Accept): void {
    if (message === this.#last) return;
    this.#last = message;
    this.#questions += 1;
    const { request, register, ballot } = message;
    const asked = { register, ballot, number: this.#questions, promisedBy: 0 };
    this.#requestsOf(machine).set(request, asked);
  }

  /** An old directory is there again: what was said before is on its way still, and not in it. */
  restored(machine: Machine): void {
    this.#restored.set(machine, this.#questions);
  }

  #promises(asked: Asked, voter: Machine): void {
    const index = this.#voters.indexIn(asked.ballot.epoch, voter.id);
    if (index < 0) return;
    asked.promisedBy |= 1 << index;
    this.#listener(asked.register, asked.ballot, asked.promisedBy);
  }

  /** A writer hears a voter. */
  hears(machine: Machine, voter: Machine, message: Message): void {
    if (message.kind !== 'promise' && message.kind !== 'accepted') return;
    const asked = this.#requestsOf(machine).get(message.request);
    if (asked === undefined) return;
    if (message.kind === 'promise') this.#promises(asked, voter);
    if (asked.number <= (this.#restored.get(voter) ?? 0)) return;
    // In a later epoch it may have thrown away what it held, or merged it with what others held.
    if (voter.disk.epoch.configuration.epoch > asked.ballot.epoch) return;
    const state = voter.disk.register(asked.register);
    // What was forgotten since is in the floor, also where the name was promised anew (rule 7).
    const floored = voter.disk.floor.round >= asked.ballot.round;
    if (floored && (state === null || this.#wasForgotten(voter, asked))) return;
    const anew = floored && state?.accepted === null;
    const accepted = anew ? state.promised : state?.accepted?.ballot;
    const held = message.kind === 'promise' ? state?.promised : accepted;
    if (held !== undefined && compareBallots(held, asked.ballot) >= 0) return;
    this.#verdict.fail(
      'durable',
      `${voter.name} said ${message.kind} of ${describeBallot(asked.ballot)} for ${asked.register}, ` +
        `its disk holds ${held === undefined ? 'nothing' : describeBallot(held)}`,
    );
  }

  #requestsOf(machine: Machine): Newest<Asked> {
    let asked = this.#asked.get(machine);
    if (asked === undefined || asked.life !== machine.life) {
      asked = { life: machine.life, requests: new Newest(REQUESTS_REMEMBERED) };
      this.#asked.set(machine, asked);
    }
    return asked.requests;
  }

  #fail(machine: Machine, name: RegisterName, does: string, now: Ballot, before: Ballot): void {
    const [low, high] = [describeBallot(now), describeBallot(before)];
    this.#verdict.fail('durable', `${machine.name} ${does} ${high} for ${name}: ${low}`);
  }
}

function forgetOldest<Key>(remembered: Map<Key, unknown>): void {
  for (const key of remembered.keys()) {
    remembered.delete(key);
    if (remembered.size <= REQUESTS_REMEMBERED / 2) break;
  }
}
