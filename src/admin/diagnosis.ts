/**
 * What is wrong with a cluster as one peer sees it, and what to do about it.
 *
 * Pure: a report in, sentences out, the worst first. Says nothing about what heals at once.
 */
import { isLoopback } from '../adapters/peer-address.ts';
import type { StatusReport } from './status.ts';

/** One thing that is wrong. */
export interface Problem {
  readonly what: string;
  readonly todo: string;
}

/** The part of a report that problems are read from. */
export type Symptoms = Omit<StatusReport, 'problems'>;

/** The worst first; empty: all is well. */
export function diagnose(report: Symptoms): readonly Problem[] {
  return [
    removed,
    outsider,
    quorumLost,
    silentVoters,
    fullDisks,
    apart,
    oldSecret,
    fewVoters,
    alone,
  ].flatMap((look) => look(report));
}

function removed(report: Symptoms): Problem[] {
  if (!report.removed) return [];
  return [
    {
      what: 'this peer was removed from the cluster: it grants nothing any more',
      todo: 'stop it; to come in again, elock join a new invite in a new directory',
    },
  ];
}

function outsider({ secret }: Symptoms): Problem[] {
  if (secret === null || !secret.outsider) return [];
  return [
    {
      what: 'others turn this peer away: the secret of the cluster was replaced while it was away',
      todo: 'run elock invite at another peer, stop this one, and elock join that line in the same directory: it stays who it is',
    },
  ];
}

function fullDisks({ peers }: Symptoms): Problem[] {
  return peers
    .filter(({ word }) => word?.disk === 'low')
    .map(({ id, voter }) => ({
      what: `the disk of ${id} is nearly full${voter ? ': a voter that cannot write must stop' : ''}`,
      todo: 'make room on it',
    }));
}

/** Reached from here, and yet without a majority: the network is cut in an odd way. */
function apart({ peers }: Symptoms): Problem[] {
  return peers
    .filter(({ self, reachable, word }) => !self && reachable && word?.quorum === false)
    .map(({ id }) => ({
      what: `${id} says that it reaches no majority of the voters, though it is reached from here`,
      todo: 'look at the network between it and the voters, and at elock status there',
    }));
}

function oldSecret({ secret }: Symptoms): Problem[] {
  if (secret === null || secret.oldUntil === null) return [];
  return [
    {
      what: `the secret before opens the door until ${secret.oldUntil}, for ${secret.missing.length} members that have not got the new one: ${secret.missing.join(', ')}`,
      todo: 'start them before that, or remove them; later they need a new invite',
    },
  ];
}

function quorumLost({ reachableVoters, quorum, voters }: Symptoms): Problem[] {
  if (reachableVoters >= quorum) return [];
  return [
    {
      what: `no quorum: ${reachableVoters} of ${voters} voters are reached, and ${quorum} are needed; nothing is granted`,
      todo: 'start the silent voters, or mend the network to them; if they are lost for good: elock recover',
    },
  ];
}

function silentVoters({ peers }: Symptoms): Problem[] {
  return peers
    .filter((peer) => peer.voter && !peer.reachable)
    .map(({ id, heardMs }) => ({
      what: `voter ${id} ${heardMs === null ? 'was never heard' : `has been silent for ${seconds(heardMs)}`}`,
      todo: `start it; if it is lost for good, let another peer vote in its place: elock voters replace ${id}`,
    }));
}

function fewVoters({ voters, wanted, peers }: Symptoms): Problem[] {
  if (voters >= wanted && voters > 2) return [];
  const spares = peers.filter((peer) => !peer.voter && peer.reachable).length;
  const few = `${voters} ${voters === 1 ? 'peer votes' : 'peers vote'}, of ${wanted} wanted`;
  return [
    {
      what: voters > 2 ? few : `${few}: the cluster does not survive the loss of any`,
      todo:
        spares > 0
          ? 'a spare becomes a voter by itself, soon; one that rests, by elock voters add'
          : 'bring in more machines, with elock invite here and elock join there',
    },
  ];
}

function alone({ peers, secret }: Symptoms): Problem[] {
  const addresses = peers.find((peer) => peer.self)?.addresses ?? [];
  if (secret === null || addresses.some((address) => !isLoopback(address))) return [];
  return [
    {
      what: 'this peer listens for others on this machine only',
      todo: 'name an address that they can reach as `listen` in elock.json, such as /ip4/0.0.0.0/tcp/11500, and start it again',
    },
  ];
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
