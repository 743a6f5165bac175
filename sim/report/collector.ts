/**
 * Collects one run for the page.
 *
 * Owns the events and who is told of what; the parts beside it own their rows. Keeps the state of
 * all lanes from the beginning, but rows only of the part that is shown.
 */
import type { Change, Effect, Event } from '../../src/core/event.ts';
import type { LockName, RegisterName } from '../../src/core/types.ts';
import type { Client } from '../client.ts';
import { describeEvent } from '../describe.ts';
import type { Machine } from '../machine.ts';
import type { Fate, Letter, Recorder } from '../recorder.ts';
import type { Result } from '../simulation.ts';
import type { Note } from '../trace.ts';
import type { World } from '../world.ts';
import { Bars } from './bars.ts';
import { epochsIn } from './epochs.ts';
import { LaneState } from './lane-state.ts';
import { Leases } from './leases.ts';
import { Letters } from './letters.ts';
import { PeerLines } from './peer-lines.ts';
import { Queues } from './queues.ts';
import type { ClockRow, EpochRow, EventRow, Recording, Window } from './recording.ts';
import { spansOf } from './spans.ts';
import { describeEffects, Words } from './words.ts';

/** How many readings of each machine's clocks a page shows. */
const CLOCK_READINGS = 400;
/** Told elsewhere, or by nobody needed. */
const NO_EVENTS: ReadonlySet<Note> = new Set<Note>(['frames', 'tick']);

/** What is made when the world is. */
interface Parts {
  readonly world: World;
  readonly lanes: readonly string[];
  readonly laneOf: ReadonlyMap<string, number>;
  readonly letters: Letters;
  readonly leases: Leases;
  readonly bars: Bars;
  readonly state: LaneState;
  readonly lines: PeerLines;
  /** What each machine's clocks showed when the world began. */
  readonly origins: readonly (readonly number[])[];
}

/** Records one run, for one page. */
export class Collector implements Recorder {
  readonly #window: Window;
  readonly #words = new Words();
  readonly #queues: Queues;
  readonly #locks: string[] = [];
  /** By lane and connection: the lock that it asks for. */
  readonly #asked = new Map<string, LockName>();
  readonly #events: EventRow[] = [];
  readonly #clocks: ClockRow[] = [];
  readonly #epochs: EpochRow[] = [];
  #clocksReadAt = Number.NEGATIVE_INFINITY;
  #parts: Parts | null = null;
  /** Nothing was shown yet. */
  #isBefore = true;

  constructor(window: Window) {
    this.#window = window;
    this.#queues = new Queues(window);
  }

  begins(world: World): void {
    const lanes = [...world.machines, ...world.clients].map(({ name }) => name);
    const leases = new Leases(world);
    const state = new LaneState(this.#words, lanes.length);
    this.#parts = {
      world,
      lanes,
      laneOf: new Map(lanes.map((name, lane) => [name, lane])),
      letters: new Letters(world.configuration.cluster, this.#words),
      leases,
      bars: new Bars(world, leases, this.#words, this.#window),
      state,
      lines: new PeerLines(state),
      origins: world.machines.map(clocksOf),
    };
  }

  noted(note: Note, who: string, _whom: string, detail: string): void {
    if (NO_EVENTS.has(note)) return;
    const { lines, laneOf, leases, bars, world } = this.#known;
    const lane = laneOf.get(who) ?? -1;
    this.#event(lane, `${note}: ${detail.trimEnd()}`, '');
    if (note === 'process') {
      this.#queues.ended(lane, world.scheduler.now);
      const machine = world.machines[lane]!;
      lines.process(machine, detail);
      leases.started(machine);
    } else if (note === 'resource') {
      const [lock, token, outcome] = detail.split(' ');
      if (outcome === 'written') bars.written(lock as LockName, Number(token), who);
    }
    if (lane >= world.machines.length)
      this.#client(lane, world.clients[lane - world.machines.length]!);
  }

  letter(fate: Fate, from: string, to: string, letter: Letter): void {
    const { letters, laneOf, world } = this.#known;
    const { now } = world.scheduler;
    if (fate === 'sent') letters.sent(letter, laneNamed(laneOf, from), laneNamed(laneOf, to), now);
    else letters.ended(letter, fate, now, this.#isShown);
  }

  stepped(machine: Machine, event: Event, effects: readonly Effect[]): void {
    const { lines, leases, world } = this.#known;
    if (event.kind === 'tick' && effects.length === 0) return;
    this.#learn(machine, event, effects);
    const from = event.kind === 'message' ? `${event.from}: ` : '';
    const does = this.#isShown ? describeEffects(effects) : '';
    this.#event(machine.index, this.#isShown ? from + describeEvent(event) : '', does);
    this.#epochs.push(...epochsIn(machine, effects, world.scheduler.now));
    leases.stepped(machine, event);
    lines.stepped(machine, event, effects);
    this.#queues.stepped(machine.index, event, effects, world.scheduler.now);
  }

  durable(machine: Machine, change: Change): void {
    const { lines, leases, bars } = this.#known;
    leases.durable(machine, change);
    lines.durable(machine, change);
    if (change.kind === 'register') bars.wrote(change.name as RegisterName);
  }

  /** What was recorded, once the run is over. */
  recording(result: Result, leftOut: readonly string[]): Recording {
    const { world, lanes, letters, bars, state } = this.#known;
    const { now: endUs } = world.scheduler;
    const lockNumber = (lock: string) => this.#lock(lock);
    if (this.#isBefore) state.begin();
    return {
      plan: result.plan,
      digest: result.digest,
      violations: result.violations.map((one) => ({
        ...one,
        detail: this.#words.shorten(one.detail),
      })),
      endUs,
      fromUs: this.#window.fromUs,
      toUs: Math.min(this.#window.toUs, endUs),
      leftOut,
      lanes,
      peers: world.machines.length,
      letters: letters.rows(Math.min(this.#window.toUs, endUs)),
      events: this.#events,
      changes: state.changes,
      bars: bars.rows(lockNumber),
      queues: this.#queues.rows(lockNumber),
      epochs: this.#epochs,
      clocks: this.#clocks,
      spans: spansOf(result.plan, endUs),
      locks: this.#locks,
      texts: this.#words.texts,
    };
  }

  get #known(): Parts {
    if (this.#parts === null) throw new Error('nothing is recorded before the world begins');
    return this.#parts;
  }

  get #isShown(): boolean {
    const { now } = this.#known.world.scheduler;
    return now >= this.#window.fromUs && now <= this.#window.toUs;
  }

  #event(lane: number, text: string, does: string): void {
    const { state, bars, world } = this.#known;
    const { now } = world.scheduler;
    bars.look();
    if (!this.#isShown) {
      if (!this.#isBefore) state.event = -1;
      return;
    }
    if (this.#isBefore) state.begin();
    this.#isBefore = false;
    state.event = this.#events.length;
    this.#events.push([now, lane, this.#words.number(text), this.#words.number(does)]);
    this.#readClocks(now);
  }

  /** A client's lines, as it is now. */
  #client(lane: number, { belief, wire }: Client): void {
    const { state, world } = this.#known;
    const peer = wire.connected ? world.machines[wire.machine]!.name : 'nobody';
    state.set(lane, 'connected to', peer);
    state.set(lane, 'session', belief.session);
    state.set(lane, 'asked', wire.pendingRequest);
    const locks = [...belief.tokens].map(([lock, token]) => `${lock} token ${token}`);
    state.set(lane, 'believes in', locks.length === 0 ? null : locks.join(', '));
    const left = belief.leftMs();
    state.set(lane, 'for ms', locks.length === 0 ? null : String(left));
  }

  /** Which client's session has which id, and which was answered which token. */
  #learn({ index, life }: Machine, event: Event, effects: readonly Effect[]): void {
    if (event.kind === 'command' && event.command.kind === 'lock') {
      this.#lock(event.command.name);
      this.#asked.set(`${index} ${event.connection}`, event.command.name);
    }
    for (const effect of effects) {
      if (effect.kind !== 'respond') continue;
      const session = life?.connections.get(effect.connection)?.session ?? '';
      const { response } = effect;
      if (response.kind === 'session') this.#words.nameSession(response.session, session);
      const lock = this.#asked.get(`${index} ${effect.connection}`);
      this.#asked.delete(`${index} ${effect.connection}`);
      if (response.kind !== 'acquired' || lock === undefined) continue;
      this.#known.bars.acquired(session, lock, response.token);
    }
  }

  #lock(name: string): number {
    const index = this.#locks.indexOf(name);
    return index >= 0 ? index : this.#locks.push(name) - 1;
  }

  #readClocks(now: number): void {
    const { fromUs, toUs } = this.#window;
    const { world, origins } = this.#known;
    const end = Math.min(toUs, (world.plan.faultsMs + world.plan.progressMs) * 1_000);
    if (now - this.#clocksReadAt < (end - fromUs) / CLOCK_READINGS) return;
    this.#clocksReadAt = now;
    for (const machine of world.machines) {
      const ahead = clocksOf(machine).map(
        (value, clock) => value - origins[machine.index]![clock]! - Math.floor(now / 1_000),
      );
      this.#clocks.push([machine.index, now, ahead[0]!, ahead[1]!, ahead[2]!]);
    }
  }
}

function laneNamed(laneOf: ReadonlyMap<string, number>, name: string): number {
  const lane = laneOf.get(name);
  if (lane === undefined) throw new Error(`a letter of ${name}, for whom there is no lane`);
  return lane;
}

function clocksOf({ clock }: Machine): number[] {
  return [clock.readMs('monotonic'), clock.readMs('boot'), clock.readMs('wall')];
}
