/**
 * Looks after registers that nobody has touched for long: forgets what may be forgotten (rule 7),
 * and frees what silent homes left behind (rule 14), a bounded number of registers at a time.
 *
 * One peer acts for each register: its owner, or, where that is gone, the first voter that is
 * heard, or, where that does nothing for long, whoever has it. Never forgets anything itself:
 * voters do, and only what every voter holds or has so forgotten.
 */
import type { Claims } from './claims.ts';
import type { Context } from './context.ts';
import type { RegisterState } from './event.ts';
import type { Keeper } from './keeper.ts';
import type { Links } from './links.ts';
import { lockOf, sessionOf, sessionRegister } from './names.ts';
import type { Voter } from './register.ts';
import type { Remains } from './remains.ts';
import type {
  Ballot,
  Holder,
  Incarnation,
  Instant,
  LockName,
  LockRecord,
  PeerId,
  RegisterName,
  RegisterRecord,
  SessionId,
  SessionRecord,
} from './types.ts';

/** Between two rounds of looking. */
const ROUND_MS = 250;
/** Registers looked at in one round. */
const LOOKED_AT = 200;
/** Registers acted on in one round: each costs a write or two. */
const ACTED_ON = 25;

/** Times `forgetMs` after which a voter acts in place of an owner that does not. */
const ABANDONED = 4;

/** What the janitor works with. */
export interface JanitorParts {
  readonly context: Context;
  readonly links: Links;
  readonly voter: Voter;
  readonly keeper: Keeper;
  readonly claims: Claims;
  readonly remains: Remains;
}

/** The background work of a peer, while it is a voter. */
export class Janitor {
  readonly #parts: JanitorParts;
  #cursor: Iterator<readonly [RegisterName, RegisterState & { readonly touchedAt: number }]>;

  constructor(parts: JanitorParts) {
    this.#parts = parts;
    this.#cursor = parts.voter.all[Symbol.iterator]();
    this.#schedule();
  }

  #schedule(): void {
    this.#parts.context.after(ROUND_MS, () => {
      this.#look();
      this.#schedule();
    });
  }

  #look(): void {
    const { context, links, voter, keeper, claims } = this.#parts;
    keeper.letGo(LOOKED_AT, (stamp) => claims.find(stamp) !== null);
    if (!voter.isServing || !links.reachesQuorum()) return;
    const idleSince = context.instant - context.settings.forgetMs;
    let acted = 0;
    for (let looked = 0; looked < LOOKED_AT && acted < ACTED_ON; looked++) {
      const next = this.#cursor.next();
      if (next.done === true) {
        this.#cursor = voter.all[Symbol.iterator]();
        return;
      }
      const [name, register] = next.value;
      if (register.touchedAt > idleSince) continue;
      if (!this.#isMine(register.promised) && !this.#isAbandoned(register.touchedAt)) continue;
      this.#act(name, register.accepted?.record ?? null);
      acted += 1;
    }
  }

  /** The owner acts, if it is a voter that lives; else the first voter that is heard. */
  #isMine({ peer, incarnation }: Ballot): boolean {
    const { context, links } = this.#parts;
    if (peer === context.self) return true;
    if (context.voterIndex(peer) >= 0 && this.#lives(peer, incarnation)) return false;
    return context.voters.find((voter) => links.hears(voter)) === context.self;
  }

  /** Whoever should act does not, though all voters are there: it may have forgotten it itself. */
  #isAbandoned(touchedAt: Instant): boolean {
    const { context, links } = this.#parts;
    // One voter after the other, so that they do not outrun one another.
    const patience = (ABANDONED + context.voterIndex(context.self)) * context.settings.forgetMs;
    const abandoned = touchedAt <= context.instant - patience;
    return abandoned && context.voters.every((voter) => links.hears(voter));
  }

  #lives(peer: PeerId, incarnation: Incarnation): boolean {
    const { links } = this.#parts;
    return links.hears(peer) && links.incarnationOf(peer) === incarnation;
  }

  #act(name: RegisterName, record: RegisterRecord | null): void {
    const lock = lockOf(name);
    const session = sessionOf(name);
    if (lock !== null) this.#actOnLock(name, lock, record as LockRecord | null);
    else if (session !== null) this.#actOnSession(name, session, record as SessionRecord | null);
  }

  #actOnLock(register: RegisterName, name: LockName, record: LockRecord | null): void {
    const { keeper } = this.#parts;
    const holder = record?.holder ?? null;
    if (holder !== null && this.#isVouchedFor(holder)) return;
    const kept = keeper.kept(name);
    if (kept === null) {
      keeper.takeOn(name);
      return;
    }
    const ballot = kept.forgettable;
    if (ballot === null) kept.refresh();
    else {
      this.#forget(register, ballot);
      keeper.forget(name);
    }
  }

  /** Its home is heard, and lets go of it: but of a session that is over it may know nothing. */
  #isVouchedFor({ session, stamp }: Holder): boolean {
    const record = this.#parts.voter.peek(sessionRegister(session))?.accepted?.record;
    const isOver = record?.kind === 'session' && record.state === 'expired';
    return !isOver && this.#lives(stamp.home, stamp.incarnation);
  }

  #actOnSession(register: RegisterName, session: SessionId, record: SessionRecord | null): void {
    const { voter, remains } = this.#parts;
    voter.putOff(register);
    if (record?.state === 'live') remains.look(session, record);
    else if (!voter.namesSession(session)) remains.settle(session);
  }

  #forget(register: RegisterName, ballot: Ballot): void {
    const { context } = this.#parts;
    for (const to of context.voters) context.send(to, { kind: 'forget', register, ballot });
  }
}
