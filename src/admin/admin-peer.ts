/**
 * What administrative commands see of the running peer, and may do with it.
 */
import type { Keyring } from '../adapters/keyring.ts';
import type { Libp2pTransport } from '../adapters/libp2p-transport.ts';
import type { Command, Response } from '../core/command.ts';
import type { MembershipChange } from '../core/configuration.ts';
import type { MembershipOutcome } from '../core/event.ts';
import type { ClusterId, Configuration, PeerId } from '../core/types.ts';

/** A peer that belongs to a cluster and knows it. */
export interface AdminPeer {
  readonly self: PeerId;
  readonly cluster: { readonly id: ClusterId; readonly name: string };
  readonly configuration: () => Configuration;
  /** Whether a voter says that this peer was removed. */
  readonly isShutOut: () => boolean;
  /** `null`: the cluster has no secret. */
  readonly keyring: Keyring | null;
  readonly transport: Pick<
    Libp2pTransport,
    'addresses' | 'addressesOf' | 'secrets' | 'isOutsider' | 'view'
  >;
  /** Has the voters agree on a change; answered in bounded time. */
  readonly reconfigure: (change: MembershipChange) => Promise<MembershipOutcome>;
  /** Asks the core what a client may ask. */
  readonly ask: (command: Command) => Promise<Response>;
}

/** What was given with a command, by name; checked by the command. */
export type AdminArguments = Readonly<Record<string, unknown>>;

/** One command: its result goes out as JSON. Throws `ElockError` for what the asker is to know. */
export type AdminCommand = (peer: AdminPeer, given: AdminArguments) => Promise<unknown>;
