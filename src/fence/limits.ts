/**
 * Every bound of the guards, with its reason.
 *
 * This folder stands alone, so that a guarded resource needs nothing else of elock.
 */

/** Tokens are whole numbers that every JSON reader and SQL driver takes without loss. */
export const TOKEN_MAX = Number.MAX_SAFE_INTEGER;
/** Digits of the largest token; a longer text is none. */
export const TOKEN_DIGITS_MAX = String(TOKEN_MAX).length;
/** A resource's name: as long as paths and the keys of databases may be everywhere. */
export const RESOURCE_BYTES_MAX = 1_024;
/** Resources whose tokens one process keeps in memory: some 10 MB. None may be forgotten. */
export const RESOURCES_MAX = 100_000;
/** Writes of one resource, or of one database connection, that wait for their turn. */
export const WAITING_WRITES_MAX = 10_000;
/** For how long a handler may go on with a request whose client has gone. */
export const ABANDONED_MS_MAX = 60_000;
/** Characters of a wrong value that an error repeats. */
export const SHOWN_CHARACTERS_MAX = 40;
/** Looks at a directory of tokens that changes meanwhile; each means that another token rose. */
export const LOOKS_MAX = 1_000;
/** Resources of which a directory of tokens remembers what is on disk; others are synced again. */
export const RECENT_RESOURCES_MAX = 1_000;
