/**
 * The inner parts of one peer without a vote, put together by hand: for tests of a single module.
 */
import { firstConfigurationOf } from '../../src/core/configuration.ts';
import { Context } from '../../src/core/context.ts';
import type { Effect } from '../../src/core/event.ts';
import { Expiry } from '../../src/core/expiry.ts';
import { Keeper } from '../../src/core/keeper.ts';
import { Lease } from '../../src/core/lease.ts';
import { Links } from '../../src/core/links.ts';
import { Voter } from '../../src/core/register.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/settings.ts';
import type { ClusterId, PeerId, SessionId } from '../../src/core/types.ts';
import { Writer } from '../../src/core/writer.ts';

/** The voters of every such peer. */
export const VOTERS = ['x', 'y', 'z'] as readonly string[] as readonly PeerId[];

/** One peer, `h`, with a channel to each voter. */
export class Parts {
  readonly context: Context;
  readonly links: Links;
  readonly lease: Lease;
  readonly voter: Voter;
  readonly writer: Writer;
  readonly expiry: Expiry;
  readonly keeper: Keeper;
  /** Sessions that this home says it has. */
  readonly sessions = new Set<SessionId>();

  constructor(settings: Partial<Settings> = {}) {
    this.context = new Context({
      self: 'h' as PeerId,
      incarnation: 1,
      settings: { ...DEFAULT_SETTINGS, ...settings },
      random: () => 0,
      configuration: firstConfigurationOf('c'.repeat(64) as ClusterId, VOTERS, VOTERS.length),
      now: { home: 10_000, voter: 10_000 },
    });
    this.links = new Links(this.context);
    this.lease = new Lease(this.context);
    const standing = 'serving' as const;
    const floor = { round: 0, token: 0 };
    const durable = { registers: [], floor, epoch: null, remembered: [], standing };
    this.voter = new Voter(this.context, this.links, this.lease, durable);
    this.writer = new Writer(this.context, this.links, this.voter);
    this.expiry = new Expiry(this.context, this.links, this.writer, this.sessions);
    this.keeper = new Keeper(this.context, this.links, this.voter, this.writer, this.expiry);
    for (const voter of VOTERS) this.links.opened(voter, 1);
    this.context.takeEffects();
  }

  /** What was done since this was asked last. */
  take(): readonly Effect[] {
    return this.context.takeEffects();
  }

  /** Time passes. */
  wait(ms: number): void {
    const at = this.context.now.home + ms;
    while (this.context.agenda.next <= at) {
      const home = Math.max(this.context.now.home, this.context.agenda.next);
      this.context.now = { home, voter: home };
      this.context.agenda.runDue(home);
    }
    this.context.now = { home: at, voter: at };
  }
}
