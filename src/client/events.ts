/**
 * What a client tells beside the answers to its calls: typed events of an `EventTarget`.
 *
 * Owns the names and what each carries. A listener that throws harms nobody else.
 */
import type { ClientError, LockLostError, SessionExpiredError } from './errors.ts';

/** Each event, and what its `detail` is. Peers are `HOST:PORT`. */
export interface ClientEventMap {
  /** A session is attached to that peer. */
  readonly connected: { readonly peer: string };
  /** The connection is over; the client looks for another peer if it holds or wants anything. */
  readonly disconnected: { readonly peer: string; readonly error: ClientError };
  /** The session came back at that peer, with these of its locks. */
  readonly resumed: {
    readonly peer: string;
    readonly survived: readonly string[];
    readonly lost: readonly string[];
  };
  /** No peer knows the session any more; a new one begins with the next lock. */
  readonly expired: { readonly error: SessionExpiredError };
  /** A lock is lost: the same error that its signal is aborted with. */
  readonly lost: { readonly error: LockLostError };
}

/** One event of a client. */
export class ClientEvent<Type extends keyof ClientEventMap> extends Event {
  declare readonly type: Type;
  readonly detail: ClientEventMap[Type];

  constructor(type: Type, detail: ClientEventMap[Type]) {
    super(type);
    this.detail = detail;
  }
}

/** An `EventTarget` that knows its events. */
export class ClientEvents {
  readonly #target = new EventTarget();

  /** Calls `listener` with every event of that type; the returned function ends that. */
  on<Type extends keyof ClientEventMap>(
    type: Type,
    listener: (event: ClientEvent<Type>) => void,
  ): () => void {
    const call = (event: Event) => listener(event as ClientEvent<Type>);
    this.#target.addEventListener(type, call);
    return () => this.#target.removeEventListener(type, call);
  }

  /** Tells all listeners. */
  emit<Type extends keyof ClientEventMap>(type: Type, detail: ClientEventMap[Type]): void {
    this.#target.dispatchEvent(new ClientEvent(type, detail));
  }
}
