/**
 * `status`: who is there, who votes, who is reachable, and how many more losses are survivable.
 */
import type { PeerStatus } from '../core/command.ts';
import { assert } from '../core/invariant.ts';
import { quorumOf } from '../core/quorum.ts';
import type { AdminPeer } from './admin-peer.ts';
import { diagnose, type Problem } from './diagnosis.ts';

/** One peer, as seen from the one that is asked. */
export interface PeerRow {
  readonly id: string;
  readonly voter: boolean;
  readonly self: boolean;
  readonly reachable: boolean;
  /** `null`: not since the peer that is asked started. */
  readonly heardMs: number | null;
  readonly addresses: readonly string[];
  /** What it last announced of itself; `null`: nothing that this peer knows of. */
  readonly word: PeerWord | null;
}

/** How a peer is, by its own word. */
export interface PeerWord {
  /** The version of elock that it runs. */
  readonly software: string;
  /** Where clients reach it; `null`: on its own machine only. */
  readonly text: string | null;
  readonly quorum: boolean;
  readonly disk: 'ok' | 'low';
}

/** How the secret of a cluster stands. */
export interface SecretStatus {
  readonly generation: number;
  /** Until when the ones before open the door, too; `null`: they do not. */
  readonly oldUntil: string | null;
  /** Known members that are not known to have the newest. */
  readonly missing: readonly string[];
  /** Whether others turn this peer away: its own secret is not that of the cluster any more. */
  readonly outsider: boolean;
}

/** What `elock status` shows of a peer that belongs to a cluster. */
export interface StatusReport {
  readonly state: 'running';
  readonly cluster: string;
  readonly name: string;
  readonly epoch: number;
  /** Whether this peer was removed from the cluster. */
  readonly removed: boolean;
  readonly voters: number;
  readonly wanted: number;
  readonly reachableVoters: number;
  readonly quorum: number;
  /** Voters that may still be lost, one after the other, until there is no quorum any more. */
  readonly survivableLosses: number;
  readonly peers: readonly PeerRow[];
  /** `null`: the cluster has no secret. Instants are wall time, in ISO 8601. */
  readonly secret: SecretStatus | null;
  readonly problems: readonly Problem[];
}

/** Looks at the cluster from this peer. */
export async function status(peer: AdminPeer): Promise<StatusReport> {
  const { cluster } = peer;
  const response = await peer.ask({ kind: 'peers' });
  assert(response.kind === 'peers', 'the core answers `peers` with peers');
  const rows = everyPeer(peer, response.peers).map((each) => rowOf(peer, each));
  const voters = rows.filter((row) => row.voter);
  const reachableVoters = voters.filter((row) => row.reachable).length;
  const quorum = quorumOf(voters.length);
  const { wanted, removed } = peer.configuration();
  const report = {
    state: 'running',
    cluster: cluster.id,
    name: cluster.name,
    epoch: response.epoch,
    removed: peer.isShutOut() || removed.includes(peer.self),
    voters: voters.length,
    wanted,
    reachableVoters,
    quorum,
    survivableLosses: Math.max(0, reachableVoters - quorum),
    peers: rows,
    secret: secretOf(peer),
  } as const;
  return { ...report, problems: diagnose(report) };
}

/** Those that the core knows, and those that it has not met, but others have. */
function everyPeer({ transport }: AdminPeer, met: readonly PeerStatus[]): readonly PeerStatus[] {
  const known = new Set(met.map((each) => each.peer));
  const unmet = transport.view.peers().filter(({ peer }) => !known.has(peer));
  const away = { voter: false, self: false, reachable: false, lastHeardMs: null };
  return [...met, ...unmet.map(({ peer }) => ({ peer, ...away }))];
}

function rowOf({ self, transport }: AdminPeer, each: PeerStatus): PeerRow {
  const { peer: id, voter, reachable, lastHeardMs: heardMs } = each;
  const addresses = id === self ? transport.addresses() : transport.addressesOf(id);
  const sight = transport.view.peer(id);
  const word =
    sight === null
      ? null
      : {
          software: sight.software,
          text: sight.text,
          quorum: sight.health.quorum,
          disk: sight.health.disk,
        };
  return { id, voter, self: each.self, reachable, heardMs, addresses, word };
}

/** @returns `null` when the cluster has none */
export function secretOf({ keyring, transport }: AdminPeer): SecretStatus | null {
  const { secrets, isOutsider } = transport;
  if (keyring === null || secrets === null) return null;
  const { retiresAt, newest } = keyring;
  return {
    generation: newest.generation,
    oldUntil: retiresAt === null ? null : new Date(retiresAt).toISOString(),
    missing: secrets.missing,
    outsider: isOutsider,
  };
}
