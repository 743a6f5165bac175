/**
 * Who answers the control socket: the search for the cluster at first, then the peer.
 *
 * Owns the socket and which of the two it is at a moment. Commands that need a cluster are refused
 * until there is one.
 */
import type { ClusterSearch, SearchStatus } from '../adapters/cluster-search.ts';
import type { ControlRequest } from '../adapters/control-message.ts';
import { ControlSocket } from '../adapters/control-socket.ts';
import { ElockError } from '../errors.ts';
import type { Logger } from '../runtime/ports.ts';
import type { AdminPeer } from './admin-peer.ts';
import { ADMIN_COMMANDS } from './commands.ts';

/** What `elock status` shows of a peer that looks for its cluster. */
export interface SearchReport extends SearchStatus {
  readonly state: 'searching';
}

/** The administrative side of one peer. */
export class Administration {
  #socket: ControlSocket | null = null;
  #search: ClusterSearch | null = null;
  #peer: AdminPeer | null = null;

  private constructor() {}

  /** Takes requests from now on, in a directory that belongs to this process. */
  static async open(directory: string, logger: Logger): Promise<Administration> {
    const administration = new Administration();
    const handle = (request: ControlRequest) => administration.#handle(request);
    administration.#socket = await ControlSocket.open(directory, handle, logger);
    return administration;
  }

  /** The peer looks for its cluster. */
  searching(search: ClusterSearch): void {
    this.#search = search;
  }

  /** The peer runs. */
  running(peer: AdminPeer): void {
    this.#peer = peer;
  }

  /** Takes no more requests. */
  async close(): Promise<void> {
    await this.#socket?.close();
  }

  async #handle({ command, arguments: given }: ControlRequest): Promise<unknown> {
    const run = ADMIN_COMMANDS.get(command);
    if (run === undefined) {
      throw new ElockError(
        'usage',
        `this peer knows no command '${command}': it is of another release`,
      );
    }
    if (this.#peer !== null) return run(this.#peer, given);
    if (command === 'status') return this.#searchReport();
    const message = 'this peer is still looking for its cluster: see elock status';
    throw new ElockError('unavailable', message);
  }

  #searchReport(): SearchReport {
    return { state: 'searching', ...(this.#search?.status ?? { addresses: [], latest: null }) };
  }
}
