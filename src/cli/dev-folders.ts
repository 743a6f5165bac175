/**
 * The folders of a development cluster: one a peer, each with a configuration of its own.
 *
 * Owns how `elock dev` provisions a cluster: the same files that a user would write, so that
 * `elock start --data DIR/peer-2` starts a peer just as it was. What was chosen once, stays.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { peerIdOf } from '../adapters/data-directory.ts';
import { newSecretKey } from '../adapters/system-random.ts';
import type { PeerId } from '../core/types.ts';
import { ElockError } from '../errors.ts';
import { DEV_PEERS_MAX, DEV_PORT_MAX, DEV_PORT_MIN } from '../limits.ts';
import type { SecretKey } from '../wire/secret.ts';

const HOST = '127.0.0.1';
const CONFIG_FILE = 'elock.json';
const FOLDER = /^peer-([1-9]\d*)$/;

/** What was asked for. */
export interface ClusterPlan {
  readonly directory: string;
  /** `null`: as many as there are, or the default. */
  readonly peers: number | null;
  readonly peersDefault: number;
  /** `null`: as before, or the default; 0: any that are free. */
  readonly port: number | null;
  readonly portDefault: number;
}

/** One peer of the cluster. */
export interface PeerFolder {
  /** `peer-1` and so on. */
  readonly name: string;
  readonly path: string;
}

/** What is kept in a folder's configuration file; users may add to it. */
interface FolderConfig {
  readonly port: number;
  readonly listen: readonly string[];
  readonly peers: readonly string[];
  readonly voters: readonly PeerId[];
  readonly secret: SecretKey;
  readonly mdns: false;
}

/** Makes the folders, or finds those of an earlier start. */
export async function prepareFolders(plan: ClusterPlan): Promise<readonly PeerFolder[]> {
  const existing = countConfigured(plan.directory);
  const count = plan.peers ?? (existing > 0 ? existing : plan.peersDefault);
  if (existing > 0 && existing !== count) {
    throw new ElockError(
      'configuration',
      `${plan.directory} holds a cluster of ${existing}, not of ${count}: ` +
        `leave --peers out, or name another directory with --data`,
    );
  }
  const folders = Array.from({ length: count }, (_, index) => folderOf(plan.directory, index + 1));
  if (existing === 0) await provision(folders, plan.port ?? plan.portDefault);
  else if (plan.port !== null) await movePorts(folders, plan.port);
  return folders;
}

function folderOf(directory: string, number: number): PeerFolder {
  const name = `peer-${number}`;
  return { name, path: join(directory, name) };
}

/** How many peers an earlier start provisioned; it wrote the last one's file last. */
function countConfigured(directory: string): number {
  if (!existsSync(directory)) return 0;
  const numbers = readdirSync(directory).flatMap((name) => {
    const number = FOLDER.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
  const count = Math.max(0, ...numbers);
  return count > 0 && existsSync(configFile(folderOf(directory, count))) ? count : 0;
}

async function provision(folders: readonly PeerFolder[], port: number): Promise<void> {
  for (const { path } of folders) mkdirSync(path, { recursive: true, mode: 0o700 });
  const voters: PeerId[] = [];
  for (const { path } of folders) voters.push(await peerIdOf(path));
  const free = await freePorts(folders.length * 2);
  const secret = newSecretKey();
  const addresses = folders.map((_, index) => `/ip4/${HOST}/tcp/${free[index]}`);
  for (const [index, folder] of folders.entries()) {
    const config: FolderConfig = {
      port: port === 0 ? free[folders.length + index]! : port + index,
      listen: [addresses[index]!],
      peers: voters.flatMap((voter, other) =>
        other === index ? [] : [`${addresses[other]}/p2p/${voter}`],
      ),
      voters,
      secret,
      mdns: false,
    };
    writeConfig(folder, config);
  }
}

async function movePorts(folders: readonly PeerFolder[], port: number): Promise<void> {
  const free = port === 0 ? await freePorts(folders.length) : [];
  for (const [index, folder] of folders.entries()) {
    writeConfig(folder, { ...readConfig(folder), port: free[index] ?? port + index });
  }
}

function configFile({ path }: PeerFolder): string {
  return join(path, CONFIG_FILE);
}

function readConfig(folder: PeerFolder): object {
  const file = configFile(folder);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as object;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ElockError('configuration', `${file}: ${why}`, { cause });
  }
}

function writeConfig(folder: PeerFolder, config: object): void {
  const file = configFile(folder);
  writeFileSync(`${file}.new`, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/**
 * Ports that nobody listens on, all different: held together, then let go.
 *
 * None of those that the system gives to whoever asks for any: such a port could go to somebody
 * else before its peer listens, at this start or a later one. Two that look at once begin apart.
 */
async function freePorts(count: number): Promise<readonly number[]> {
  const span = DEV_PORT_MAX - DEV_PORT_MIN + 1;
  const first = process.pid * 2 * DEV_PEERS_MAX;
  const servers: Server[] = [];
  for (let step = 0; servers.length < count && step < span; step += 1) {
    const server = await hold(DEV_PORT_MIN + ((first + step) % span));
    if (server !== null) servers.push(server);
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  if (ports.length === count) return ports;
  const range = `${DEV_PORT_MIN} to ${DEV_PORT_MAX}`;
  throw new ElockError('addressInUse', `expected ${count} free ports from ${range}: free some`);
}

/** `null`: it is taken. */
function hold(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, HOST, () => resolve(server));
  });
}
