/**
 * The options of one peer: each with its unit, default, range, and what moves when it changes.
 *
 * Owns names, defaults and ranges; `config-relations.ts` has what must hold between options. A
 * `Config` that exists has been checked. Reads no file, environment or argument:
 * `config-sources.ts` and `cli/` do. The lease terms (`minimumLeaseMs`, `driftPermille`) are part of
 * the cluster's identity, see `cluster.ts`.
 */
import { contradictionIn } from './config-relations.ts';
import { DEFAULT_SETTINGS, type Settings } from './core/settings.ts';
import type { PeerId } from './core/types.ts';
import { ElockError } from './errors.ts';
import { COMMANDS_PER_SECOND_MAX, CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX } from './limits.ts';
import type { Level } from './runtime/ports.ts';
import type { SecretKey } from './wire/secret.ts';

/** The settings of the core that users may set. */
export type UserSettings = Omit<Settings, 'locksListed' | 'queueHandedOver' | 'pageSize'>;

/** What a peer goes by. */
export interface Config extends UserSettings {
  readonly port: number;
  readonly bind: string;
  readonly socket: string;
  readonly socketMode: string;
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly tlsClientCa: string;
  readonly clientSecretFile: string;
  readonly listen: readonly string[];
  readonly peers: readonly string[];
  readonly mdns: boolean;
  readonly name: string;
  readonly voters: readonly PeerId[];
  /** Empty: none. */
  readonly secret: SecretKey | '';
  readonly logFormat: LogFormat;
  readonly logLevel: Level;
  readonly connectionsPerPeer: number;
  readonly connectionsPerAddress: number;
  readonly commandsPerSecond: number;
}

/** `auto`: human on a terminal, JSON lines otherwise. */
export type LogFormat = 'auto' | 'human' | 'json';

/** The name of an option: as in the file; in the environment `ELOCK_` and capitals. */
export type ConfigKey = keyof Config;

/** What an option may be. */
export type OptionType =
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  | { readonly kind: 'flag' }
  | {
      readonly kind: 'text';
      readonly pattern: RegExp;
      readonly expected: string;
      /** Never shown, not even in an error about it. */
      readonly secret?: true;
    }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'list'; readonly pattern: RegExp; readonly expected: string };

/** One row of the table of options. */
export interface Option<Key extends ConfigKey = ConfigKey> {
  readonly type: OptionType;
  readonly default: Config[Key];
  /** What it is, and what moves when it changes. */
  readonly summary: string;
}

function integer(min: number, max: number): OptionType {
  return { kind: 'integer', min, max };
}

const MULTIADDR: OptionType = {
  kind: 'list',
  pattern: /^(\/[^/\s]+)+$/,
  expected: 'a multiaddr like /ip4/192.0.2.7/tcp/4001',
};
const PEER_IDS: OptionType = {
  kind: 'list',
  pattern: /^[1-9A-HJ-NP-Za-km-z]{40,128}$/,
  expected: 'a peer id as `elock id` prints it',
};
const FILE: OptionType = {
  kind: 'text',
  pattern: /^[^\0]{0,4096}$/,
  expected: 'the path of a file',
};
const HOUR_MS = 3_600_000;

/** Every option, in the order of the documentation. */
export const OPTIONS: { readonly [Key in ConfigKey]: Option<Key> } = {
  port: {
    type: integer(0, 65_535),
    default: 11_400,
    summary: 'TCP port for clients; 0: one that is free.',
  },
  bind: {
    type: { kind: 'text', pattern: /^[0-9A-Za-z.:%_-]{1,255}$/, expected: 'an address or a host' },
    default: '127.0.0.1',
    summary:
      'Address for clients; `none`: only the UNIX socket. Without a secret, whoever can connect can lock.',
  },
  socket: {
    type: FILE,
    default: '',
    summary: 'UNIX socket for clients on this machine, never encrypted; empty: none.',
  },
  socketMode: {
    type: { kind: 'text', pattern: /^0?[0-7]{3}$/, expected: 'permissions like 0660' },
    default: '0660',
    summary: 'Permissions of the UNIX socket: who may open it for writing can connect.',
  },
  tlsCert: {
    type: FILE,
    default: '',
    summary: "This peer's certificate for clients, then its issuers', as PEM; empty: no TLS.",
  },
  tlsKey: {
    type: FILE,
    default: '',
    summary: 'The private key of `tlsCert`, as PEM, without a passphrase.',
  },
  tlsClientCa: {
    type: FILE,
    default: '',
    summary:
      'Who certifies clients, as PEM. With it only clients that have a certificate of theirs come in by TCP.',
  },
  clientSecretFile: {
    type: FILE,
    default: '',
    summary:
      'A file of one word that clients have to say before anything else; empty: none is asked for.',
  },
  listen: {
    type: MULTIADDR,
    default: ['/ip4/127.0.0.1/tcp/0'],
    summary: 'Addresses for other peers. Peers on other machines need one that they can reach.',
  },
  peers: {
    type: MULTIADDR,
    default: [],
    summary: 'Addresses of other peers; one that answers is enough to find all.',
  },
  mdns: {
    type: { kind: 'flag' },
    default: true,
    summary: 'Look for peers on the local network, unless this peer is the only voter.',
  },
  name: {
    type: { kind: 'text', pattern: /^[ -~]{0,64}$/, expected: 'up to 64 printable characters' },
    default: '',
    summary: 'Name of the cluster: tells apart clusters of the same voters. The same everywhere.',
  },
  voters: {
    type: PEER_IDS,
    default: [],
    summary: 'Peer ids of all voters, the same everywhere; empty: this peer alone.',
  },
  secret: {
    type: {
      kind: 'text',
      pattern: /^(?:[0-9a-f]{64})?$/,
      expected: '64 hexadecimal digits, as `openssl rand -hex 32` makes them',
      secret: true,
    },
    default: '',
    summary:
      'Key of a provisioned cluster, the same everywhere: whoever knows it can come in as a peer. Empty: peers are not asked for one.',
  },
  logFormat: {
    type: { kind: 'choice', choices: ['auto', 'human', 'json'] },
    default: 'auto',
    summary: 'Form of the log on stderr; auto: human on a terminal, JSON lines otherwise.',
  },
  logLevel: {
    type: { kind: 'choice', choices: ['debug', 'info', 'warn', 'error'] },
    default: 'info',
    summary: 'The least severity that is logged.',
  },
  heartbeatMs: {
    type: integer(10, 60_000),
    default: DEFAULT_SETTINGS.heartbeatMs,
    summary:
      'Between two heartbeats to each voter. Smaller: validity stays closer to a full lease, for more messages.',
  },
  minimumLeaseMs: {
    type: integer(100, HOUR_MS),
    default: DEFAULT_SETTINGS.minimumLeaseMs,
    summary:
      'No lease is shorter. Smaller: locks of a dead peer are free sooner, but a shorter pause or cut loses them. The same everywhere.',
  },
  driftPermille: {
    type: integer(1, 200),
    default: DEFAULT_SETTINGS.driftPermille,
    summary:
      'How far the rates of two clocks may differ, in thousandths. Larger: safe with worse clocks, validity shorter by that share. The same everywhere.',
  },
  suspectMs: {
    type: integer(20, HOUR_MS),
    default: DEFAULT_SETTINGS.suspectMs,
    summary:
      'Silence after which a peer is asked no more. Smaller: its locks are reached sooner another way, but a slow peer is passed over.',
  },
  sessionTimeoutMs: {
    type: integer(0, 24 * HOUR_MS),
    default: DEFAULT_SETTINGS.sessionTimeoutMs,
    summary: 'For how long locks outlive their connection, until `set_timeout` says otherwise.',
  },
  answerMs: {
    type: integer(50, 60_000),
    default: DEFAULT_SETTINGS.answerMs,
    summary: 'After this, a try without a quorum is answered 503. Larger: rides out longer cuts.',
  },
  askMs: {
    type: integer(10, 60_000),
    default: DEFAULT_SETTINGS.askMs,
    summary:
      "How long to wait for a lock's keeper, or a session's home, before writing without it. Smaller: faster past a dead one, but duels with a slow one.",
  },
  reaskMs: {
    type: integer(100, HOUR_MS),
    default: DEFAULT_SETTINGS.reaskMs,
    summary: 'How often a waiting claim is asked for again. Smaller: lost hints heal sooner.',
  },
  backoffMs: {
    type: integer(1, 10_000),
    default: DEFAULT_SETTINGS.backoffMs,
    summary: 'Mean pause of a writer that was outrun; about a round trip between peers.',
  },
  forgetMs: {
    type: integer(1_000, 24 * HOUR_MS),
    default: DEFAULT_SETTINGS.forgetMs,
    summary:
      'Free locks and ended sessions untouched for so long are forgotten. Smaller: less memory and disk, more names taken anew.',
  },
  membershipMs: {
    type: integer(1_000, HOUR_MS),
    default: DEFAULT_SETTINGS.membershipMs,
    summary: 'How long a change of the voters may take before whoever asked is answered.',
  },
  promoteAfterMs: {
    type: integer(0, HOUR_MS),
    default: DEFAULT_SETTINGS.promoteAfterMs,
    summary: 'How long a spare is connected before it is made a voter, if fewer vote than wanted.',
  },
  replaceAfterMs: {
    type: integer(0, 7 * 24 * HOUR_MS),
    default: DEFAULT_SETTINGS.replaceAfterMs,
    summary:
      'A voter silent for so long is replaced by a spare; 0: never by itself. Smaller: sooner whole again, but a voter that only reboots is replaced.',
  },
  locksPerSession: {
    type: integer(1, 1_000_000),
    default: DEFAULT_SETTINGS.locksPerSession,
    summary: 'Locks and claims of one session; above it: 429.',
  },
  waitersPerLock: {
    type: integer(1, 1_000_000),
    default: DEFAULT_SETTINGS.waitersPerLock,
    summary: "Claims in one lock's queue; above it: 429.",
  },
  sessionsPerPeer: {
    type: integer(1, 1_000_000),
    default: DEFAULT_SETTINGS.sessionsPerPeer,
    summary: 'Sessions of one peer, attached and detached; above it: 429.',
  },
  connectionsPerPeer: {
    type: integer(1, 1_000_000),
    default: CONNECTIONS_MAX,
    summary: 'Clients connected at a time; above it: 429. Each takes a file descriptor.',
  },
  connectionsPerAddress: {
    type: integer(1, 1_000_000),
    default: CONNECTIONS_PER_ADDRESS_MAX,
    summary:
      'Those from one address (IPv6: from one /64); above it: 429. Larger: for many clients behind one address.',
  },
  commandsPerSecond: {
    type: integer(1, 1_000_000),
    default: COMMANDS_PER_SECOND_MAX,
    summary: 'Commands of one connection, as many at once; those that come faster wait.',
  },
};

/** Every name of an option. */
export const CONFIG_KEYS = Object.keys(OPTIONS) as ConfigKey[];

/** Checks values given, by name; what is not given is the default. */
export function createConfig(given: Partial<Config>): Config {
  const defaults = Object.fromEntries(CONFIG_KEYS.map((key) => [key, OPTIONS[key].default]));
  const config = { ...defaults, ...given } as unknown as Config;
  const contradiction = contradictionIn(config);
  if (contradiction !== null) throw new ElockError('configuration', contradiction);
  return config;
}

/** The core's settings, those that users may not set included. */
export function settingsOf(config: Config): Settings {
  const settings: Record<string, number> = { ...DEFAULT_SETTINGS };
  for (const key of Object.keys(DEFAULT_SETTINGS)) {
    if (key in config) settings[key] = config[key as keyof UserSettings];
  }
  return settings as unknown as Settings;
}
