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
/** One frame between peers; a page of the largest message stays well below it. */
export const FRAME_BYTES_MAX = 1_048_576;
/** Unsent bytes to one peer; above it the channel is closed, and everything is asked anew. */
export const UNSENT_BYTES_MAX = 33_554_432;
/** Peers that a peer keeps channels to. */
export const PEERS_MAX = 128;
/** Addresses that a peer keeps of another. */
export const ADDRESSES_PER_PEER_MAX = 8;
