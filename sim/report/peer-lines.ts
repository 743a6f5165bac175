/**
 * The lines of a peer's state: its process, disk, channels, clients and the writes it has begun.
 *
 * Owns which event changes which line. Reads events and effects alone.
 */
import type { Change, Effect, Event } from '../../src/core/event.ts';
import { assertNever } from '../../src/core/invariant.ts';
import type { ConnectionId } from '../../src/core/types.ts';
import { describeBallot, describeRecord } from '../describe.ts';
import type { Machine } from '../machine.ts';
import type { SimulatedDisk } from '../store.ts';
import type { LaneState } from './lane-state.ts';

type Send = Extract<Effect, { kind: 'send' }>;
type DiskChange = Exclude<Change, { kind: 'remember' }>;

/** Keeps the lines of all peers. */
export class PeerLines {
  readonly #state: LaneState;
  readonly #unsynced = new Map<number, number>();

  constructor(state: LaneState) {
    this.#state = state;
  }

  /**
   * Its process starts, crashes, stops or fails, in the words of the trace. What is on disk is told
   * anew: the directory may have been lost, or an old one put back.
   */
  process({ index, disk }: Machine, what: string): void {
    this.#unsynced.set(index, 0);
    this.#state.begins(index, new Map([['process', what], ...diskLines(disk)]));
  }

  /** A peer handles an event. */
  stepped(machine: Machine, event: Event, effects: readonly Effect[]): void {
    this.#hears(machine, event);
    for (const effect of effects) this.#does(machine, effect);
  }

  /** A change is on disk. */
  durable({ index }: Machine, change: Change): void {
    this.#addUnsynced(index, -1);
    if (change.kind === 'remember') return;
    const [key, value] = diskLine(change);
    this.#state.set(index, key, value);
  }

  #hears(machine: Machine, event: Event): void {
    const { index } = machine;
    switch (event.kind) {
      case 'channel-opened':
        this.#state.set(index, `channel ${event.peer}`, `open, incarnation ${event.incarnation}`);
        return;
      case 'channel-closed':
        this.#state.set(index, `channel ${event.peer}`, 'closed');
        return;
      case 'command':
        this.#connection(machine, event.connection, `asks ${JSON.stringify(event.command)}`);
        return;
      case 'disconnected':
        this.#state.set(index, `connection ${event.connection}`, null);
        return;
      default:
    }
  }

  #does(machine: Machine, effect: Effect): void {
    switch (effect.kind) {
      case 'persist':
        this.#addUnsynced(machine.index, effect.changes.length);
        return;
      case 'send':
        this.#says(machine.index, effect);
        return;
      case 'respond':
        this.#connection(machine, effect.connection, `heard ${JSON.stringify(effect.response)}`);
        return;
      case 'lost':
        this.#connection(machine, effect.connection, 'was told of losses');
        return;
      case 'observe':
        this.#observes(machine.index, effect.observation);
        return;
      default:
    }
  }

  #says(lane: number, { message }: Send): void {
    if (message.kind !== 'prepare' && message.kind !== 'accept') return;
    const { register, ballot } = message;
    const what = message.kind === 'prepare' ? '' : ` ${describeRecord(message.record)}`;
    this.#state.set(lane, `write ${register}`, `${message.kind} ${describeBallot(ballot)}${what}`);
  }

  #observes(lane: number, observation: Extract<Effect, { kind: 'observe' }>['observation']): void {
    if (observation.kind === 'chosen') {
      const { register, ballot, record } = observation;
      this.#state.set(lane, `write ${register}`, null);
      const chosen = `${describeBallot(ballot)} ${describeRecord(record)}`;
      this.#state.set(lane, `chosen ${register}`, chosen);
    } else if (observation.kind === 'quorum') {
      const { has, reached, needed } = observation;
      this.#state.set(lane, 'quorum', `${has ? 'yes' : 'no'}: reaches ${reached}, needs ${needed}`);
    } else if (observation.kind === 'epoch') {
      const { epoch, voters } = observation.configuration;
      this.#state.set(lane, 'epoch', `${epoch} of ${voters.join(' ')}, not merged`);
    } else if (observation.kind === 'serving') {
      this.#state.set(lane, 'epoch', `${observation.epoch}, takes part`);
    }
  }

  #connection({ index, life }: Machine, id: ConnectionId, what: string): void {
    const session = life?.connections.get(id)?.session ?? 'gone';
    this.#state.set(index, `connection ${id}`, `${session} ${what}`);
  }

  #addUnsynced(lane: number, by: number): void {
    const count = Math.max(0, (this.#unsynced.get(lane) ?? 0) + by);
    this.#unsynced.set(lane, count);
    this.#state.set(lane, 'unsynced changes', count === 0 ? null : String(count));
  }
}

/** A disk that has stored none has no line for the floor, nor one for the epoch. */
function diskLines({ registers, floor, storedEpoch }: SimulatedDisk): [string, string][] {
  const changes: DiskChange[] = [];
  if (floor.round > 0 || floor.token > 0) changes.push({ kind: 'floor', floor });
  if (storedEpoch !== null) changes.push({ kind: 'epoch', state: storedEpoch });
  for (const [name, state] of registers) changes.push({ kind: 'register', name, state });
  return changes.map(diskLine).flatMap(([key, value]) => (value === null ? [] : [[key, value]]));
}

function diskLine(change: DiskChange): [key: string, value: string | null] {
  switch (change.kind) {
    case 'register':
      return [`disk ${change.name}`, describeState(change.state)];
    case 'floor':
      return ['disk floor', `round ${change.floor.round}, token ${change.floor.token}`];
    case 'epoch': {
      const { configuration, standing } = change.state;
      const { epoch, voters } = configuration;
      return ['disk epoch', `${epoch} of ${voters.join(' ')}, ${standing}`];
    }
    default:
      return assertNever(change);
  }
}

function describeState(state: Extract<Change, { kind: 'register' }>['state']): string | null {
  if (state === null) return null;
  const { promised, accepted } = state;
  const promise = `promised ${describeBallot(promised)}`;
  if (accepted === null) return promise;
  return `${promise}, accepted ${describeBallot(accepted.ballot)} ${describeRecord(accepted.record)}`;
}
