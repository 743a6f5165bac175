/**
 * One running peer: opens its data directory, wires adapters to the driver, and ends them again.
 *
 * Owns the order of both. Decides nothing about locks. Whatever is fatal ends the peer at once:
 * nothing is flushed or said any more, and the caller exits with the error's own status.
 */
import { type Access, readAccess, watchTls } from './access.ts';
import type { CredentialWatch } from './adapters/credential-watch.ts';
import { DataDirectory } from './adapters/data-directory.ts';
import type { Keyring } from './adapters/keyring.ts';
import { KnownPeers } from './adapters/known-peers.ts';
import type { Libp2pTransport, Libp2pTransportOptions } from './adapters/libp2p-transport.ts';
import { SystemClock } from './adapters/system-clock.ts';
import { systemRandom } from './adapters/system-random.ts';
import type { TlsMaterial } from './adapters/text-door.ts';
import { TextServer } from './adapters/text-server.ts';
import { Administration } from './admin/administration.ts';
import { charterText } from './cluster.ts';
import { type Config, settingsOf } from './config.ts';
import { refusedBy } from './core/configuration.ts';
import type { Observation } from './core/event.ts';
import { Peer } from './core/peer.ts';
import type { Configuration, PeerId } from './core/types.ts';
import type { ElockError } from './errors.ts';
import { DAEMON_STOP_MS_MAX } from './limits.ts';
import { belong, findCluster, inviteOf, type Membership, openKeyring } from './membership.ts';
import { Portrait } from './portrait.ts';
import { Driver } from './runtime/driver.ts';
import { InnerClient } from './runtime/inner-client.ts';
import type { Clients, Clock, Logger } from './runtime/ports.ts';

const SHUT_OUT =
  'this peer was removed from the cluster: it grants nothing any more. Stop it; to come in again, ' +
  'elock join a new invite in a new directory';

/** What a peer is started with. */
export interface DaemonOptions {
  readonly config: Config;
  /** The data directory; made if it is missing. */
  readonly data: string;
  readonly logger: Logger;
  /** Called at most once: the peer must not go on, and nothing of it does. */
  readonly fatal: (error: ElockError) => void;
  /** Whether the peer reaches a majority of the voters, whenever that changes. */
  readonly quorum?: (has: boolean) => void;
}

/** What the voters last agreed on, as far as this peer has learned. */
interface Present {
  configuration: Configuration;
  /** Whose channels are refused: those that were removed, and are of no use any more. */
  refused: readonly PeerId[];
  /** Whether a voter says that this peer was shut out since. */
  isShutOut: boolean;
}

/** What a peer consists of. */
interface Parts {
  readonly directory: DataDirectory;
  readonly administration: Administration;
  readonly present: Present;
  readonly transport: Libp2pTransport;
  readonly server: TextServer;
  readonly watch: CredentialWatch | null;
  /** The path of the UNIX socket for clients; empty: there is none. */
  readonly socket: string;
  readonly peer: Peer;
  readonly driver: Driver;
}

/** One peer, from its start to its end. */
export class Daemon {
  /** For clients; 0: they come in by the UNIX socket only. */
  readonly port: number;
  readonly #parts: Parts;
  readonly #logger: Logger;
  #stopped: Promise<void> | null = null;

  private constructor(parts: Parts, port: number, logger: Logger) {
    this.#parts = parts;
    this.port = port;
    this.#logger = logger;
  }

  /**
   * Starts a peer; it serves clients when this returns.
   *
   * @throws ElockError for everything that `EXIT` in errors.ts lists
   */
  static async start(options: DaemonOptions): Promise<Daemon> {
    const access = readAccess(options.config, options.logger);
    const directory = await DataDirectory.open(options.data);
    let administration: Administration | null = null;
    try {
      administration = await Administration.open(options.data, options.logger);
      return await Daemon.#startIn(directory, { administration, access }, options);
    } catch (error) {
      await administration?.close();
      await directory.close();
      throw error;
    }
  }

  static async #startIn(
    directory: DataDirectory,
    { administration, access }: { administration: Administration; access: Access },
    given: DaemonOptions,
  ): Promise<Daemon> {
    const keyring = openKeyring(directory, given.config);
    await findCluster(directory, {
      ...{ keyring, config: given.config, logger: given.logger },
      searching: (search) => administration.searching(search),
    });
    const membership = belong(directory, given.config);
    const options = { ...given, config: membership.config };
    const { configuration, charter } = membership;
    const present = presentAt(directory, configuration);
    // Only a voter's word counts: anybody could claim to remember.
    const outdated = (by: PeerId): void => {
      const isVoter = present.configuration.voters.includes(by);
      if (isVoter) driver.fail(directory.outdated(by));
    };
    const portrait = new Portrait();
    const transport = await createTransport(directory, membership, {
      ...{ present, keyring, outdated, options },
      portray: () => portrait.portray(),
      newerEpoch: (peer, epoch) => driver.epochHeard(peer, epoch),
    });
    const server = createServer(transport, access, options);
    const clients = new InnerClient(server);
    const clock = new SystemClock();
    const peer = createPeer(directory, configuration, clock, options);
    const driver = createDriver({ directory, present, transport, clients, clock, peer }, options);
    try {
      driver.start();
      await transport.start();
      const port = await server.listen(driver);
      administration.running({
        self: directory.identity.self,
        cluster: { id: configuration.cluster, name: charter.name },
        configuration: () => present.configuration,
        isShutOut: () => present.isShutOut,
        keyring,
        transport,
        ask: (command) => clients.ask(driver, command),
        reconfigure: (change) =>
          new Promise((resolve) => driver.reconfigure(change, (outcome) => resolve(outcome))),
      });
      const ends = { transport, server, socket: options.config.socket };
      const renew = (material: TlsMaterial) => server.renewTls(material);
      const watch = watchTls(access, options.config, renew, options.logger);
      const parts = { directory, administration, present, ...ends, peer, driver, watch };
      portrait.sit(parts, port === null ? null : { host: options.config.bind, port });
      const daemon = new Daemon(parts, port ?? 0, options.logger);
      daemon.#logStart();
      return daemon;
    } catch (error) {
      await transport.stop();
      throw error;
    }
  }

  /** Who this peer is. */
  get self(): PeerId {
    return this.#parts.directory.identity.self;
  }

  /** Where other peers reach this one: multiaddrs with its id. */
  get addresses(): readonly string[] {
    return this.#parts.transport.addresses();
  }

  /** Reads the certificates for clients anew; without any, nothing happens. */
  reload(): void {
    this.#parts.watch?.readNow();
  }

  /** Ends clients and channels, and closes the store; bounded, and the same for every caller. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopWithin(DAEMON_STOP_MS_MAX);
    return this.#stopped;
  }

  async #stopWithin(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#logger.log('warn', 'did not stop in time; what is durable stays so', { ms });
        resolve();
      }, ms);
    });
    await Promise.race([this.#stopParts(), late]);
    clearTimeout(timer);
  }

  /** Clients first: their answers may still need the other peers. */
  async #stopParts(): Promise<void> {
    const { administration, server, driver, transport, directory, watch } = this.#parts;
    watch?.stop();
    await administration.close();
    await server.stop();
    driver.stop();
    await transport.stop();
    await directory.close();
    this.#logger.log('info', 'stopped');
  }

  #logStart(): void {
    const { present, directory, socket } = this.#parts;
    const { configuration } = present;
    const voter = configuration.voters.includes(this.self);
    this.#logger.log('info', 'started', {
      peer: this.self,
      incarnation: directory.incarnation,
      cluster: configuration.cluster,
      voter,
      voters: configuration.voters.length,
      port: this.port,
      ...(socket === '' ? {} : { socket }),
      addresses: this.addresses,
    });
    if (!voter) this.#logger.log('warn', 'this peer is none of the voters: it serves clients only');
  }
}

function createServer(
  transport: Libp2pTransport,
  access: Access,
  { config, logger }: DaemonOptions,
): TextServer {
  return new TextServer({
    ...access,
    limits: {
      connections: config.connectionsPerPeer,
      connectionsPerAddress: config.connectionsPerAddress,
      commandsPerSecond: config.commandsPerSecond,
    },
    directory: transport.directory,
    logger,
  });
}

function presentAt(directory: DataDirectory, configuration: Configuration): Present {
  const { identity, store } = directory;
  const standing = store.durable.epoch?.standing ?? 'serving';
  const refused = refusedBy(configuration, { self: identity.self, standing });
  return { configuration, refused, isShutOut: false };
}

/** As with later starts, only a voter's word counts. */
function noteShutOut(present: Present, by: PeerId, logger: Logger): void {
  if (present.isShutOut || !present.configuration.voters.includes(by)) return;
  present.isShutOut = true;
  logger.log('error', SHUT_OUT, { by });
}

/** What a transport needs beside what the peer is a part of. */
interface TransportWiring extends Pick<Libp2pTransportOptions, 'portray' | 'newerEpoch'> {
  readonly present: Present;
  readonly keyring: Keyring | null;
  readonly outdated: (by: PeerId) => void;
  readonly options: DaemonOptions;
}

async function createTransport(
  directory: DataDirectory,
  { charter, config }: Membership,
  { present, keyring, options, ...hooks }: TransportWiring,
): Promise<Libp2pTransport> {
  const known = [...directory.store.durable.remembered].map(([peer]) => peer);
  // Most of a start; a peer that is refused its directory never comes so far.
  const { createLibp2pTransport } = await import('./adapters/libp2p-transport.ts');
  return createLibp2pTransport({
    ...directory.identity,
    ...hooks,
    cluster: present.configuration.cluster,
    epoch: () => present.configuration.epoch,
    votes: (peer) => present.configuration.voters.includes(peer),
    isRemoved: (peer) => present.refused.includes(peer),
    known: new KnownPeers(directory.path, options.logger),
    incarnation: directory.incarnation,
    nonce: directory.nonce,
    listen: config.listen,
    peers: [...config.peers, ...(inviteOf(directory)?.addresses ?? [])],
    // Alone there is nobody to find, unless others can be invited.
    mdns: config.mdns && (present.configuration.voters.length > 1 || keyring !== null),
    keyring,
    shutOut: (by) => noteShutOut(present, by, options.logger),
    members: () => [...known, ...present.configuration.voters],
    charter: () => {
      const { configuration } = present;
      return { kind: 'charter', charter: charterText(charter), configuration };
    },
    logger: options.logger,
  });
}

function createPeer(
  directory: DataDirectory,
  configuration: Configuration,
  clock: Clock,
  { config }: DaemonOptions,
): Peer {
  return new Peer({
    self: directory.identity.self,
    incarnation: directory.incarnation,
    configuration,
    settings: settingsOf(config),
    durable: directory.store.durable,
    random: systemRandom(),
    now: clock.now(),
  });
}

/** What a driver is wired to. */
interface Wiring extends Pick<Parts, 'directory' | 'present' | 'transport' | 'peer'> {
  readonly clients: Clients;
  readonly clock: Clock;
}

function createDriver(parts: Wiring, options: DaemonOptions): Driver {
  const { directory, present, transport, clients, clock, peer } = parts;
  return new Driver({
    peer,
    self: directory.identity.self,
    cluster: present.configuration.cluster,
    clock,
    store: directory.store,
    transport,
    clients,
    logger: options.logger,
    fatal: options.fatal,
    configured: (next, refused) => {
      present.configuration = next;
      present.refused = refused;
    },
    observer: (observation: Observation) => {
      if (observation.kind === 'quorum') options.quorum?.(observation.has);
    },
  });
}
