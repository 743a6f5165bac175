/**
 * Answers as lines: a code, a space, a text, CR LF.
 *
 * The codes, the shapes in the command table and those of rows are the contract; other words behind
 * a code are free. Text is one code unit a byte, to be written as latin1, so that names come back
 * byte for byte. Rows of a list begin with a word of their own: none can be taken for the `END`,
 * whatever a name is.
 */
import type {
  LockStatus,
  LostLock,
  PeerStatus,
  RefusalReason,
  Response,
  Statistics,
} from '../core/command.ts';
import { assertNever } from '../core/invariant.ts';
import type { LockName, PeerId } from '../core/types.ts';
import { COMMANDS } from './command-table.ts';
import type { Verdict } from './warden.ts';

/** What a peer announced of itself. */
export interface AnnouncedPeer {
  /** Since then. */
  readonly heardMs: number;
  readonly epoch: number;
  readonly software: string;
  /** Where clients reach it; `null`: it does not say. */
  readonly text: string | null;
  readonly health: {
    readonly quorum: boolean;
    readonly reached: readonly PeerId[];
    readonly disk: 'ok' | 'low';
    readonly uptimeS: number;
    readonly clients: number;
  };
}

/** What is known of peers beside what the protocol needs. */
export interface PeerDirectory {
  /** All that announced themselves, this one among them. */
  announced(): readonly PeerId[];
  /** `null`: it did not, as far as is known here. */
  announcement(peer: PeerId): AnnouncedPeer | null;
  addressesOf(peer: PeerId): readonly string[];
}

/** Of a peer that hears of nobody. */
export const NO_DIRECTORY: PeerDirectory = {
  announced: () => [],
  announcement: () => null,
  addressesOf: () => [],
};

const REFUSALS: Readonly<Record<RefusalReason, string>> = {
  held: '409 Held by another session, or others wait for it',
  'not-owner': '403 Not held by this session',
  'has-session': '403 This connection has a session already',
  attached: '403 That session is connected',
  'unknown-session': '403 No such session: never issued, or expired',
  'too-many-locks': '429 Too many locks of this session',
  'too-many-waiters': '429 Too many waiters for this lock',
  'too-many-sessions': '429 Too many sessions of this peer',
};

/** The answer to `help`, row by row from the command table. */
export const HELP = list(
  'HELP',
  COMMANDS.map((row) => `HELP ${row.syntax} - ${row.summary}`),
);

/** The answer to one command of the core. */
export function formatResponse(response: Response, directory: PeerDirectory): string {
  switch (response.kind) {
    case 'acquired':
      return `200 Acquired ${response.token} ${response.validityMs}\r\n`;
    case 'queued':
      return '202 Waiting\r\n';
    case 'released':
      return '200 Released\r\n';
    case 'released-all':
      return `200 Released ${response.count}\r\n`;
    case 'session':
      return `200 ${response.session}\r\n`;
    case 'resumed':
      return `200 Resumed ${response.locks}\r\n`;
    case 'timeout-set':
      return `200 Timeout ${response.timeoutMs}\r\n`;
    case 'keepalive-set':
      return `200 Keepalive ${response.silenceMs}\r\n`;
    case 'pong':
      return `200 PONG ${response.validityMs}\r\n`;
    case 'bye':
      return '200 Bye\r\n';
    case 'stats':
      return list('STATS', statisticsRows(response.statistics));
    case 'info':
      return list('INFO', infoRows(response.lock));
    case 'locks':
      return list(
        response.complete ? 'LOCKS' : 'LOCKS incomplete, ask with a longer PREFIX',
        response.locks.map(lockRow),
      );
    case 'peers':
      return list('PEERS', [
        ...everybody(response.peers, directory).map((peer) => peerRow(peer, directory)),
        `EPOCH ${response.epoch}`,
        `QUORUM ${response.quorum}`,
      ]);
    case 'refused':
      return `${REFUSALS[response.reason]}\r\n`;
    case 'indeterminate':
      return `503 ${undecided(response.reached, response.needed)}\r\n`;
    default:
      return assertNever(response);
  }
}

/** A quorum that is reached may fail to decide all the same, within the time that there is. */
function undecided(reached: number, needed: number): string {
  const why = reached < needed ? 'No quorum' : 'Not decided';
  return `${why}: reached ${reached} of ${needed} needed`;
}

/** The answer to `echo`. */
export function formatEcho(words: readonly string[]): string {
  return `200 ${words.join(' ')}\r\n`;
}

/** The answer to a line that asks for nothing that there is. */
export function formatMalformed(problem: string): string {
  return `400 ${problem}\r\n`;
}

const VERDICTS: Readonly<Record<Verdict, string>> = {
  right: '200 Welcome',
  'not-asked': '200 Welcome: no secret is asked for here',
  wrong: '401 Wrong secret',
  'wrong-too-often': '401 Wrong secret, for the last time on this connection',
  barred: '429 Too many wrong secrets from this address: wait before the next',
};

/** The answer to `auth`. */
export function formatVerdict(verdict: Verdict): string {
  return `${VERDICTS[verdict]}\r\n`;
}

/** The answer to all but a few commands of a client that has not said the secret. */
export const NOT_ADMITTED = '401 Not admitted: say auth SECRET first\r\n';

/** The last line to a client that has not said the secret in time. */
export const NOT_ADMITTED_IN_TIME = '401 Not admitted: no right secret came in time\r\n';

/** Tells a client what came of a `queue`, in the words that answer a `lock`. */
export function formatTold(lock: LockName, response: Response, directory: PeerDirectory): string {
  return `210 ${lock} ${formatResponse(response, directory)}`;
}

/** Tells a client that this peer can no longer vouch for one of its locks. */
export function formatLost(lock: LostLock): string {
  return `410 ${lock.name} ${lock.token} No longer safe: this peer cannot vouch for the lock\r\n`;
}

/** The only line of a connection above the limit of all. */
export function formatTooManyConnections(max: number): string {
  return `429 Too many connections: this peer serves at most ${max}\r\n`;
}

/** The only line of a connection above the limit of its address. */
export function formatTooManyOfAddress(max: number): string {
  return `429 Too many connections from your address: this peer serves at most ${max}\r\n`;
}

function list(title: string, rows: readonly string[]): string {
  return `200 ${[title, ...rows, 'END'].join('\r\n')}\r\n`;
}

/** The first three are the original's, in its order. */
function statisticsRows(statistics: Statistics): string[] {
  return [
    `STAT clients ${statistics.clients}`,
    `STAT locks ${statistics.locks}`,
    `STAT monitoring ${statistics.clients}`,
    `STAT waiting ${statistics.waiting}`,
    `STAT sessions ${statistics.sessions}`,
    `STAT kept ${statistics.kept}`,
    `STAT registers ${statistics.registers}`,
    `STAT peers ${statistics.peers}`,
    `STAT voters_reached ${statistics.votersReached}`,
    `STAT quorum ${statistics.quorum}`,
    `STAT epoch ${statistics.epoch}`,
  ];
}

function infoRows(lock: LockStatus): string[] {
  return [`name ${lock.name}`, ...statusOf(lock)].map((pair) => `INFO ${pair}`);
}

function lockRow(lock: LockStatus): string {
  return `LOCK ${lock.name} ${statusOf(lock).join(' ')}`;
}

/** Keys and values, the same for one lock and in the list of all. */
function statusOf(lock: LockStatus): string[] {
  return [
    `state ${lock.home === null ? 'free' : 'held'}`,
    `token ${lock.token}`,
    `peer ${lock.home ?? 'none'}`,
    `held_ms ${lock.heldMs}`,
    `waiters ${lock.waiters}`,
    `source ${lock.source}`,
  ];
}

/** Those that the protocol knows, and those that were only heard of, by their ids. */
function everybody(known: readonly PeerStatus[], directory: PeerDirectory): PeerStatus[] {
  const ids = new Set(known.map(({ peer }) => peer));
  const others = directory.announced().filter((peer) => !ids.has(peer));
  const only = { voter: false, self: false, reachable: false, lastHeardMs: null };
  const all = [...known, ...others.map((peer) => ({ peer, ...only }))];
  return all.sort((a, b) => (a.peer < b.peer ? -1 : 1));
}

/** The addresses come last: there may be any number of them, and none has a space. */
function peerRow(status: PeerStatus, directory: PeerDirectory): string {
  const announced = directory.announcement(status.peer);
  const heardMs = leastOf(status.lastHeardMs, announced?.heardMs ?? null);
  const addresses = directory.addressesOf(status.peer);
  return [
    `PEER ${status.peer}`,
    `voter ${yesOrNo(status.voter)}`,
    `self ${yesOrNo(status.self)}`,
    `reachable ${yesOrNo(status.reachable)}`,
    `heard_ms ${heardMs ?? 'never'}`,
    ...(announced === null ? [] : announcedPairs(announced)),
    `addresses ${addresses.length === 0 ? 'none' : addresses.join(' ')}`,
  ].join(' ');
}

/** What a peer says of itself: it may be a while ago. */
function announcedPairs({ epoch, software, text, health }: AnnouncedPeer): string[] {
  return [
    `epoch ${epoch}`,
    `version ${software}`,
    `quorum ${yesOrNo(health.quorum)}`,
    `voters_reached ${health.reached.length}`,
    `disk ${health.disk}`,
    `uptime_s ${health.uptimeS}`,
    `clients ${health.clients}`,
    `text ${text ?? 'none'}`,
  ];
}

function leastOf(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
