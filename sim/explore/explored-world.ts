/**
 * A small world whose every step is a choice: what an exploration walks through.
 *
 * Owns which choices there are in a state and what each does. Time stands still between jumps.
 * During a jump channels that are empty carry what is said at once, in a fixed order, as a running
 * system's heartbeats do; channels in which something waits stay held up. No order of deliveries
 * inside a jump but this one is explored.
 */
import type { Response } from '../../src/core/command.ts';
import type { Event } from '../../src/core/event.ts';
import type { Violation } from '../checkers/verdict.ts';
import { Channels } from './channels.ts';
import { type Choice, describeOther, type Step } from './choice.ts';
import { CONNECTION, ExploredClient } from './explored-client.ts';
import { describeLetter, isLease } from './letter.ts';
import { heard, type Input, type LocalPeer, type LocalState } from './local-peer.ts';
import { LONG_JUMP_MS, type Scope, SHORT_JUMP_MS } from './scope.ts';
import { Watch } from './watch.ts';

/** Before anything is explored the peers meet (ms). */
const MEETING_MS = 50;
/** After the last choice everybody must get on within this (ms): several leases. */
const PROGRESS_MS = 40_000;

const TICK: Event = { kind: 'tick' };

/** What all states of one exploration share. */
export interface Ground {
  readonly scope: Scope;
  readonly peers: readonly LocalPeer[];
}

/** One state of the small world, changed by choices. */
export class ExploredWorld {
  readonly #ground: Ground;
  readonly #states: LocalState[];
  #clients: ExploredClient[];
  #channels: Channels;
  #watch: Watch;
  #left: { crashes: number; cuts: number; jumps: number; detours: number; changes: number };
  #nowMs = 0;

  /** Nobody has started. */
  constructor(ground: Ground) {
    const { scope, peers } = ground;
    this.#ground = ground;
    this.#states = peers.map(({ initial }) => initial);
    this.#watch = new Watch(scope);
    this.#channels = new Channels(scope.peers);
    const { crashes, cuts, jumps, detours, changes } = scope;
    this.#left = { crashes, cuts, jumps, detours, changes };
    this.#clients = Array.from(
      { length: scope.clients },
      (_, index) => new ExploredClient(index, scope.waits),
    );
  }

  /** Everybody starts and meets. */
  begin(): void {
    for (const peer of this.#states.keys()) {
      this.#give(peer, { kind: 'start' }, 'start');
      this.#connectTo(peer);
    }
    this.#pass(MEETING_MS);
  }

  /** Another world in the same state. */
  copy(): ExploredWorld {
    const copy = new ExploredWorld(this.#ground);
    copy.#states.splice(0, this.#states.length, ...this.#states);
    copy.#clients = this.#clients.map((client) => client.copy());
    copy.#channels = this.#channels.copy();
    copy.#watch = this.#watch.copy();
    copy.#left = { ...this.#left };
    copy.#nowMs = this.#nowMs;
    return copy;
  }

  get violation(): Violation | null {
    return this.#watch.violation;
  }

  /** The core threw. */
  failed(error: unknown): void {
    this.#watch.fail('assert', error instanceof Error ? (error.stack ?? error.message) : '');
  }

  /** Everything that decides what can follow; see `explore.ts` for why. */
  key(): string {
    return [
      this.#states.map(({ number }) => number).join(),
      this.#channels.state(),
      this.#clients.map((client) => client.state()).join(),
      this.#watch.state(),
      this.#nowMs,
      Object.values(this.#left).join(),
    ].join('|');
  }

  /** What can happen next, always in the same order. */
  choices(): Choice[] {
    const steps = this.#steps();
    const choices: Choice[] = this.#left.detours > 0 ? steps : steps.slice(0, 1);
    for (const [peer, { alive }] of this.#states.entries()) {
      if (!alive) choices.push({ kind: 'restart', peer });
      else if (this.#left.crashes > 0) {
        choices.push({ kind: 'crash', peer, kept: true }, { kind: 'crash', peer, kept: false });
      }
      if (this.#channels.isIsolated(peer)) choices.push({ kind: 'heal', peer });
      else if (this.#left.cuts > 0) choices.push({ kind: 'cut', peer });
    }
    if (this.#left.changes > 0 && this.#states[0]!.alive) choices.push({ kind: 'wish' });
    if (this.#left.jumps > 0) {
      choices.push({ kind: 'jump', ms: SHORT_JUMP_MS }, { kind: 'jump', ms: LONG_JUMP_MS });
    }
    return choices;
  }

  /** Nothing can happen but faults. */
  get quiet(): boolean {
    return this.#steps().length === 0;
  }

  /** What a choice leads to, with all that follows at once. */
  apply(choice: Choice): void {
    if ('isDetour' in choice && choice.isDetour) this.#left.detours--;
    this.#carryOut(choice);
    if (!this.#ground.scope.slowLeases) this.#settle();
  }

  #carryOut(choice: Choice): void {
    switch (choice.kind) {
      case 'deliver':
        this.#deliver(choice.from, choice.to);
        return;
      case 'tick':
        this.#handle(choice.peer, [TICK], 'tick');
        return;
      case 'ask':
        this.#ask(this.#clients[choice.client]!);
        return;
      case 'wish': {
        this.#left.changes--;
        const { change } = this.#ground.scope;
        this.#handle(0, [{ kind: 'reconfigure', request: 1, change }], 'wish');
        return;
      }
      case 'jump':
        this.#left.jumps--;
        this.#pass(choice.ms);
        return;
      default:
        this.#fault(choice);
    }
  }

  /** A choice in words; to be asked before it is applied. */
  describe(choice: Choice): string {
    const name = (peer: number) => this.#name(peer);
    if (choice.kind === 'deliver') {
      const letter = this.#channels.head(choice.from, choice.to);
      const what = letter === undefined ? '' : describeLetter(letter);
      return `${name(choice.from)} → ${name(choice.to)}: ${what}`;
    }
    if (choice.kind !== 'ask') return describeOther(choice, name);
    const client = this.#clients[choice.client]!;
    return `${client.name} ${client.phase === 'holds' ? 'unlocks' : 'locks'}`;
  }

  /** Faults end; then everybody whom somebody owes an answer must get it. */
  mustGetOn(): void {
    for (const [peer, { alive }] of this.#states.entries()) {
      if (!alive) this.#fault({ kind: 'restart', peer });
      if (this.#channels.isIsolated(peer)) this.#fault({ kind: 'heal', peer });
    }
    const endMs = this.#nowMs + PROGRESS_MS;
    while (this.#nowMs < endMs && this.violation === null) {
      for (const client of this.#clients) if (client.ready) this.#ask(client);
      if (!this.#clients.some(({ owed }) => owed)) return;
      this.#pass(SHORT_JUMP_MS);
    }
    const waiting = this.#clients.find(({ owed }) => owed);
    if (waiting !== undefined) {
      this.#watch.fail('live', `${waiting.name} got no answer after the faults had ended`);
    }
  }

  /** Deliveries, due ticks, and clients that go on. */
  #steps(): Step[] {
    const steps: Step[] = [];
    const isDetour = () => steps.length > 0;
    for (const from of this.#states.keys()) {
      for (const to of this.#states.keys()) {
        if (this.#channels.head(from, to)) {
          steps.push({ kind: 'deliver', from, to, isDetour: isDetour() });
        }
      }
      if (this.#states[from]!.deadline <= this.#nowMs) {
        steps.push({ kind: 'tick', peer: from, isDetour: isDetour() });
      }
    }
    for (const [client, { ready }] of this.#clients.entries()) {
      if (ready) steps.push({ kind: 'ask', client, isDetour: isDetour() });
    }
    return steps;
  }

  #name(peer: number): string {
    return this.#ground.peers[peer]!.id;
  }

  // What choices do

  #deliver(from: number, to: number): void {
    const isOpen = this.#channels.isOpen(to, from);
    const letter = this.#channels.take(from, to);
    const peer = this.#ground.peers[from]!.id;
    if (letter.kind === 'opened') {
      const { incarnation } = letter;
      this.#handle(to, [{ kind: 'channel-opened', peer, incarnation }], letter.name);
    } else if (letter.kind === 'closed') {
      if (isOpen) this.#handle(to, [{ kind: 'channel-closed', peer }], `closed ${peer}`);
    } else {
      const events = letter.sends.map((send) => heard(send, letter.from));
      this.#handle(to, events, letter.name);
    }
  }

  /** Events of one turn; the name stands for their content. */
  #handle(peer: number, events: readonly Event[], name: string): void {
    const waits = this.#channels.head(peer, peer) !== undefined;
    this.#give(peer, { kind: 'events', events, waits }, waits ? `${name} waits` : name);
  }

  #give(index: number, input: Input, name: string): void {
    const peer = this.#ground.peers[index]!;
    const { to, letters, stored, served, answers } = peer.step(
      this.#states[index]!,
      input,
      name,
      this.#nowMs,
    );
    this.#states[index] = to;
    for (const one of stored) this.#watch.stored(index, one);
    for (const holder of served) this.#watch.served(holder);
    for (const [other, letter] of letters) this.#channels.push(index, other, letter);
    for (const answer of answers) this.#tell(index, answer);
  }

  /** A client hears an answer; `null`: its connection ended. */
  #tell(index: number, answer: Response | null): void {
    const client = this.#clients.find(({ peer }) => peer === index);
    if (client === undefined) return;
    const { driftPermille } = this.#ground.scope.settings;
    if (answer === null) client.ended();
    else if (client.hears(answer, driftPermille)) {
      this.#watch.acquired(client, this.#clients, this.#nowMs);
    }
  }

  #ask(client: ExploredClient): void {
    const command = client.next(this.#nowMs, this.#watch.highest);
    const name = `${client.name} ${command.kind}`;
    this.#handle(client.peer, [{ kind: 'command', connection: CONNECTION, command }], name);
  }

  // Faults

  #fault(choice: Extract<Choice, { kind: 'crash' | 'restart' | 'cut' | 'heal' }>): void {
    const { peer } = choice;
    switch (choice.kind) {
      case 'crash':
        this.#left.crashes--;
        this.#give(peer, { kind: 'crash' }, 'crash');
        this.#channels.crash(peer, choice.kept);
        this.#clients.find((client) => client.peer === peer)?.disconnected();
        return;
      case 'restart':
        this.#give(peer, { kind: 'start' }, 'start');
        this.#connectTo(peer);
        return;
      case 'cut':
        this.#left.cuts--;
        this.#channels.isolate(peer);
        return;
      case 'heal':
        this.#channels.rejoin(peer);
        this.#connectTo(peer);
    }
  }

  #connectTo(peer: number): void {
    const { peers } = this.#ground;
    const hello = (index: number) => ({
      id: peers[index]!.id,
      incarnation: this.#states[index]!.incarnation,
    });
    for (const [other, { alive }] of this.#states.entries()) {
      if (other === peer || !alive || !this.#states[peer]!.alive) continue;
      this.#channels.connect(peer, other, hello(peer), hello(other));
    }
  }

  // Time

  /** Time passes: ticks come when they are due, and what is said arrives where nothing waits. */
  #pass(ms: number): void {
    const endMs = this.#nowMs + ms;
    const flowing = this.#flowing();
    this.#flow(flowing);
    for (;;) {
      const next = Math.min(...this.#states.map(({ deadline }) => deadline));
      this.#nowMs = Math.max(this.#nowMs, Math.min(next, endMs));
      if (next > endMs) return;
      for (const index of this.#states.keys()) {
        if (this.#states[index]!.deadline <= this.#nowMs) this.#handle(index, [TICK], 'tick');
      }
      this.#flow(flowing);
    }
  }

  /** The channels in which nothing waits, or only that a channel opened. */
  #flowing(): (readonly [from: number, to: number])[] {
    const pairs = [...this.#states.keys()].flatMap((from) =>
      [...this.#states.keys()].map((to) => [from, to] as const),
    );
    return pairs.filter(([from, to]) => {
      const head = this.#channels.head(from, to);
      return head === undefined || head.kind === 'opened';
    });
  }

  /** Hellos and heartbeats arrive where nothing waits before them. */
  #settle(): void {
    for (let moved = true; moved; ) {
      moved = false;
      for (const from of this.#states.keys()) {
        for (const to of this.#states.keys()) {
          const letter = this.#channels.head(from, to);
          if (letter === undefined || !isLease(letter)) continue;
          this.#deliver(from, to);
          moved = true;
        }
      }
    }
  }

  #flow(flowing: readonly (readonly [from: number, to: number])[]): void {
    for (let moved = true; moved; ) {
      moved = false;
      for (const [from, to] of flowing) {
        if (this.#channels.head(from, to) === undefined) continue;
        this.#deliver(from, to);
        moved = true;
      }
    }
  }
}
