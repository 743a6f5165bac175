/**
 * Configurations and their pure changes (rules 17 and 20).
 *
 * Owns what a change means, and which changes make no sense. Whether one is wise at this moment,
 * and how it is agreed on, is for `membership.ts`.
 */
import type { ClusterId, Configuration, PeerId, Standing } from './types.ts';

/** A change of the voters, as it is asked for. */
export type MembershipChange =
  /** Makes them voters, besides those that are. */
  | { readonly kind: 'add'; readonly peers: readonly PeerId[] }
  /** They vote no more, and serve clients still. */
  | { readonly kind: 'remove'; readonly peers: readonly PeerId[] }
  /** One change, so that there is never one voter less; `rests`: it is not to vote again by itself. */
  | {
      readonly kind: 'replace';
      readonly peer: PeerId;
      readonly by: PeerId;
      readonly rests: boolean;
    }
  /** Exactly these vote. */
  | { readonly kind: 'set'; readonly voters: readonly PeerId[] }
  /** How many voters there should be. */
  | { readonly kind: 'want'; readonly voters: number }
  /** Shuts a peer out of the cluster, for good. */
  | { readonly kind: 'expel'; readonly peer: PeerId };

/** Voters of a cluster: one bit of a mask each. */
export const VOTERS_MAX = 31;
/** Peers that rest, or are shut out, that are remembered. */
export const LISTED_MAX = 256;

/** The configuration that a cluster begins with (rule 20). */
export function firstConfigurationOf(
  cluster: ClusterId,
  voters: readonly PeerId[],
  wanted: number,
): Configuration {
  return {
    cluster,
    epoch: 1,
    voters: inOrder(voters),
    before: [],
    wanted,
    resting: [],
    removed: [],
  };
}

/**
 * The configuration after a change; the same one when there is nothing to change.
 *
 * @returns a sentence that says why not, when the change makes no sense
 */
export function changed(present: Configuration, change: MembershipChange): Configuration | string {
  switch (change.kind) {
    case 'add':
      return withVoters(present, [...present.voters, ...change.peers], []);
    case 'remove':
      return without(present, change.peers);
    case 'replace':
      return replaced(present, change);
    case 'set':
      return withVoters(
        present,
        change.voters,
        present.voters.filter((voter) => !change.voters.includes(voter)),
      );
    case 'want':
      return wanting(present, change.voters);
    case 'expel':
      return expelled(present, change.peer);
  }
}

function wanting(present: Configuration, wanted: number): Configuration | string {
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > VOTERS_MAX) {
    return `the number of voters is 1 to ${VOTERS_MAX}, not ${wanted}`;
  }
  return next(present, { wanted });
}

function without(present: Configuration, peers: readonly PeerId[]): Configuration | string {
  const stranger = peers.find((peer) => !present.voters.includes(peer));
  if (stranger !== undefined) return `${stranger} is no voter`;
  return withVoters(
    present,
    present.voters.filter((voter) => !peers.includes(voter)),
    peers,
  );
}

function replaced(
  present: Configuration,
  { peer, by, rests }: Extract<MembershipChange, { kind: 'replace' }>,
): Configuration | string {
  if (!present.voters.includes(peer)) return `${peer} is no voter`;
  if (present.voters.includes(by)) return `${by} is a voter already`;
  const others = present.voters.filter((voter) => voter !== peer);
  return withVoters(present, [...others, by], rests ? [peer] : []);
}

function expelled(present: Configuration, peer: PeerId): Configuration | string {
  const voters = present.voters.filter((voter) => voter !== peer);
  const removed = inOrder([...present.removed, peer]);
  if (voters.length === 0) return `${peer} is the only voter`;
  if (removed.length > LISTED_MAX) return `${LISTED_MAX} peers are shut out already`;
  const resting = present.resting.filter((each) => each !== peer);
  return next(present, { voters, removed, resting });
}

/** Voters chosen by hand rest no more; those taken out by hand do. */
function withVoters(
  present: Configuration,
  wished: readonly PeerId[],
  demoted: readonly PeerId[],
): Configuration | string {
  const voters = inOrder(wished);
  const shutOut = voters.find((voter) => present.removed.includes(voter));
  if (voters.length === 0) return 'a cluster has at least one voter';
  if (voters.length > VOTERS_MAX) return `a cluster has at most ${VOTERS_MAX} voters`;
  if (shutOut !== undefined) return `${shutOut} was shut out of this cluster`;
  const resting = inOrder([...present.resting, ...demoted]).filter(
    (peer) => !voters.includes(peer),
  );
  return next(present, { voters, resting: resting.slice(-LISTED_MAX) });
}

/**
 * Whose channels are refused: of peers that were shut out, but for those whose registers this voter
 * has yet to merge (rule 18).
 */
export function refusedBy(
  { voters, before, removed }: Configuration,
  { self, standing }: { readonly self: PeerId; readonly standing: Standing },
): readonly PeerId[] {
  const merges = voters.includes(self) && standing !== 'serving';
  return merges ? removed.filter((peer) => !before.includes(peer)) : removed;
}

/** Whether a configuration is as a change would have it. */
export function isFulfilled(change: MembershipChange, configuration: Configuration): boolean {
  const { voters } = configuration;
  if (change.kind === 'remove') return !change.peers.some((peer) => voters.includes(peer));
  if (change.kind === 'replace') return !voters.includes(change.peer) && voters.includes(change.by);
  return changed(configuration, change) === configuration;
}

/** Whether both say the same. */
export function sameConfiguration(a: Configuration, b: Configuration): boolean {
  const lists = ['voters', 'before', 'resting', 'removed'] as const;
  if (a.epoch !== b.epoch || a.wanted !== b.wanted) return false;
  return lists.every((list) => sameList(a[list], b[list]));
}

function next(
  present: Configuration,
  change: Partial<Pick<Configuration, 'voters' | 'wanted' | 'resting' | 'removed'>>,
): Configuration {
  const after = { ...present, ...change };
  const same = (['voters', 'resting', 'removed'] as const).every((list) =>
    sameList(present[list], after[list]),
  );
  if (same && present.wanted === after.wanted) return present;
  return { ...after, epoch: present.epoch + 1, before: present.voters };
}

function sameList(a: readonly PeerId[], b: readonly PeerId[]): boolean {
  return a.length === b.length && a.every((peer, index) => peer === b[index]);
}

/** Distinct, by code unit: the same on every machine. */
function inOrder(peers: readonly PeerId[]): readonly PeerId[] {
  return [...new Set(peers)].sort();
}
