/**
 * Changing the voters (rule 17): the next configuration is the value of one register, agreed on by
 * the voters of the present epoch.
 *
 *   wish ──makes sense──▶ preparing ──nothing accepted──▶ accepting ──chosen──▶ adopted ──▶ told
 *     ▲                        └──another's is──▶ accepting that ──chosen──▶ adopted ──┐
 *     └────────────────────────────────────────────────────────────────────────────────┘
 *
 * A register holds one configuration for ever: a wish that met another's is tried again in the next
 * epoch. A sealed voter finishes what it accepted, whoever began it. Owns the wishes made here.
 */
import { changed, isFulfilled, type MembershipChange, sameConfiguration } from './configuration.ts';
import type { Context } from './context.ts';
import type { Epochs } from './epochs.ts';
import type { MembershipOutcome } from './event.ts';
import type { Links } from './links.ts';
import { CONFIGURATION_REGISTER } from './names.ts';
import { quorumOf } from './quorum.ts';
import type { Read } from './read.ts';
import type { Voter } from './register.ts';
import type { Ballot, Configuration } from './types.ts';
import type { Write, WriteOwner, Writer } from './writer.ts';

/** What changes of the voters work with. */
export interface MembershipParts {
  readonly context: Context;
  readonly links: Links;
  readonly voter: Voter;
  readonly writer: Writer;
  readonly epochs: Epochs;
}

interface Wish {
  readonly change: MembershipChange;
  readonly answer: (outcome: MembershipOutcome) => void;
  /** What it was last proposed as. */
  proposed: Configuration | null;
}

/** Wishes that wait for one another. */
const WISHES_MAX = 64;

/** The wishes of this peer to change the voters. */
export class Membership implements WriteOwner {
  readonly #parts: MembershipParts;
  readonly #wishes: Wish[] = [];
  #write: Write | null = null;
  #retrying = false;
  #attempts = 0;
  /** For how many looks this voter has been sealed. */
  #sealedLooks = 0;
  /** Chosen: told of once a quorum of the new voters takes part. */
  #settling: { readonly wish: Wish; readonly configuration: Configuration } | null = null;

  constructor(parts: MembershipParts) {
    this.#parts = parts;
    this.#look();
  }

  /** Whether nothing is under way here. */
  get isIdle(): boolean {
    return this.#wishes.length === 0 && this.#write === null && !this.#retrying;
  }

  /** Asks the voters for a change; answered once, in bounded time. */
  wish(change: MembershipChange, answer: (outcome: MembershipOutcome) => void): void {
    if (this.#wishes.length >= WISHES_MAX) {
      answer({ kind: 'refused', reason: `${WISHES_MAX} changes wait already` });
      return;
    }
    const wish: Wish = { change, answer, proposed: null };
    this.#wishes.push(wish);
    const { context } = this.#parts;
    context.after(context.settings.membershipMs, () => this.#giveUp(wish));
    if (this.#wishes.length === 1) this.#pursue();
  }

  #giveUp(wish: Wish): void {
    const { context, links } = this.#parts;
    if (!this.#wishes.includes(wish)) return;
    const { quorum: needed } = context;
    if (this.#settling?.wish === wish) {
      this.#answer(wish, { kind: 'chosen', configuration: this.#settling.configuration });
    } else this.#answer(wish, { kind: 'indeterminate', reached: links.votersReached(), needed });
  }

  /** It makes no sense; what was proposed may have been agreed on in an epoch missed here. */
  #refuse(wish: Wish, reason: string): void {
    const { context, links } = this.#parts;
    const { configuration, quorum: needed } = context;
    if (wish.proposed === null) this.#answer(wish, { kind: 'refused', reason });
    else if (isFulfilled(wish.change, configuration)) this.#settle(wish);
    else this.#answer(wish, { kind: 'indeterminate', reached: links.votersReached(), needed });
  }

  #answer(wish: Wish, outcome: MembershipOutcome): void {
    this.#wishes.splice(this.#wishes.indexOf(wish), 1);
    if (this.#settling?.wish === wish) this.#settling = null;
    wish.answer(outcome);
    this.#pursue();
  }

  /** Proposes what is wished for first, on top of the present configuration. */
  #pursue(): void {
    const { context } = this.#parts;
    const wish = this.#wishes[0];
    if (wish === undefined || this.#settling !== null) return;
    if (this.#write !== null || this.#retrying) return;
    const next = changed(context.configuration, wish.change);
    if (typeof next === 'string') this.#refuse(wish, next);
    else if (next === context.configuration) this.#settle(wish);
    else {
      const reason = this.#objection(next);
      if (reason !== null) this.#refuse(wish, reason);
      else this.#propose(wish, next);
    }
  }

  /** Why that configuration would stand still at once; `null`: it would not. */
  #objection(next: Configuration): string | null {
    const { context, links } = this.#parts;
    const fresh = next.voters.filter((voter) => context.voterIndex(voter) < 0);
    const absent = fresh.find((voter) => !links.hears(voter));
    if (absent !== undefined) return `${absent} is not connected to this peer`;
    const heard = next.voters.filter((voter) => links.hears(voter)).length;
    const needed = quorumOf(next.voters.length);
    if (heard >= needed) return null;
    return (
      `of the ${next.voters.length} voters that there would be this peer is connected to ${heard}, ` +
      `and ${needed} are needed: nothing could be locked`
    );
  }

  #propose(wish: Wish, next: Configuration): void {
    wish.proposed = next;
    this.#write = this.#parts.writer.prepare(CONFIGURATION_REGISTER, this);
  }

  onRead(write: Write, { record }: Read): void {
    if (write !== this.#write) return;
    const accepted = record?.kind === 'configuration' ? record.configuration : null;
    const configuration =
      accepted ?? this.#wishes[0]?.proposed ?? this.#parts.voter.sealedFor ?? null;
    const follows = configuration?.epoch === this.#parts.context.configuration.epoch + 1;
    if (configuration === null || !follows) {
      // Whoever wished for it was answered meanwhile: it is the next one's turn.
      this.#stop(write);
      this.#pursue();
    } else this.#parts.writer.accept(write, { kind: 'configuration', configuration });
  }

  #stop(write: Write): void {
    this.#parts.writer.drop(write);
    this.#write = null;
  }

  onChosen(write: Write): void {
    if (write !== this.#write || write.record?.kind !== 'configuration') return;
    this.#write = null;
    this.#attempts = 0;
    this.#parts.epochs.adopt(write.record.configuration);
  }

  onRefused(write: Write, _promised: Ballot): void {
    if (write !== this.#write) return;
    const { context } = this.#parts;
    this.#stop(write);
    this.#attempts = Math.min(this.#attempts + 1, 3);
    this.#retrying = true;
    context.after(context.jittered(context.settings.backoffMs << this.#attempts), () => {
      this.#retrying = false;
      this.#goOn();
    });
  }

  #goOn(): void {
    if (this.#parts.voter.sealedFor !== null) this.#finish();
    else this.#pursue();
  }

  /** What this voter accepted is brought to an end, should whoever began it be gone. */
  #finish(): void {
    if (this.#write !== null || this.#retrying) return;
    this.#write = this.#parts.writer.prepare(CONFIGURATION_REGISTER, this);
  }

  /** Another epoch: the first wish is fulfilled, or tried again. */
  epochBegun(): void {
    this.#write = null;
    const wish = this.#wishes[0];
    const { configuration } = this.#parts.context;
    if (wish === undefined || this.#settling !== null) return;
    if (wish.proposed !== null && sameConfiguration(wish.proposed, configuration))
      this.#settle(wish);
    else this.#parts.context.after(0, () => this.#pursue());
  }

  #settle(wish: Wish): void {
    const { configuration } = this.#parts.context;
    this.#settling = { wish, configuration };
    this.#tellSettled();
  }

  /** Told at the next look: whoever asked is not answered before the question was taken in. */
  #tellSettled(): void {
    const { links, context } = this.#parts;
    if (this.#settling === null || links.votersReached() < context.quorum) return;
    const { wish, configuration } = this.#settling;
    this.#answer(wish, { kind: 'changed', configuration });
  }

  #look(): void {
    const { context, voter } = this.#parts;
    // In step with the heartbeats: no waking of its own.
    context.after(context.settings.heartbeatMs, () => this.#look());
    this.#tellSettled();
    this.#sealedLooks = voter.sealedFor === null ? 0 : this.#sealedLooks + 1;
    // One voter after the other, so that they do not outrun one another.
    const patience = 2 + Math.max(0, context.voterIndex(context.self));
    if (this.#sealedLooks >= patience) {
      this.#sealedLooks = 0;
      this.#finish();
    }
  }
}
