/**
 * One running peer: opens its data directory, wires adapters to the driver, and ends them again.
 *
 * Owns the order of both. Decides nothing about locks. Whatever is fatal ends the peer at once:
 * nothing is flushed or said any more, and the caller exits with the error's own status.
 */
import { DataDirectory } from './adapters/data-directory.ts';
import { createLibp2pTransport, type Libp2pTransport } from './adapters/libp2p-transport.ts';
import { SystemClock } from './adapters/system-clock.ts';
import { systemRandom } from './adapters/system-random.ts';
import { TcpTextServer } from './adapters/tcp-text-server.ts';
import { firstConfiguration, refuseOtherCluster } from './cluster.ts';
import { type Config, settingsOf } from './config.ts';
import type { Observation } from './core/event.ts';
import { Peer } from './core/peer.ts';
import type { Configuration, PeerId } from './core/types.ts';
import { ElockError } from './errors.ts';
import { DAEMON_STOP_MS_MAX } from './limits.ts';
import { Driver } from './runtime/driver.ts';
import type { Clock, Logger } from './runtime/ports.ts';
import type { SecretKey } from './wire/secret.ts';

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

/** What a peer consists of. */
interface Parts {
  readonly directory: DataDirectory;
  readonly configuration: Configuration;
  readonly transport: Libp2pTransport;
  readonly server: TcpTextServer;
  readonly driver: Driver;
}

/** One peer, from its start to its end. */
export class Daemon {
  /** For clients. */
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
    const directory = await DataDirectory.open(options.data);
    try {
      return await Daemon.#startIn(directory, options);
    } catch (error) {
      await directory.close();
      throw error;
    }
  }

  static async #startIn(directory: DataDirectory, options: DaemonOptions): Promise<Daemon> {
    const configuration = joinCluster(directory, options.config);
    const outdated = (by: PeerId): void => {
      if (configuration.voters.includes(by)) driver.fail(staleIncarnation(options.data, by));
    };
    const transport = await createTransport(directory, configuration, outdated, options);
    const server = createServer(directory.identity.self, transport, options);
    const driver = createDriver({ directory, configuration, transport, server }, options);
    try {
      driver.start();
      await transport.start();
      const port = await server.listen(driver);
      const parts = { directory, configuration, transport, server, driver };
      const daemon = new Daemon(parts, port, options.logger);
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
    const { server, driver, transport, directory } = this.#parts;
    await server.stop();
    driver.stop();
    await transport.stop();
    await directory.close();
    this.#logger.log('info', 'stopped');
  }

  #logStart(): void {
    const { configuration, directory } = this.#parts;
    const voter = configuration.voters.includes(this.self);
    this.#logger.log('info', 'started', {
      peer: this.self,
      incarnation: directory.incarnation,
      cluster: configuration.cluster,
      voter,
      voters: configuration.voters.length,
      port: this.port,
      addresses: this.addresses,
    });
    if (!voter) this.#logger.log('warn', 'this peer is none of the voters: it serves clients only');
  }
}

/** The configuration to start with: provisioned at the first start, agreed to ever after. */
function joinCluster(directory: DataDirectory, config: Config): Configuration {
  const { founding, configuration, identity } = directory;
  if (founding !== null && configuration !== null) {
    refuseOtherCluster(founding, config);
    return configuration;
  }
  const first = firstConfiguration(config, identity.self);
  directory.join(first);
  return first;
}

function createServer(
  self: PeerId,
  transport: Libp2pTransport,
  { config, logger }: DaemonOptions,
): TcpTextServer {
  return new TcpTextServer({
    host: config.bind,
    port: config.port,
    addressesOf: (peer) => (peer === self ? transport.addresses() : transport.addressesOf(peer)),
    logger,
  });
}

/** Only a voter's word counts: anybody could claim to remember. */
function staleIncarnation(data: string, by: PeerId): ElockError {
  const message =
    `${data} is an old copy: voter ${by} remembers a later start of this peer than it does. ` +
    `What this peer voted since is not in it, so it must not vote. Start the newest copy; if that ` +
    `is lost, so is this voter`;
  return new ElockError('staleIncarnation', message);
}

function createTransport(
  directory: DataDirectory,
  configuration: Configuration,
  outdated: (by: PeerId) => void,
  { config, logger }: DaemonOptions,
): Promise<Libp2pTransport> {
  return createLibp2pTransport({
    ...directory.identity,
    cluster: configuration.cluster,
    epoch: () => configuration.epoch,
    incarnation: directory.incarnation,
    listen: config.listen,
    peers: config.peers,
    // Alone there is nobody to find.
    mdns: config.mdns && configuration.voters.length > 1,
    keys: config.secret === '' ? null : () => [config.secret as SecretKey],
    outdated,
    logger,
  });
}

function createDriver(parts: Omit<Parts, 'driver'>, options: DaemonOptions): Driver {
  const { directory, configuration, transport, server } = parts;
  const { self } = directory.identity;
  const clock: Clock = new SystemClock();
  const peer = new Peer({
    self,
    incarnation: directory.incarnation,
    configuration,
    settings: settingsOf(options.config),
    durable: directory.store.durable,
    random: systemRandom(),
    now: clock.now(),
  });
  return new Driver({
    peer,
    self,
    cluster: configuration.cluster,
    clock,
    store: directory.store,
    transport,
    clients: server,
    logger: options.logger,
    fatal: options.fatal,
    observer: (observation: Observation) => {
      if (observation.kind === 'quorum') options.quorum?.(observation.has);
    },
  });
}
