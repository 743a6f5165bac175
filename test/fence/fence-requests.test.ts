import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import connect from 'connect';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  Fence,
  type FenceMiddleware,
  FileTokenStore,
  fenceRequests,
  MemoryTokenStore,
} from '../../src/fence/index.ts';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { refusalOf } from './refusal.ts';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

/** Serves on a port of the system's choice; returns that port. */
async function serve(listener: Listener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function unreachable(): never {
  expect.unreachable();
}

/** A resource per path, and a handler that writes. */
function writing(middleware: FenceMiddleware, write: (request: IncomingMessage) => void): Listener {
  return (request, response) =>
    middleware(request, response, () => {
      write(request);
      response.end('written');
    });
}

const byPath = ({ url }: IncomingMessage): string => url ?? '';

interface Put {
  readonly path?: string;
  readonly token?: string | string[];
  readonly signal?: AbortSignal;
}

async function put(port: number, { path = '/report', token, signal }: Put): Promise<Answer> {
  const sent = request({ port, host: '127.0.0.1', path, method: 'PUT', agent: false });
  if (token !== undefined) sent.setHeader('Elock-Token', token);
  signal?.addEventListener('abort', () => sent.destroy());
  sent.end('content');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  return { status: response.statusCode, body };
}

function errorIn({ body }: Answer): unknown {
  return (JSON.parse(body) as { error: unknown }).error;
}

/** A promise that the test settles. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('fenceRequests', () => {
  it('lets equal and newer tokens through, and refuses older ones with 412', async () => {
    const written: string[] = [];
    const port = await serve(
      writing(fenceRequests({ resource: byPath }), ({ headers }) =>
        written.push(String(headers['elock-token'])),
      ),
    );
    for (const token of ['3', '3', '9007199254740991']) {
      expect(await put(port, { token })).toEqual({ status: 200, body: 'written' });
    }
    const late = await put(port, { token: '4' });
    expect(late.status).toBe(412);
    expect(errorIn(late)).toEqual({
      code: 'STALE_TOKEN',
      message: expect.stringContaining("token 4 is stale: '/report' has seen 9007199254740991"),
      resource: '/report',
      token: 4,
      newest: 9_007_199_254_740_991,
    });
    expect((await put(port, { path: '/other', token: '1' })).status).toBe(200);
    expect(written).toEqual(['3', '3', '9007199254740991', '1']);
  });

  it('asks for a token that is missing with 428', async () => {
    const port = await serve(writing(fenceRequests({ resource: byPath }), unreachable));
    const answer = await put(port, {});
    expect(answer.status).toBe(428);
    expect(errorIn(answer)).toEqual({
      code: 'NO_TOKEN',
      message: 'expected the header Elock-Token with the token of the lock',
    });
  });

  it.each([
    '',
    '0',
    '-1',
    '+1',
    '01',
    '1.5',
    '1e3',
    'seven',
    '1, 2',
    '9007199254740992',
    '9'.repeat(8_000),
  ])('refuses the malformed token %j with 400', async (token) => {
    const port = await serve(writing(fenceRequests({ resource: byPath }), unreachable));
    const answer = await put(port, { token });
    expect(answer.status).toBe(400);
    expect(errorIn(answer)).toMatchObject({ code: 'BAD_TOKEN' });
    expect(answer.body.length).toBeLessThan(250);
  });

  it('refuses two tokens with 400', async () => {
    const port = await serve(writing(fenceRequests({ resource: byPath }), unreachable));
    expect((await put(port, { token: ['1', '2'] })).status).toBe(400);
  });

  it('refuses a name that is none with 400', async () => {
    const port = await serve(writing(fenceRequests({ resource: byPath }), unreachable));
    const answer = await put(port, { path: `/${'x'.repeat(1_024)}`, token: '1' });
    expect(answer.status).toBe(400);
    expect(errorIn(answer)).toMatchObject({ code: 'BAD_RESOURCE' });
  });

  it('leaves alone what is no resource', async () => {
    const port = await serve(writing(fenceRequests({ resource: () => null }), () => {}));
    expect((await put(port, {})).status).toBe(200);
  });

  it('answers 503 if the token cannot be remembered, or too many are', async () => {
    const broken = { raise: () => Promise.reject(new Error('disk full')) };
    const fails = fenceRequests({ resource: byPath, store: broken });
    const answer = await put(await serve(writing(fails, unreachable)), { token: '1' });
    expect(answer.status).toBe(503);
    expect(errorIn(answer)).toMatchObject({ code: 'STORE_FAILED' });

    const store = new MemoryTokenStore({ resourcesMax: 1 });
    const port = await serve(writing(fenceRequests({ resource: byPath, store }), () => {}));
    expect((await put(port, { path: '/a', token: '1' })).status).toBe(200);
    const beyond = await put(port, { path: '/b', token: '1' });
    expect(beyond.status).toBe(503);
    expect(errorIn(beyond)).toMatchObject({ code: 'LIMIT_REACHED' });
  });

  it('remembers tokens across a restart if its store does', async () => {
    const path = temporaryDirectory();
    const start = (): Promise<number> => {
      const store = new FileTokenStore(path);
      return serve(writing(fenceRequests({ resource: byPath, store }), () => {}));
    };
    expect((await put(await start(), { token: '8' })).status).toBe(200);
    expect((await put(await start(), { token: '7' })).status).toBe(412);
  });

  it('shares a guard with other writes of the process', async () => {
    const fence = new Fence();
    const port = await serve(writing(fenceRequests({ resource: byPath, fence }), () => {}));
    await fence.show('/report', 5);
    expect((await put(port, { token: '4' })).status).toBe(412);
    expect((await put(port, { token: '6' })).status).toBe(200);
    expect((await refusalOf(fence.show('/report', 5))).code).toBe('STALE_TOKEN');
  });
});

/** A server whose handlers begin and end as the test wants, and what came to pass. */
class Stage {
  readonly events: string[] = [];
  readonly #middleware: FenceMiddleware;
  readonly #gates = new Map<string, ReturnType<typeof gate>>();

  constructor(abandonedMs?: number) {
    const option = abandonedMs === undefined ? {} : { abandonedMs };
    this.#middleware = fenceRequests({ resource: byPath, ...option });
  }

  readonly listener: Listener = (request, response) => {
    const token = String(request.headers['elock-token']);
    response.once('close', () => this.#gate(`closed ${token}`).open());
    this.#middleware(request, response, async () => {
      this.#note(`begins ${token}`);
      await this.happens(`let ${token} end`);
      this.#note(`ends ${token}`);
      response.end();
    });
    this.#gate(`comes ${token}`).open();
  };

  /** Until that has happened. */
  happens(event: string): Promise<void> {
    return this.#gate(event).opened;
  }

  /** The handler of that token may end, now or when it has begun. */
  letEnd(token: number): void {
    this.#gate(`let ${token} end`).open();
  }

  #note(event: string): void {
    this.events.push(event);
    this.#gate(event).open();
  }

  #gate(event: string): ReturnType<typeof gate> {
    const present = this.#gates.get(event) ?? gate();
    this.#gates.set(event, present);
    return present;
  }
}

/** Whatever the server could have done by itself by now, it has done. */
async function settle(port: number): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await put(port, { path: '/other' });
}

describe('a request that is under way', () => {
  it('is answered before a newer one is handed on', async () => {
    const stage = new Stage();
    const port = await serve(stage.listener);
    const old = put(port, { token: '1' });
    await stage.happens('begins 1');
    const newer = put(port, { token: '2' });
    await stage.happens('comes 2');
    expect((await put(port, { token: '1' })).status).toBe(412);
    await settle(port);
    stage.letEnd(2);
    stage.letEnd(1);
    expect([(await old).status, (await newer).status]).toEqual([200, 200]);
    expect(stage.events).toEqual(['begins 1', 'ends 1', 'begins 2', 'ends 2']);
  });

  it('ends before a newer one is handed on, even if its client has gone', async () => {
    const stage = new Stage();
    const port = await serve(stage.listener);
    const leave = new AbortController();
    const old = put(port, { token: '1', signal: leave.signal }).catch(() => 'left');
    await stage.happens('begins 1');
    leave.abort();
    await stage.happens('closed 1');
    const newer = put(port, { token: '2' });
    await stage.happens('comes 2');
    await settle(port);
    stage.letEnd(2);
    stage.letEnd(1);
    expect(await old).toBe('left');
    expect((await newer).status).toBe(200);
    expect(stage.events).toEqual(['begins 1', 'ends 1', 'begins 2', 'ends 2']);
  });

  it('is waited for no longer than that if its client has gone', async () => {
    const stage = new Stage(1);
    const port = await serve(stage.listener);
    const leave = new AbortController();
    const old = put(port, { token: '1', signal: leave.signal }).catch(() => 'left');
    await stage.happens('begins 1');
    leave.abort();
    stage.letEnd(2);
    expect((await put(port, { token: '2' })).status).toBe(200);
    expect(await old).toBe('left');
    expect(stage.events).toEqual(['begins 1', 'begins 2', 'ends 2']);
  });

  it('is not handed on at all if its client left while it waited', async () => {
    const stage = new Stage();
    const port = await serve(stage.listener);
    const old = put(port, { token: '1' });
    await stage.happens('begins 1');
    const leave = new AbortController();
    const waiting = put(port, { token: '2', signal: leave.signal }).catch(() => 'left');
    await stage.happens('comes 2');
    leave.abort();
    await stage.happens('closed 2');
    stage.letEnd(1);
    stage.letEnd(3);
    expect((await old).status).toBe(200);
    expect(await waiting).toBe('left');
    expect((await put(port, { token: '3' })).status).toBe(200);
    expect(stage.events).toEqual(['begins 1', 'ends 1', 'begins 3', 'ends 3']);
  });
});

describe('connect', () => {
  it('runs the guard among other middleware, before handlers that fail', async () => {
    const app = connect();
    app.use('/report', fenceRequests({ resource: () => 'report' }));
    app.use('/report', ({ headers }, response, next) => {
      if (headers['elock-token'] === '2') next(new Error('no idea'));
      else response.end('written');
    });
    app.use((_request, response) => response.end('free for all'));
    app.use(((_error, _request, response, _next) => {
      response.statusCode = 500;
      response.end();
    }) as connect.ErrorHandleFunction);
    const port = await serve(app);
    expect((await put(port, { token: '1' })).body).toBe('written');
    expect((await put(port, { token: '2' })).status).toBe(500);
    expect((await put(port, { token: '1' })).status).toBe(412);
    expect((await put(port, { token: '3' })).body).toBe('written');
    expect((await put(port, { path: '/free' })).body).toBe('free for all');
  });

  it('is told of a name that cannot be made', async () => {
    const app = connect();
    const resource = (): string => {
      throw new Error('no such report');
    };
    app.use(fenceRequests({ resource }));
    app.use(((error: Error, _request, response, _next) => {
      response.statusCode = 404;
      response.end(error.message);
    }) as connect.ErrorHandleFunction);
    const answer = await put(await serve(app), { token: '1' });
    expect(answer).toEqual({ status: 404, body: 'no such report' });
  });
});
