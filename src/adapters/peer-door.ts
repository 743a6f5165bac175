/**
 * What this peer's private network says about those who come, and about those it comes to.
 *
 * Owns who is named in the log, once for each host, and whether this peer itself is turned away:
 * its secret was replaced while it was away for too long, and it needs a new invite.
 */
import type { Logger } from '../runtime/ports.ts';
import type { SecretKey } from '../wire/secret.ts';
import type { Keyring } from './keyring.ts';
import { hostOf } from './peer-address.ts';
import type { PrivateNetworkOptions } from './private-network.ts';
import { RefusalLog } from './refusal-log.ts';

const STRANGER = 'it does not know the secret of this cluster';
const SILENT = 'it did not show in time that it knows the secret of this cluster';
const OUTSIDER =
  'the secret of this peer is not that of the cluster any more: get a new invite, and elock join it ' +
  'in the same directory; the peer stays who it is';

/** The door, from both sides. */
export class PeerDoor implements PrivateNetworkOptions {
  readonly #keyring: Keyring;
  readonly #refusals: RefusalLog;
  #isOutsider = false;

  constructor(keyring: Keyring, logger: Logger) {
    this.#keyring = keyring;
    this.#refusals = new RefusalLog(logger);
  }

  /** Whether this peer was turned away when it last came to another. */
  get isOutsider(): boolean {
    return this.#isOutsider;
  }

  readonly keys = (): readonly SecretKey[] => this.#keyring.keys;

  readonly refused = (address: string, isSilent: boolean): void => {
    const host = hostOf(address);
    this.#refusals.refused(host, isSilent ? SILENT : STRANGER, { host });
  };

  readonly answered = (address: string, accepted: boolean): void => {
    this.#isOutsider = !accepted;
    if (accepted) return;
    const host = hostOf(address);
    this.#refusals.refused(host, OUTSIDER, { host });
  };
}
