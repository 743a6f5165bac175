/**
 * Every bound of the process, with its reason. The core's own are in `core/settings.ts`.
 *
 * Reaching one gives a clear answer (`400`, `429`, a closed channel), never a crash.
 */

/** A client's line, LF not counted: names are short, and a longer line is a client gone astray. */
export const LINE_BYTES_MAX = 4_096;
/** Input of one connection that waits for its turn; above it the socket is not read. */
export const PENDING_INPUT_BYTES_MAX = 65_536;
/** Answers that a client has not read; above it nothing more of its input is run. */
export const UNREAD_OUTPUT_BYTES_MAX = 1_048_576;
/** Answers that a client has not read; above it the connection is closed. */
export const UNREAD_OUTPUT_BYTES_FATAL = 16_777_216;
/** Clients of one peer. */
export const CONNECTIONS_MAX = 10_000;
/** Accepted and not yet taken connections: a burst of clients must not meet a refusal. */
export const LISTEN_BACKLOG = 1_024;
/** A lock name or session id on the wire: whatever fits into a client's line. */
export const NAME_BYTES_MAX = LINE_BYTES_MAX;
/** A register's name on the wire: a lock name or session id, and what tells them apart. */
export const REGISTER_NAME_BYTES_MAX = NAME_BYTES_MAX + 16;
/** A peer id in base58; those of today's keys have 46 to 53 digits. */
export const PEER_ID_BYTES_MAX = 128;
/** Items of one list in a message between peers: above every page and queue that is sent. */
export const PAGE_ITEMS_MAX = 1_000;
/** Connections refused for their number that are still being told so; above it: closed at once. */
export const REFUSALS_MAX = 256;
/** Silence after which TCP asks whether a client's machine is still there. */
export const TCP_KEEP_ALIVE_DELAY_MS = 15_000;
/** From the last answer until a client has read it and closed; above it: closed for it. */
export const CLOSING_MS_MAX = 10_000;
/** The same when the peer stops, which must not take long. */
export const STOPPING_MS_MAX = 2_000;
/** First look for a client that had shut its sending side when it was granted a lock; doubles. */
export const CONFIRM_PROBE_MS = 1;
/** Looks before it counts as still there: 127 ms, longer than most round trips to a client. */
export const CONFIRM_PROBES_MAX = 7;
/** One frame between peers; a full page of the longest names fits. */
export const FRAME_BYTES_MAX = 4_194_304;
/** Unsent bytes to one peer; above it the channel is closed, and everything is asked anew. */
export const UNSENT_BYTES_MAX = 33_554_432;
/** Peers that a peer keeps channels to. */
export const PEERS_MAX = 128;
/** Addresses that a peer keeps of another. */
export const ADDRESSES_PER_PEER_MAX = 8;
/** An address between peers, as text. */
export const ADDRESS_BYTES_MAX = 256;
/** What a peer says when it closes a channel: a line for a log. */
export const FAREWELL_BYTES_MAX = 256;
/** A voter's words that wait for the disk; above it the channel they are for is closed. */
export const HELD_SENDS_MAX = 100_000;
/** Longest sleep of the peer's timer: soon after a machine wakes, the clocks are looked at. */
export const ALARM_MS_MAX = 1_000;
/** For how long one reading of the suspend-counting clock is good; see `system-clock.ts`. */
export const BOOT_CLOCK_REUSE_MS = 1;
