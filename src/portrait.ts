/**
 * How a running peer presents itself to the others: version, health, and where clients reach it.
 *
 * Reads only. Clients' addresses are told if others could use them: a port that is bound to the
 * loopback address is nobody else's business.
 */
import process from 'node:process';
import type { Portrayal } from './adapters/cluster-news.ts';
import type { DataDirectory } from './adapters/data-directory.ts';
import { DiskSpace } from './adapters/disk-space.ts';
import type { Libp2pTransport } from './adapters/libp2p-transport.ts';
import { hostOf, isLoopback } from './adapters/peer-address.ts';
import type { TextServer } from './adapters/text-server.ts';
import type { Peer } from './core/peer.ts';
import { quorumOf } from './core/quorum.ts';
import type { Configuration, PeerId } from './core/types.ts';
import { elockVersion } from './version.ts';

/** What is asked of the parts of a peer. */
export interface PortraitSources {
  /** The voters that lately answered. */
  readonly reached: () => readonly PeerId[];
  /** How many of them are a majority. */
  readonly quorum: () => number;
  readonly diskIsLow: () => boolean;
  /** Connections of clients. */
  readonly clients: () => number;
  /** Where clients are served; `null`: on a port nowhere. */
  readonly served: { readonly host: string; readonly port: number } | null;
  /** Multiaddrs for other peers. */
  readonly addresses: () => readonly string[];
}

/** The parts of a peer, as far as they are shown. */
export interface Sitter {
  readonly directory: Pick<DataDirectory, 'path'>;
  readonly present: { readonly configuration: Configuration };
  readonly transport: Pick<Libp2pTransport, 'addresses'>;
  readonly server: Pick<TextServer, 'connections'>;
  readonly peer: Pick<Peer, 'reached'>;
}

/** Addresses that stand for all of a machine's. */
const ANY: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** One peer, as it is at the moment. */
export class Portrait {
  readonly #software = elockVersion();
  #sources: PortraitSources | null = null;

  /** The parts of the peer are there. */
  sit(parts: Sitter, served: PortraitSources['served']): void {
    const { directory, present, transport, server, peer } = parts;
    const disk = new DiskSpace(directory.path);
    this.show({
      reached: () => peer.reached,
      quorum: () => quorumOf(present.configuration.voters.length),
      diskIsLow: () => disk.isLow,
      clients: () => server.connections,
      addresses: () => transport.addresses(),
      served,
    });
  }

  /** From now on it is of these. */
  show(sources: PortraitSources): void {
    this.#sources = sources;
  }

  /** What is to be said of the peer; before its parts are there: next to nothing. */
  portray(): Portrayal {
    const sources = this.#sources;
    const reached = sources?.reached() ?? [];
    const health = {
      quorum: sources !== null && reached.length >= sources.quorum(),
      reached,
      disk: sources?.diskIsLow() === true ? ('low' as const) : ('ok' as const),
      uptimeS: Math.floor(process.uptime()),
      clients: sources?.clients() ?? 0,
    };
    const text = sources === null ? null : textAddress(sources);
    return { software: this.#software, text, health };
  }
}

function textAddress({ served, addresses }: PortraitSources): string | null {
  if (served === null) return null;
  const host = ANY.has(served.host) ? outwardHost(addresses()) : served.host;
  if (host === null || isLoopback(`/dns/${host}/tcp/1`)) return null;
  return host.includes(':') ? `[${host}]:${served.port}` : `${host}:${served.port}`;
}

/** Another machine finds clients' port where it finds that for peers. */
function outwardHost(addresses: readonly string[]): string | null {
  const outward = addresses.find((address) => !isLoopback(address));
  return outward === undefined ? null : hostOf(outward);
}
