/**
 * One peer of an explored world as a table: from a state, under an input, to a state and what it
 * says. Each step of the core is carried out once and looked up from then on.
 *
 * Owns the states of one peer and the live cores that are at some of them. Peers share nothing, so
 * the global search needs no core for a step that some peer has taken before in that state. A core
 * that is needed in a state where none is alive is brought there by its inputs, from the beginning.
 *
 * The disk is synced at once, before a step's words leave; a crash loses memory alone.
 */
import { sameBallot } from '../../src/core/ballot.ts';
import type { Response } from '../../src/core/command.ts';
import type {
  Change,
  Effect,
  EpochState,
  Event,
  Floor,
  RegisterState,
} from '../../src/core/event.ts';
import type {
  Ballot,
  Incarnation,
  PeerId,
  RegisterName,
  RegisterRecord,
} from '../../src/core/types.ts';
import type { StepMachine } from '../../src/runtime/ports.ts';
import { type Holder, isVote } from '../checkers/carried.ts';
import { Digest } from '../digest.ts';
import { RandomStream } from '../random.ts';
import type { CreatePeer } from '../world.ts';
import { CoreReader } from './core-state.ts';
import type { Letter } from './letter.ts';
import type { Scope } from './scope.ts';

/** Something said. */
export type Send = Extract<Effect, { kind: 'send' }>;

/** What a peer is given. */
export type Input =
  | { readonly kind: 'start' }
  | { readonly kind: 'crash' }
  /** In one turn; `waits`: words of its own already wait for the disk. */
  | { readonly kind: 'events'; readonly events: readonly Event[]; readonly waits: boolean };

/** A state of this peer; the same object whenever it is the same state. */
export interface LocalState {
  readonly number: number;
  readonly alive: boolean;
  readonly incarnation: Incarnation;
  /** When it wants its next tick (ms). */
  readonly deadline: number;
  readonly digest: string;
  /** One way to get there; `null`: nothing has happened yet. */
  readonly origin: Origin | null;
}

interface Origin {
  readonly from: LocalState;
  readonly input: Input;
  readonly nowMs: number;
  /** Names all of these. */
  readonly name: string;
}

interface AcceptedRecord {
  readonly register: RegisterName;
  readonly ballot: Ballot;
  readonly record: RegisterRecord;
}

/** A record that is on disk; its name is short, and the same for the same content. */
export interface Stored extends AcceptedRecord {
  readonly name: string;
}

/** What an input leads to. */
export interface LocalStep {
  readonly to: LocalState;
  /** By peer: all that is said to it, but for what comes back to oneself at once. */
  readonly letters: readonly (readonly [to: number, letter: Letter])[];
  readonly stored: readonly Stored[];
  /** What it holds at each moment at which it begins to take part in an epoch. */
  readonly served: readonly Holder[];
  /** For its client; `null`: its connection ended. */
  readonly answers: readonly (Response | null)[];
}

/** What one turn brought about. */
interface Turn {
  readonly sends: Send[];
  readonly records: AcceptedRecord[];
  readonly served: Holder[];
  readonly answers: (Response | null)[];
}

/** A core, with its disk, that stands in some state. */
interface Live {
  core: StepMachine | null;
  incarnation: Incarnation;
  draws: number;
  floor: Floor;
  epoch: EpochState | null;
  readonly registers: Map<RegisterName, RegisterState>;
  readonly remembered: Map<PeerId, Incarnation>;
  readonly reader: CoreReader;
}

/** Cores kept alive: the search goes back a little more often than far. */
const LIVE_MAX = 1_024;

/** All states of one peer that were seen. */
export class LocalPeer {
  readonly id: PeerId;
  readonly #scope: Scope;
  readonly #createPeer: CreatePeer;
  readonly #states = new Map<string, LocalState>();
  readonly #steps = new Map<string, LocalStep>();
  readonly #names = new Map<string, number>();
  readonly #live = new Map<LocalState, Live>();
  readonly initial: LocalState;
  /** Steps of the core, those to bring one back included. */
  coreSteps = 0;

  constructor(scope: Scope, id: PeerId, createPeer: CreatePeer) {
    this.id = id;
    this.#scope = scope;
    this.#createPeer = createPeer;
    this.initial = this.#state(newLive(), null);
  }

  get states(): number {
    return this.#states.size;
  }

  /** @param name - stands for the input's content */
  step(from: LocalState, input: Input, name: string, nowMs: number): LocalStep {
    const key = `${from.number} ${nowMs} ${name}`;
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    const live = this.#liveAt(from);
    const { sends, records, served, answers } = this.#feed(live, input, nowMs);
    const origin = { from, input, nowMs, name: `${from.digest} ${nowMs} ${name}` };
    const step = {
      to: this.#state(live, origin),
      letters: this.#lettersOf(sends),
      stored: records.map((one) => ({ ...one, name: this.#nameOf(one) })),
      served,
      answers,
    };
    this.#steps.set(key, step);
    this.#keep(step.to, live);
    return step;
  }

  /** All that is said to one peer in one turn is one frame, as in production. */
  #lettersOf(sends: readonly Send[]): (readonly [to: number, letter: Letter])[] {
    return this.#scope.ids.flatMap((id, to) => {
      const frame = sends.filter((send) => send.to === id);
      if (frame.length === 0) return [];
      const letter: Letter = {
        kind: 'frame',
        name: this.#nameOf(frame),
        from: this.id,
        sends: frame,
      };
      return [[to, letter] as const];
    });
  }

  /** The same short name for the same content. */
  #nameOf(content: unknown): string {
    const text = JSON.stringify(content);
    let number = this.#names.get(text);
    if (number === undefined) {
      number = this.#names.size;
      this.#names.set(text, number);
    }
    return `${this.id}:${number}`;
  }

  /** Interns the state that a core is in. */
  #state(live: Live, origin: Origin | null): LocalState {
    const digest = new Digest();
    digest.text(this.#describe(live, origin?.name ?? ''));
    const name = digest.toString();
    const known = this.#states.get(name);
    if (known !== undefined) return known;
    const state: LocalState = {
      number: this.#states.size,
      alive: live.core !== null,
      incarnation: live.incarnation,
      deadline: live.core?.deadline ?? Number.POSITIVE_INFINITY,
      digest: name,
      origin,
    };
    this.#states.set(name, state);
    return state;
  }

  /** All that its future depends on: the core's fields where they can be read, else its past. */
  #describe(live: Live, origin: string): string {
    const { core, incarnation, draws, registers, remembered, floor, epoch, reader } = live;
    if (!this.#scope.readable) return origin;
    const disk = JSON.stringify([[...registers], [...remembered], floor, epoch]);
    const memory = core === null ? 'down' : reader.read(core, origin);
    return `${incarnation} ${draws} ${disk} ${memory}`;
  }

  // Live cores

  #keep(state: LocalState, live: Live): void {
    this.#live.set(state, live);
    if (this.#live.size <= LIVE_MAX) return;
    for (const oldest of this.#live.keys()) {
      this.#live.delete(oldest);
      return;
    }
  }

  /** A core in that state, taken out of the store: the next step moves it on. */
  #liveAt(state: LocalState): Live {
    const live = this.#live.get(state);
    if (live !== undefined) {
      this.#live.delete(state);
      return live;
    }
    return this.#bringTo(state);
  }

  #bringTo(state: LocalState): Live {
    const past: Origin[] = [];
    for (let at = state; at.origin !== null; at = at.origin.from) past.push(at.origin);
    const live = newLive();
    for (const origin of past.reverse()) {
      this.#feed(live, origin.input, origin.nowMs);
      // Functions are named after where they came to be: each state on the way is read again.
      this.#describe(live, origin.name);
    }
    return live;
  }

  // What the core does

  #feed(live: Live, input: Input, nowMs: number): Turn {
    if (input.kind === 'crash') live.core = null;
    if (input.kind === 'start') this.#start(live, nowMs);
    if (input.kind !== 'events') return { sends: [], records: [], served: [], answers: [] };
    return this.#turn(live, input, nowMs);
  }

  #start(live: Live, nowMs: number): void {
    live.incarnation++;
    live.draws = 0;
    const stream = new RandomStream(this.#scope.seed, `peer:${this.id}:${live.incarnation}`);
    live.core = this.#createPeer({
      self: this.id,
      incarnation: live.incarnation,
      configuration: this.#scope.configuration,
      settings: this.#scope.settings,
      durable: {
        registers: [...live.registers],
        floor: live.floor,
        epoch: live.epoch,
        remembered: [...live.remembered],
      },
      random: () => {
        live.draws++;
        return stream.next();
      },
      now: { home: nowMs, voter: nowMs },
    });
  }

  /** Events of one turn, and what comes back to the peer itself without disk and network. */
  #turn(live: Live, { events, waits }: Extract<Input, { kind: 'events' }>, nowMs: number) {
    const inbox = [...events];
    const turn: Turn = { sends: [], records: [], served: [], answers: [] };
    let mustWait = waits;
    for (let event = inbox.shift(); event !== undefined; event = inbox.shift()) {
      this.coreSteps++;
      for (const effect of live.core?.step(event, { home: nowMs, voter: nowMs }) ?? []) {
        if (effect.kind === 'persist') {
          mustWait = true;
          for (const change of effect.changes) this.#store(live, change, turn);
        } else if (effect.kind === 'send') {
          const isLate = this.#scope.slowDisks && effect.durable && mustWait;
          const isAtOnce = effect.to === this.id && !isLate;
          if (isAtOnce) inbox.push(heard(effect, this.id));
          else turn.sends.push(effect);
        } else if (effect.kind === 'respond') turn.answers.push(effect.response);
        else if (effect.kind === 'lost' || effect.kind === 'close') turn.answers.push(null);
      }
    }
    return turn;
  }

  #store(live: Live, change: Change, { records, served }: Turn): void {
    store(live, change, records);
    if (change.kind !== 'epoch' || change.state.standing !== 'serving') return;
    const registers = new Map(live.registers);
    const { floor } = live;
    const register = (name: RegisterName) => registers.get(name) ?? null;
    served.push({ name: this.id, disk: { epoch: change.state, floor, register } });
  }
}

/** A message as its receiver's core is told. */
export function heard({ epoch, counter, message }: Send, from: PeerId): Event {
  return { kind: 'message', from, epoch, counter, message };
}

function newLive(): Live {
  return {
    core: null,
    incarnation: 0,
    draws: 0,
    floor: { round: 0, token: 0 },
    epoch: null,
    registers: new Map(),
    remembered: new Map(),
    reader: new CoreReader(),
  };
}

function store(live: Live, change: Change, records: AcceptedRecord[]): void {
  if (change.kind === 'floor') live.floor = change.floor;
  else if (change.kind === 'epoch') storeEpoch(live, change.state, records);
  else if (change.kind === 'remember') live.remembered.set(change.peer, change.incarnation);
  else if (change.state === null) live.registers.delete(change.name);
  else {
    const before = live.registers.get(change.name)?.accepted ?? null;
    live.registers.set(change.name, change.state);
    const { accepted } = change.state;
    const isNew =
      accepted !== null && (before === null || !sameBallot(before.ballot, accepted.ballot));
    if (isNew && isVote(change)) records.push({ register: change.name, ...accepted });
  }
}

/** What was taken over from one that took part already counts as a vote, once this one does. */
function storeEpoch(live: Live, state: EpochState, records: AcceptedRecord[]): void {
  live.epoch = state;
  if (state.standing !== 'serving') return;
  for (const [register, { accepted }] of live.registers) {
    if (accepted?.ballot.epoch !== state.configuration.epoch) continue;
    records.push({ register, ...accepted });
  }
}
