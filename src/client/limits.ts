/**
 * Every bound of the client library, with its reason. Durations in ms.
 *
 * Reaching one is an error with a code, never a crash and never memory without end.
 */
import process from 'node:process';

/** Peers that a client is told of: above every cluster, and few enough to dial at once. */
export const PEERS_MAX = 64;
/** A peer's address as text: the longest host name, brackets, colon and port. */
export const ADDRESS_CHARACTERS_MAX = 263;
/** A secret that a peer asks for: with its command it fits into a line. */
export const SECRET_BYTES_MAX = 1_024;
/** The path of a UNIX socket, as the system takes it: see unix(7). */
export const SOCKET_PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103;
/** A lock's name: with its command and number it fits into a line of any peer (4,096 bytes). */
export const NAME_BYTES_MAX = 4_000;
/** A line that a peer says: a row with the longest name, or with all addresses of a peer. */
export const REPLY_LINE_BYTES_MAX = 16_384;
/** Rows of one list: ten times as many as a peer lists. */
export const LIST_ROWS_MAX = 10_000;
/** Locks held, asked for and waited for by one client: as many as a session may have. */
export const CLAIMS_MAX = 100_000;
/**
 * Requests on one connection that are not answered yet: where a session goes on each claim may be
 * asked for, and given back, and some things are said beside.
 */
export const REQUESTS_MAX = 2 * CLAIMS_MAX + 10_000;
/** Names given back that are remembered: by the time of so many more, the first are free. */
export const GIVEN_BACK_MAX = 1_000;
/** Bytes of a stranger's words that an error message repeats. */
export const SHOWN_CHARACTERS_MAX = 60;
/** Until TCP stands: a dozen round trips of a slow link, and one lost packet. */
export const CONNECT_MS = 2_000;
/** Until a peer has answered: above its own bounds, which are 1.2 s by default. */
export const ANSWER_MS = 3_000;
/** The longest that a timer of JavaScript can sleep. */
export const TIMER_MS_MAX = 2_147_483_647;
/** What two readings of a clock that counts hundredths may hide. */
export const CLOCK_STEPS_MS = 20;
/** Longest sleep while locks are held: soon after a machine wakes, the clocks are looked at. */
export const WATCH_MS_MAX = 1_000;
/** A session's time-out: a shorter one could not outlive the loss of its peer. */
export const TIMEOUT_MS_MIN = 1_000;
/** The longest time-out that a peer lets sessions have by default: a day. */
export const TIMEOUT_MS_MAX = 86_400_000;
/** What `driftPermille` of the peers may be. */
export const DRIFT_PERMILLE_MAX = 200;
/** How often one peer is asked again for a session that it has not decided about in time. */
export const ASKED_AGAIN_MAX = 3;
/** First pause before peers are tried again; doubles. */
export const RETRY_MS_MIN = 25;
/** Longest pause before peers are tried again: what a heal may cost on top of a round trip. */
export const RETRY_MS_MAX = 500;
/** Pause after no peer let this client in: they count wrong secrets, and time cures nothing. */
export const NOT_ADMITTED_RETRY_MS = 5_000;
/** Without any peer for so long, whoever waits is told so; the client goes on trying. */
export const UNREACHABLE_MS = 10_000;
/** SECONDS of a wait without an end: 31 years, which every peer can count. */
export const FOREVER_S = 1_000_000_000;
/** How much longer than its peer a client waits for the end of a wait that its peer should tell. */
export const GRACE_MS = 250;
