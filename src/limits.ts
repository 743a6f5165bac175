/**
 * Every bound of the process, with its reason. The core's own are in `core/settings.ts`.
 *
 * Reaching one gives a clear answer (`400`, `429`, a closed channel), never a crash.
 */

/** A client's line, LF not counted: names are short, and a longer line is a client gone astray. */
export const LINE_BYTES_MAX = 4_096;
/** A name that may be locked: in a line of every command about it there is room for the rest. */
export const LOCK_NAME_BYTES_MAX = 4_000;
/** Input of one connection that waits for its turn; above it the socket is not read. */
export const PENDING_INPUT_BYTES_MAX = 65_536;
/** Answers that a client has not read; above it nothing more of its input is run. */
export const UNREAD_OUTPUT_BYTES_MAX = 1_048_576;
/** The same of a client that has not said the secret: thousands of them must not fill memory. */
export const STRANGER_UNREAD_BYTES_MAX = 16_384;
/** Answers that a client has not read; above it the connection is closed. */
export const UNREAD_OUTPUT_BYTES_FATAL = 16_777_216;
/** Clients of one peer, unless told otherwise: each takes some 10 kB, and a file descriptor. */
export const CONNECTIONS_MAX = 10_000;
/** Clients from one address, unless told otherwise: none takes the place of all the others. */
export const CONNECTIONS_PER_ADDRESS_MAX = 2_500;
/** Lines of one client a second, unless told otherwise; above it they wait, and so does input. */
export const COMMANDS_PER_SECOND_MAX = 20_000;
/** Shortest wait of lines that came too fast: many then run at once, for few timers. */
export const HOLD_BACK_MS_MIN = 10;
/** From a connection to the right secret, where one is asked for. */
export const ADMISSION_MS_MAX = 10_000;
/** Wrong secrets of one connection; then it is closed. */
export const WRONG_SECRETS_PER_CONNECTION = 3;
/** Wrong secrets of one address at once: a few machines behind it that were set up wrongly. */
export const WRONG_SECRETS_BURST = 20;
/** Wrong secrets of one address in the long run: so few guesses find no secret worth the name. */
export const WRONG_SECRETS_PER_SECOND = 1;
/** Addresses whose wrong secrets are counted; above it the one longest ago is forgotten. */
export const WRONG_SECRET_ADDRESSES_MAX = 10_000;
/** A secret of clients: fits into a line with its command. */
export const SECRET_BYTES_MAX = 1_024;
/** From a connection to the end of its TLS handshake: a dozen round trips of a slow link. */
export const TLS_HANDSHAKE_MS_MAX = 5_000;
/** Between two looks at the files of certificates: a few calls of the system. */
export const CREDENTIALS_LOOK_MS = 5_000;
/** For a process that may listen on a socket file to take a connection: it is on this machine. */
export const SOCKET_PROBE_MS_MAX = 1_000;
/** Between two lines of the log about what strangers can cause at will. */
export const REPEATED_LOG_MS = 1_000;
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
/** What a cluster was made of, as text: a name, and the longest ids of PEERS_MAX voters. */
export const CHARTER_BYTES_MAX = 32_768;
/** Streams on which a connection may ask for the charter at once: one is enough. */
export const CHARTER_STREAMS_MAX = 2;
/** Administrative commands of one peer at a time. */
export const CONTROL_CONNECTIONS_MAX = 16;
/** One request or answer of an administrative command: a status of PEERS_MAX peers fits. */
export const CONTROL_LINE_BYTES_MAX = 1_048_576;
/** For an administrative command, from end to end: a change of the voters is done by then. */
export const CONTROL_MS_MAX = 30_000;
/** How long `elock secret rotate` waits for all members that are reached to have the new one. */
export const ROTATION_MS_MAX = 5_000;
/** Waited for by `elock recover` beyond the longest lease: letters under way, and rounding. */
export const RECOVERY_MARGIN_MS = 1_000;
/** Addresses in an invite: the line is to be short, and one that answers is enough. */
export const INVITE_ADDRESSES_MAX = 3;
/** How often a peer that looks for its cluster says so. */
export const SEARCH_LOG_MS = 10_000;
/** Addresses at which a peer looks for its cluster; those of the invite come first. */
export const SEARCH_ADDRESSES_MAX = 256;
/** What a peer announces of itself: all addresses, and a hundred voters that it reaches. */
export const ANNOUNCEMENT_BYTES_MAX = 16_384;
/** The name of a version of elock. */
export const SOFTWARE_BYTES_MAX = 64;
/** A change is announced at once, but no sooner after the announcement before. */
export const ANNOUNCE_MS_MIN = 3_000;
/** The same for each peer: however many there are, a peer hears four of them a second at most. */
export const ANNOUNCE_MS_PER_PEER = 250;
/** The same where only its health has changed, which on a busy machine comes and goes. */
export const ANNOUNCE_HEALTH_MS_PER_PEER = 1_000;
/** Without a change, a peer announces itself about so often: a quarter more or less. */
export const ANNOUNCE_MS = 30_000;
/** A peer unheard of for so long counts as gone: three announcements were missed. */
export const GONE_MS = 120_000;
/** A peer that has been gone for so long is no longer shown. */
export const FORGOTTEN_MS = 86_400_000;
/** Ids on either side in the ring of all peers that one gossips with, beside the voters. */
export const GOSSIP_NEIGHBOURS = 4;
/** Whom a peer passes news on to, of those it gossips with; see `gossip.ts`. */
export const GOSSIP_PASSED_TO = 4;
/** Between two looks of gossipsub at its mesh; announcements do not wait for it. */
export const GOSSIP_HEARTBEAT_MS = 2_000;
/** One message of gossipsub: a few announcements, or the ids of many. */
export const GOSSIP_RPC_BYTES_MAX = 262_144;
/** Gossip that a peer has not taken; above it, its stream of gossip is closed and opened again. */
export const GOSSIP_BUFFER_BYTES_MAX = 4_194_304;
/** Between two writes of the addresses of peers: they are hints, and the disk is for votes. */
export const KNOWN_PEERS_WRITE_MS_MIN = 5_000;
/** What a peer says when it closes a channel: a line for a log. */
export const FAREWELL_BYTES_MAX = 256;
/** Streams that a peer may have open on one connection: a channel, and those that succeed it. */
export const STREAMS_PER_CONNECTION_MAX = 8;
/** Peer ids of which one string is shared; above it the pool starts anew. */
export const PEER_IDS_POOLED_MAX = 1_024;
/** Places for names and ids of which one string is shared; a power of two. */
export const WORDS_POOLED_MAX = 4_096;
/** Longer ones are read anew each time: they are rare, and would take much room. */
export const WORD_POOL_BYTES_MAX = 128;
/** Between two looks at all channels; their silences are counted in these rounds. */
export const CHANNEL_ROUND_MS = 250;
/** Rounds without a byte after which a channel is closed, 2 s: ten heartbeats were missed. */
export const SILENT_ROUNDS_MAX = 8;
/** The same for whoever was silent for long before, and spoke again: 8 s at most. */
export const SILENT_SLOW_ROUNDS_MAX = 32;
/** So many times the longest silence that was broken lately may pass before it is the last. */
export const SILENCES_GRANTED = 4;
/** What is left of that memory after each round: half of it after 17 s. */
export const SILENCE_KEPT = 0.99;
/** Rounds without a word of one's own before a keep-alive: four of them fit in a silence. */
export const QUIET_ROUNDS_MAX = 2;
/** Rounds, 2 s, after which a channel has proven itself, and tells what was learned meanwhile. */
export const TOLD_ROUNDS_MIN = 8;
/** It does so again after twice as long, and so on, up to 128 s: gossip has long begun by then. */
export const TOLD_ROUNDS_MAX = 512;
/** Rounds for which a connection may carry no channel, 20 s; then it is of no use. */
export const UNUSED_ROUNDS_MAX = 80;
/** A round that comes so late tells of a busy machine, on which others are late, too. */
export const LATE_ROUND_MS = 500;
/** What a late round counts for when silence is counted. */
export const LATE_ROUND_WEIGHT = 0.25;
/** Rounds without a message, 10 s, after which a channel is idle: silence says little then. */
export const IDLE_ROUNDS_MIN = 40;
/** As SILENT_ROUNDS_MAX, of an idle channel: 32 s. Most pairs without a voter are idle. */
export const SILENT_IDLE_ROUNDS_MAX = 128;
/** As QUIET_ROUNDS_MAX, of an idle channel. */
export const QUIET_IDLE_ROUNDS_MAX = 32;
/**
 * Peers that all have channels to each other. Where more are known, two without a vote have one
 * only while they have something to say: 100 peers, of which 5 vote, keep 485 channels, not 4,950.
 */
export const FULL_MESH_PEERS_MAX = 8;
/** Rounds without a message, 30 s, after which such a channel ends. */
export const SLEEPY_ROUNDS_MIN = 120;
/** For making such a channel when there is something to say; then the peer is not reached. */
export const WAKE_MS_MAX = 5_000;
/** What may wait for that; above it the peer is not reached either. */
export const ASLEEP_BYTES_MAX = 1_048_576;
/** Rounds between two looks, 5 s, at what comes by itself: gossip's streams, newer epochs. */
export const SLOW_ROUNDS = 20;
/** First wait before a peer is dialled again; doubles with each failure. */
export const REDIAL_MS_MIN = 250;
/**
 * Longest wait before a peer is dialled again that votes. A heal costs at most the
 * rest of a connect in vain to one address, one to another, this wait and the dial: below 5 s.
 */
export const REDIAL_MS_MAX = 1_000;
/** First wait before any other peer is dialled again, and the shortest when it is heard of. */
export const REDIAL_SLOWLY_MS_MIN = 2_000;
/** The longest: it may be gone for good. News of it shorten the wait. */
export const REDIAL_SLOWLY_MS_MAX = 30_000;
/**
 * Peers without a vote that are dialled at a time; voters, who are few, never wait. A hundred peers
 * of one machine dial some hundred handshakes at once by that, which take it a few seconds.
 */
export const DIALS_MAX = 2;
/** After which the next one is dialled all the same: an address where nobody is holds up nobody. */
export const DIAL_TURN_MS = 1_000;
/** Handshakes with those who come in that are done at a time. */
export const HANDSHAKES_MAX = 4;
/** Those that wait for that; who comes then is ended, and dials again later. */
export const HANDSHAKES_WAITING_MAX = 256;
/** After which the next one begins all the same: strangers that say nothing hold up nobody. */
export const HANDSHAKE_TURN_MS = 1_000;
/** Addresses tried in one attempt: what worked last, and the others in turn. */
export const ADDRESSES_PER_DIAL = 2;
/** For how long a peer that was refused is not heard again; below the shortest back-off, 125 ms. */
export const REFUSAL_MS_MIN = 100;
/** For a TCP connection to one address: the system asks twice in that time. See REDIAL_MS_MAX. */
export const CONNECT_MS_MAX = 1_200;
/**
 * For all that makes a peer's connection of it. A busy machine takes long for a handshake, and longer
 * when those that were given up come again: a peer that is there is waited for.
 */
export const UPGRADE_MS_MAX = 8_000;
/** The same where neither side is a voter: nothing waits for it, and to begin anew is work. */
export const UPGRADE_SLOWLY_MS_MAX = 20_000;
/** The bound doubles with each time that it was too short, up to this. */
export const UPGRADE_LATE_MS_MAX = 60_000;
/** For opening a stream on a connection that stands: a round trip to a busy machine. */
export const STREAM_OPEN_MS_MAX = 10_000;
/** The same where neither side is a voter. */
export const STREAM_OPEN_SLOWLY_MS_MAX = 20_000;
/** Rounds without a hello, 10 s, after which a channel is closed: a busy machine takes long. */
export const GREETING_ROUNDS_MAX = 40;
/** How long the larger peer id waits to be found before it dials by itself: a few round trips. */
export const FOUND_MS_MAX = 300;
/** The same with a peer that has no vote: two handshakes of one pair are work done twice. */
export const FOUND_SLOWLY_MS_MAX = 10_000;
/** For the last words on a channel that is being closed. */
export const FAREWELL_MS_MAX = 500;
/** For the end of all channels and of libp2p itself when the peer stops. */
export const TRANSPORT_STOP_MS_MAX = 2_000;
/** A voter's words that wait for the disk; above it the channel they are for is closed. */
export const HELD_SENDS_MAX = 100_000;
/** Generations of the secret that open the door: the newest, and those it replaced lately. */
export const SECRETS_MAX = 3;
/** For how long a key that was replaced still opens the door: a weekend away, and a day more. */
export const SECRET_OVERLAP_MS = 72 * 3_600_000;
/**
 * For proving the secret to a listener. A round trip, but of a process that may have to wait for
 * its turn on a busy machine; strangers that say nothing hold a place for so long.
 */
export const PROOF_MS_MAX = 10_000;
/** Connections that still prove who they are: strangers must not take all the places. */
export const INCOMING_PENDING_MAX = 2_048;
/** New connections a second from one host; a whole cluster may sit behind one, and heal at once. */
export const INCOMING_PER_SECOND_MAX = 1_000;
/** Refused strangers that are named in the log, once each. */
export const REFUSALS_LOGGED_MAX = 256;
/** Longest sleep of the peer's timer: soon after a machine wakes, the clocks are looked at. */
export const ALARM_MS_MAX = 1_000;
/** For how long one reading of the suspend-counting clock is good; see `system-clock.ts`. */
export const BOOT_CLOCK_REUSE_MS = 5;
/** From the wish to stop to the end of a peer, whatever hangs; below what init systems wait. */
export const DAEMON_STOP_MS_MAX = 3_000;
/** The same for all peers of `elock dev`; then they are killed. */
export const DEV_STOP_MS_MAX = 4_000;
/** Processes that one machine is asked to run. */
export const DEV_PEERS_MAX = 31;
/** Of the ports that `elock dev` chooses: above the privileged ones, and those of most services. */
export const DEV_PORT_MIN = 12_000;
/** Linux gives ports from 32,768 on, other systems from 49,152 on, to whoever asks for any. */
export const DEV_PORT_MAX = 29_999;
/** How often `elock dev` says what it is still waiting for. */
export const DEV_WAIT_LOG_MS = 10_000;
/** Free space of the disk below which a peer warns everybody: when it is full, a voter stops. */
export const DISK_LOW_BYTES = 67_108_864;
/** Between two looks at it. */
export const DISK_LOOK_MS_MIN = 10_000;
/** Empty space kept at the end of the store: more than most commits add to it. */
export const STORE_RESERVE_BYTES = 2_097_152;
/**
 * One half of the journal: some ten thousand votes. The smaller, the more often the store takes in
 * what changed; the larger, the more memory holds it until then, and the longer a start takes.
 */
export const JOURNAL_HALF_BYTES = 2_097_152;
/** What waits longer than that behind one sync goes into the next commit. */
export const COMMIT_BYTES_MAX = 262_144;
/** Entries that the store takes in at a time, so that nobody waits for more; see the reserve. */
export const CHECKPOINT_ENTRIES = 128;
/** `elock lock` tells its guardian so often for how long the lock is safe. */
export const VOUCH_MS = 100;
/** A guardian that does not hear for so long hangs: it is killed with its command. */
export const GUARDIAN_SILENT_MS = 10_000;
/** A guardian looks at its clocks so often. */
export const GUARDIAN_LOOK_MS = 20;
/** What a command gets between SIGTERM and SIGKILL, if the lock is safe for so long. */
export const COMMAND_STOP_MS = 5_000;
/** Before the end of a lock's validity: SIGTERM, so that a command can end in good order. */
export const COMMAND_TERM_MS = 5_000;
/** Before the end of a lock's validity: SIGKILL, and time for the system to carry it out. */
export const COMMAND_KILL_MS = 500;
/** `elock lock` that was told to end waits so long for its peer to say that nothing is left. */
export const GOODBYE_MS = 1_000;
