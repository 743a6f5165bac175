/**
 * Which voters would still refuse *expired* for a session: the *voted* view of who holds a lock.
 *
 * Owns a second memory of who was heard when, kept from the events that voters handle and judged
 * by the voters' own clocks. Independent of the core's (`src/core/lease.ts`), which it mirrors.
 *
 * @see rule 12
 */
import type { Change, Event } from '../../src/core/event.ts';
import { sessionRegister } from '../../src/core/names.ts';
import { quorumOf } from '../../src/core/quorum.ts';
import { isHome, leaseOf } from '../../src/core/session.ts';
import type {
  Incarnation,
  PeerId,
  RegisterName,
  SessionId,
  SessionRecord,
} from '../../src/core/types.ts';
import type { Machine } from '../machine.ts';
import type { World } from '../world.ts';

/** A machine's clocks at some moment (ms). */
interface Reading {
  readonly monotonic: number;
  readonly boot: number;
}

interface Voter {
  readonly started: Reading;
  readonly incarnations: Map<PeerId, Incarnation>;
  /** By peer and incarnation. */
  readonly heard: Map<string, Reading>;
  /** When a record with another home was taken. */
  readonly taken: Map<RegisterName, { readonly record: SessionRecord; readonly at: Reading }>;
}

/** What all voters of a world remember of homes. */
export class Leases {
  readonly #world: World;
  readonly #voters = new Map<Machine, Voter>();

  constructor(world: World) {
    this.#world = world;
  }

  /** A new life starts: it counts as having heard everybody now. */
  started(machine: Machine): void {
    this.#voters.set(machine, {
      started: read(machine),
      incarnations: new Map(),
      heard: new Map(),
      taken: new Map(),
    });
  }

  /** A voter handles an event. */
  stepped(machine: Machine, event: Event): void {
    const voter = this.#voters.get(machine);
    if (voter === undefined) return;
    if (event.kind === 'channel-opened') voter.incarnations.set(event.peer, event.incarnation);
    if (event.kind !== 'message' || event.message.kind !== 'heartbeat') return;
    const own = event.from === machine.id ? (machine.life?.incarnation ?? 0) : 0;
    const incarnation = voter.incarnations.get(event.from) ?? own;
    voter.heard.set(`${event.from}.${incarnation}`, read(machine));
  }

  /** A voter has stored a session's record. */
  durable(machine: Machine, change: Change): void {
    if (change.kind !== 'register') return;
    const record = change.state?.accepted?.record;
    const voter = this.#voters.get(machine);
    if (record?.kind !== 'session' || voter === undefined) return;
    const before = voter.taken.get(change.name);
    const stays =
      before === undefined || isHome(record, before.record.home, before.record.incarnation);
    const at = stays ? (before?.at ?? voter.started) : read(machine);
    voter.taken.set(change.name, { record, at });
  }

  /** Whether a quorum of voters would still refuse *expired* for it. */
  isVoted(session: SessionId): boolean {
    const { voters } = this.#world.checkers.voters.latest;
    const machines = this.#world.machines.filter(({ id }) => voters.includes(id));
    const refusing = machines.filter((machine) => this.#refuses(machine, session)).length;
    return refusing >= quorumOf(voters.length);
  }

  /** One that does not run will count as having heard everybody when it does. */
  #refuses(machine: Machine, session: SessionId): boolean {
    const record = machine.disk.register(sessionRegister(session))?.accepted?.record;
    if (record?.kind === 'session' && record.state === 'expired') return false;
    const voter = this.#voters.get(machine);
    if (machine.life === null || voter === undefined) return true;
    if (record?.kind !== 'session') return false;
    const heard = voter.heard.get(`${record.home}.${record.incarnation}`) ?? voter.started;
    const taken = voter.taken.get(sessionRegister(session))?.at ?? voter.started;
    const quietMs = Math.min(elapsed(machine, heard), elapsed(machine, taken));
    return quietMs < leaseOf(record, this.#world.settings);
  }
}

function read({ clock }: Machine): Reading {
  return { monotonic: clock.readMs('monotonic'), boot: clock.readMs('boot') };
}

/** At a voter the clock that ran less counts. */
function elapsed(machine: Machine, since: Reading): number {
  const now = read(machine);
  return Math.min(now.monotonic - since.monotonic, now.boot - since.boot);
}
