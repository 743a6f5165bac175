/**
 * The options of one peer: each with its unit, default, range, and what moves when it changes.
 *
 * Owns names, defaults, ranges and the relations between options; a `Config` that exists has been
 * checked. Reads no file, environment or argument: `config-sources.ts` and `cli/` do. The lease
 * terms (`minimumLeaseMs`, `driftPermille`) are part of the cluster's identity, see `cluster.ts`.
 */
import { DEFAULT_SETTINGS, type Settings } from './core/settings.ts';
import type { PeerId } from './core/types.ts';
import { ElockError } from './errors.ts';
import { PEERS_MAX } from './limits.ts';
import type { Level } from './runtime/ports.ts';
import type { SecretKey } from './wire/secret.ts';

/** The settings of the core that users may set. */
export type UserSettings = Omit<Settings, 'locksListed' | 'queueHandedOver' | 'pageSize'>;

/** What a peer goes by. */
export interface Config extends UserSettings {
  readonly port: number;
  readonly bind: string;
  readonly listen: readonly string[];
  readonly peers: readonly string[];
  readonly mdns: boolean;
  readonly name: string;
  readonly voters: readonly PeerId[];
  /** Empty: none. */
  readonly secret: SecretKey | '';
  readonly logFormat: LogFormat;
  readonly logLevel: Level;
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
    summary: 'Address for clients. There is no authentication: whoever can connect can lock.',
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
      "How long to wait for a lock's keeper before writing without it. Smaller: faster past a dead keeper, but duels with a slow one.",
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
};

/** Every name of an option. */
export const CONFIG_KEYS = Object.keys(OPTIONS) as ConfigKey[];

/** Checks values given, by name; what is not given is the default. */
export function createConfig(given: Partial<Config>): Config {
  const defaults = Object.fromEntries(CONFIG_KEYS.map((key) => [key, OPTIONS[key].default]));
  const config = { ...defaults, ...given } as unknown as Config;
  for (const { holds, expected } of RELATIONS) {
    if (!holds(config)) throw new ElockError('configuration', expected(config));
  }
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

interface Relation {
  readonly holds: (config: Config) => boolean;
  readonly expected: (config: Config) => string;
}

/** Heartbeats within a lease: one lost or late must not cost it. */
const HEARTBEATS_PER_LEASE_MIN = 4;

const RELATIONS: readonly Relation[] = [
  {
    holds: (c) => c.heartbeatMs * HEARTBEATS_PER_LEASE_MIN <= c.minimumLeaseMs,
    expected: (c) =>
      `heartbeatMs (${c.heartbeatMs}) must be at most a quarter of minimumLeaseMs ` +
      `(${c.minimumLeaseMs}), or one late heartbeat costs a lease: lower the one or raise the other`,
  },
  {
    holds: (c) => c.suspectMs >= 2 * c.heartbeatMs && c.suspectMs <= c.minimumLeaseMs,
    expected: (c) =>
      `suspectMs (${c.suspectMs}) must be at least twice heartbeatMs (${c.heartbeatMs}) ` +
      `and at most minimumLeaseMs (${c.minimumLeaseMs})`,
  },
  {
    holds: (c) => c.askMs < c.answerMs,
    expected: (c) =>
      `askMs (${c.askMs}) must be below answerMs (${c.answerMs}), ` +
      'or a try is over before it goes past a silent keeper',
  },
  {
    holds: (c) => c.reaskMs >= c.askMs,
    expected: (c) => `reaskMs (${c.reaskMs}) must not be below askMs (${c.askMs})`,
  },
  {
    holds: (c) => new Set(c.voters).size === c.voters.length,
    expected: () => 'voters must name each peer once',
  },
  {
    holds: (c) => c.voters.length <= PEERS_MAX,
    expected: (c) => `voters must be at most ${PEERS_MAX}, not ${c.voters.length}`,
  },
  {
    holds: (c) => c.listen.length > 0,
    expected: () => 'listen must name at least one address; leave it out for the default',
  },
];
