/**
 * `voters` and its changes, `remove` and `leave`: who votes, agreed by those who vote now.
 *
 * Owns how peers are named, and what is said of an outcome. What makes sense is for the core to
 * say.
 */
import { parsePeerId } from '../adapters/peer-address.ts';
import type { PeerStatus } from '../core/command.ts';
import type { MembershipChange } from '../core/configuration.ts';
import { assert } from '../core/invariant.ts';
import { quorumOf } from '../core/quorum.ts';
import type { Configuration, PeerId } from '../core/types.ts';
import { ElockError } from '../errors.ts';
import type { AdminArguments, AdminPeer } from './admin-peer.ts';

/** Who votes. */
export interface VotersResult {
  readonly epoch: number;
  readonly quorum: number;
  readonly wanted: number;
  readonly voters: readonly string[];
  /** They serve clients, and vote again only when told to. */
  readonly resting: readonly string[];
  readonly removed: readonly string[];
  /** Whether a quorum of the voters takes part in this epoch already. */
  readonly settled: boolean;
}

/** Shows who votes. */
export async function voters(peer: AdminPeer): Promise<VotersResult> {
  return resultOf(peer.configuration(), true);
}

/** Makes peers voters. */
export async function addVoters(peer: AdminPeer, given: AdminArguments): Promise<VotersResult> {
  return change(peer, { kind: 'add', peers: await namedPeers(peer, given) });
}

/** Takes the vote from peers; they serve clients still. */
export async function removeVoters(peer: AdminPeer, given: AdminArguments): Promise<VotersResult> {
  return change(peer, { kind: 'remove', peers: await namedPeers(peer, given) });
}

/** Lets another vote in place of a peer: one that is named, or a spare that is reached. */
export async function replaceVoter(peer: AdminPeer, given: AdminArguments): Promise<VotersResult> {
  const known = await knownPeers(peer);
  const [old, by] = wordsOf(given).map((word) => resolve(word, known));
  if (old === undefined) throw new ElockError('usage', 'expected the peer to replace');
  const successor = by ?? spareOf(peer, known, old);
  return change(peer, { kind: 'replace', peer: old, by: successor, rests: true });
}

/** Exactly these vote. */
export async function setVoters(peer: AdminPeer, given: AdminArguments): Promise<VotersResult> {
  return change(peer, { kind: 'set', voters: await namedPeers(peer, given) });
}

/** How many voters there should be. */
export async function wantVoters(peer: AdminPeer, given: AdminArguments): Promise<VotersResult> {
  return change(peer, { kind: 'want', voters: Number(wordsOf(given)[0]) });
}

/**
 * Shuts a peer out for good. A voter first loses its vote, and helps to carry its registers over:
 * without it there may be no quorum that could.
 */
export async function removePeer(peer: AdminPeer, given: AdminArguments): Promise<VotersResult> {
  const [expelled, ...more] = await namedPeers(peer, given);
  if (expelled === undefined || more.length > 0) {
    throw new ElockError('usage', 'expected one peer');
  }
  if (expelled === peer.self) {
    const message = 'a peer does not shut itself out: elock leave, or ask another peer';
    throw new ElockError('changeRefused', message);
  }
  if (peer.configuration().voters.includes(expelled)) {
    const { settled } = await change(peer, { kind: 'remove', peers: [expelled] });
    if (!settled) {
      const message =
        `${expelled} votes no more, but the new voters do not take part yet: it is not shut out. ` +
        'Try again when elock status shows a quorum';
      throw new ElockError('unavailable', message);
    }
  }
  return change(peer, { kind: 'expel', peer: expelled });
}

/** This peer votes no more: a spare does in its place, if one is reached. */
export async function leave(peer: AdminPeer): Promise<VotersResult> {
  const { self } = peer;
  const { voters: present } = peer.configuration();
  if (!present.includes(self)) return voters(peer);
  const by = findSpare(peer, await knownPeers(peer), self);
  if (by !== null) return change(peer, { kind: 'replace', peer: self, by, rests: true });
  return change(peer, { kind: 'remove', peers: [self] });
}

async function change(peer: AdminPeer, wished: MembershipChange): Promise<VotersResult> {
  const outcome = await peer.reconfigure(wished);
  switch (outcome.kind) {
    case 'changed':
      return resultOf(outcome.configuration, true);
    case 'chosen':
      return resultOf(outcome.configuration, false);
    case 'refused':
      throw new ElockError('changeRefused', `the voters are not changed: ${outcome.reason}`);
    case 'indeterminate': {
      const { reached, needed } = outcome;
      const message =
        `not agreed in time: ${reached} voters were reached, and ${needed} are needed. The change ` +
        'may be made yet: look at elock voters before you ask again';
      throw new ElockError('unavailable', message);
    }
  }
}

function resultOf(configuration: Configuration, settled: boolean): VotersResult {
  const { epoch, wanted, voters: present, resting, removed } = configuration;
  const quorum = quorumOf(present.length);
  return { epoch, quorum, wanted, voters: present, resting, removed, settled };
}

// Which peers are meant

async function knownPeers(peer: AdminPeer): Promise<readonly PeerStatus[]> {
  const response = await peer.ask({ kind: 'peers' });
  assert(response.kind === 'peers', 'the core answers `peers` with peers');
  return response.peers;
}

async function namedPeers(peer: AdminPeer, given: AdminArguments): Promise<readonly PeerId[]> {
  const known = await knownPeers(peer);
  const named = wordsOf(given).map((word) => resolve(word, known));
  if (named.length === 0) throw new ElockError('usage', 'expected at least one peer');
  return named;
}

function wordsOf({ words }: AdminArguments): readonly string[] {
  if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  throw new ElockError('usage', 'expected words');
}

/** A whole id, or the end of one that no other known peer's id has. */
function resolve(word: string, known: readonly PeerStatus[]): PeerId {
  const matches = known.filter(({ peer }) => peer.endsWith(word)).map(({ peer }) => peer);
  const [match, ...others] = matches;
  if (match !== undefined && others.length === 0 && word !== '') return match;
  const whole = parsePeerId(word);
  if (whole !== null) return whole;
  const message =
    match === undefined
      ? `no peer is known whose id ends with '${word}': see elock status`
      : `the ids of ${matches.length} peers end with '${word}': write more of it`;
  throw new ElockError('usage', message);
}

function spareOf(peer: AdminPeer, known: readonly PeerStatus[], old: PeerId): PeerId {
  const spare = findSpare(peer, known, old);
  if (spare !== null) return spare;
  const message =
    'there is no spare: every peer that is reached votes already, or rests. Bring in another ' +
    'machine by elock invite, or take the vote away by elock voters remove';
  throw new ElockError('changeRefused', message);
}

function findSpare(peer: AdminPeer, known: readonly PeerStatus[], old: PeerId): PeerId | null {
  const { voters: present, resting, removed } = peer.configuration();
  const busy = new Set<PeerId>([...present, ...resting, ...removed, old]);
  return known.find((each) => each.reachable && !busy.has(each.peer))?.peer ?? null;
}
