/**
 * What must hold between the options of a peer, and the words about options that contradict.
 *
 * Owns the relations. Values by themselves are checked by the table in `config.ts`.
 */
import type { Config } from './config.ts';
import { PEERS_MAX } from './limits.ts';

/** What `bind` is when clients come in by a UNIX socket only. */
export const BIND_NONE = 'none';

/** What to change about options that contradict each other; `null`: they do not. */
export function contradictionIn(config: Config): string | null {
  return RELATIONS.find(({ holds }) => !holds(config))?.expected(config) ?? null;
}

interface Relation {
  readonly holds: (config: Config) => boolean;
  readonly expected: (config: Config) => string;
}

/** Heartbeats within a lease: one lost or late must not cost it. */
const HEARTBEATS_PER_LEASE_MIN = 4;

const RELATIONS: readonly Relation[] = [
  {
    holds: (c) => (c.tlsCert === '') === (c.tlsKey === ''),
    expected: () => 'tlsCert and tlsKey go together: give both, or neither',
  },
  {
    holds: (c) => c.tlsClientCa === '' || c.tlsCert !== '',
    expected: () => 'tlsClientCa counts only with TLS: give tlsCert and tlsKey, too',
  },
  {
    holds: (c) => c.bind !== BIND_NONE || c.socket !== '',
    expected: () => `bind ${BIND_NONE} leaves clients no way in: give socket, too`,
  },
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
