/**
 * One peer alone, spoken to by hand: a test plays all the others, and reads what it says.
 *
 * What the peer says to itself is handed back at once, as a driver does. Peers are called `a`, `b`,
 * `c` … and the first three are the voters, unless told otherwise.
 */

import type { Command, Response } from '../../src/core/command.ts';
import { firstConfigurationOf } from '../../src/core/configuration.ts';
import type { Change, DurableState, Effect, Event } from '../../src/core/event.ts';
import type { Message } from '../../src/core/message.ts';
import { Peer } from '../../src/core/peer.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/settings.ts';
import type {
  Ballot,
  ClusterId,
  ConnectionId,
  Holder,
  LockName,
  LockRecord,
  PeerId,
  RegisterName,
  SessionId,
  SessionRecord,
} from '../../src/core/types.ts';

type Kind = Message['kind'];
/** A message of one kind, and whom it was for. */
export type Said<K extends Kind> = { readonly to: PeerId; readonly durable: boolean } & Extract<
  Message,
  { kind: K }
>;

export interface SoloOptions {
  readonly self?: string;
  readonly incarnation?: number;
  readonly voters?: readonly string[];
  readonly settings?: Partial<Settings>;
  readonly durable?: Partial<DurableState>;
  /** Peers with an open channel, each in its first life. */
  readonly meets?: readonly string[];
}

/** A peer, and everything that it did. */
export class Solo {
  readonly self: PeerId;
  readonly peer: Peer;
  readonly effects: Effect[] = [];
  now = 10_000;
  #loops = true;

  constructor(options: SoloOptions = {}) {
    const { self = 'a', incarnation = 1, voters = ['a', 'b', 'c'], settings = {} } = options;
    this.self = self as PeerId;
    this.peer = new Peer({
      self: this.self,
      incarnation,
      configuration: firstConfigurationOf(
        'c'.repeat(64) as ClusterId,
        voters as readonly PeerId[],
        voters.length,
      ),
      settings: { ...DEFAULT_SETTINGS, ...settings },
      durable: {
        registers: [],
        floor: { round: 0, token: 0 },
        epoch: null,
        remembered: [],
        ...options.durable,
      },
      random: () => 0,
      now: { home: this.now, voter: this.now },
    });
    for (const peer of options.meets ?? voters.filter((voter) => voter !== self)) this.meet(peer);
  }

  /** What it says to itself is not handed back from now on. */
  deafToItself(): void {
    this.#loops = false;
  }

  /** Hands it an event, and what it says to itself because of it. */
  step(event: Event): readonly Effect[] {
    const done: Effect[] = [];
    const events: Event[] = [event];
    for (let next = events.shift(); next !== undefined; next = events.shift()) {
      for (const effect of this.peer.step(next, { home: this.now, voter: this.now })) {
        done.push(effect);
        if (effect.kind !== 'send' || effect.to !== this.self || !this.#loops) continue;
        const { epoch, counter, message } = effect;
        events.push({ kind: 'message', from: this.self, epoch, counter, message });
      }
    }
    this.effects.push(...done);
    return done;
  }

  meet(peer: string, incarnation = 1): readonly Effect[] {
    return this.step({ kind: 'channel-opened', peer: peer as PeerId, incarnation });
  }

  part(peer: string): readonly Effect[] {
    return this.step({ kind: 'channel-closed', peer: peer as PeerId });
  }

  /** A message comes from another peer. */
  hear(from: string, message: Message, epoch = 1, counter = 1): readonly Effect[] {
    return this.step({ kind: 'message', from: from as PeerId, epoch, counter, message });
  }

  command(connection: number, command: Command): readonly Effect[] {
    return this.step({ kind: 'command', connection: connection as ConnectionId, command });
  }

  /** Time passes, with a tick whenever one is due, and a heartbeat's answer from each of `alive`. */
  wait(ms: number, alive: readonly string[] = []): void {
    const end = this.now + ms;
    while (this.now < end) {
      this.now = Math.min(end, Math.max(this.now, this.peer.deadline));
      const beats = said(this.step({ kind: 'tick' }), 'heartbeat');
      for (const { to, sequence } of beats) {
        if (alive.includes(to)) this.hear(to, { kind: 'alive', sequence });
      }
    }
  }

  /** Everything of one kind that it ever said. */
  said<K extends Kind>(kind: K): readonly Said<K>[] {
    return said(this.effects, kind);
  }

  get responses(): readonly Response[] {
    return this.effects.flatMap((effect) => (effect.kind === 'respond' ? [effect.response] : []));
  }
}

/** The messages of one kind among effects. */
export function said<K extends Kind>(effects: readonly Effect[], kind: K): readonly Said<K>[] {
  return effects.flatMap((effect) =>
    effect.kind === 'send' && effect.message.kind === kind
      ? [{ to: effect.to, durable: effect.durable, ...effect.message } as Said<K>]
      : [],
  );
}

/** The changes that effects make durable, in order. */
export function persisted(effects: readonly Effect[]): readonly Change[] {
  return effects.flatMap((effect) => (effect.kind === 'persist' ? effect.changes : []));
}

export function ballot(round: number, peer: string, incarnation = 1): Ballot {
  return { epoch: 1, round, peer: peer as PeerId, incarnation };
}

export function lockNamed(name: string): { lock: LockName; register: RegisterName } {
  return { lock: name as LockName, register: `L${name}` as RegisterName };
}

export function sessionNamed(id: string): { session: SessionId; register: RegisterName } {
  return { session: id as SessionId, register: `S${id}` as RegisterName };
}

/** A holder's claim: of that session, made at that home. */
export function holder(session: string, home: string, attachment = 1, counter = 1): Holder {
  const stamp = { counter, home: home as PeerId, incarnation: 1 };
  return { session: session as SessionId, attachment, stamp };
}

export function lockRecord(token: number, held: Holder | null = null): LockRecord {
  return { kind: 'lock', token, holder: held };
}

export function sessionRecord(home: string, changes: Partial<SessionRecord> = {}): SessionRecord {
  return {
    kind: 'session',
    home: home as PeerId,
    incarnation: 1,
    attachment: 1,
    timeoutMs: 5_000,
    state: 'live',
    ...changes,
  };
}
