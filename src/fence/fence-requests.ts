/**
 * HTTP middleware that refuses requests with stale tokens, for `node:http`, connect and Express.
 *
 * Owns what is said to a client that is refused; the order and the tokens are a `Fence`'s. A
 * request is under way until its handler has answered, and requests of one resource are under way
 * one at a time: so a handler that answers when its write is done never writes after a newer one.
 *
 *     no token        428 NO_TOKEN           too much at once   503 LIMIT_REACHED
 *     no such token   400 BAD_TOKEN          store fails        503 STORE_FAILED
 *     stale token     412 STALE_TOKEN        no such name       400 BAD_RESOURCE
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fence } from './fence.ts';
import { FenceError, type FenceErrorCode, StaleTokenError } from './fence-error.ts';
import { ABANDONED_MS_MAX } from './limits.ts';
import { parseToken, type Token } from './token.ts';
import type { TokenStore } from './token-store.ts';

/** The header that carries the token, in decimal digits. */
const HEADER = 'Elock-Token';

const STATUS: Readonly<Record<FenceErrorCode, number>> = {
  NO_TOKEN: 428,
  BAD_TOKEN: 400,
  BAD_RESOURCE: 400,
  STALE_TOKEN: 412,
  LIMIT_REACHED: 503,
  STORE_FAILED: 503,
};

/** How requests are guarded. */
export interface FenceRequestsOptions<Request extends IncomingMessage = IncomingMessage> {
  /** Names what a request writes, often as the lock; `null`: it is let through as it is. */
  readonly resource: (request: Request) => string | null;
  /** What remembers the newest tokens; by default this process's memory. */
  readonly store?: TokenStore;
  /** Guards other writes of this process, too; instead of `store`. */
  readonly fence?: Fence;
  /**
   * Milliseconds for which a handler may go on when its client has gone and it has not answered;
   * then it counts as done. 60,000 by default.
   */
  readonly abandonedMs?: number;
}

/** What `app.use` takes; for bare `node:http`, call it with the handler as `next`. */
export type FenceMiddleware<Request extends IncomingMessage = IncomingMessage> = (
  request: Request,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Makes the middleware: it calls `next` or answers with an error, as JSON:
 * `{"error": {"code", "message"}}`, for a stale token with its `resource`, `token` and `newest`.
 *
 * What the function `resource` throws goes to `next`; what `next` throws is thrown.
 */
export function fenceRequests<Request extends IncomingMessage = IncomingMessage>(
  options: FenceRequestsOptions<Request>,
): FenceMiddleware<Request> {
  const { resource: nameOf, store, abandonedMs = ABANDONED_MS_MAX } = options;
  const fence = options.fence ?? new Fence(store === undefined ? {} : { store });
  return (request, response, next) => {
    let passed = false;
    const pass = (error?: unknown): void => {
      passed = true;
      next(error);
    };
    const guard = async (): Promise<void> => {
      const resource = nameOf(request);
      if (resource === null) return pass();
      await fence.run(resource, tokenOf(request), async () => {
        if (response.destroyed) return;
        const answered = untilAnswered(response, abandonedMs);
        pass();
        await answered;
      });
    };
    guard().catch((error: unknown) => {
      if (passed) throw error;
      if (error instanceof FenceError) refuse(response, error);
      else pass(error);
    });
  };
}

function tokenOf(request: IncomingMessage): Token {
  const text = request.headers[HEADER.toLowerCase()];
  if (typeof text === 'string') return parseToken(text);
  throw new FenceError('NO_TOKEN', `expected the header ${HEADER} with the token of the lock`);
}

/** Until the handler ends its answer; if the client goes before that, not for ever. */
function untilAnswered(response: ServerResponse, abandonedMs: number): Promise<void> {
  return new Promise((resolve) => {
    const abandon = (): void => void setTimeout(resolve, abandonedMs).unref();
    response.end = new Proxy(response.end, {
      apply(end, self, args) {
        response.off('close', abandon);
        resolve();
        return Reflect.apply(end, self, args);
      },
    });
    response.once('close', abandon);
  });
}

function refuse(response: ServerResponse, error: FenceError): void {
  const { code, message } = error;
  const details = error instanceof StaleTokenError ? detailsOf(error) : {};
  response.statusCode = STATUS[code];
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.end(`${JSON.stringify({ error: { code, message, ...details } })}\n`);
}

function detailsOf({ resource, token, newest }: StaleTokenError): object {
  return { resource, token, newest };
}
