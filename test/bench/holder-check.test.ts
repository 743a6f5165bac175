import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { closedLoop } from './closed-loop.ts';
import { HolderCheck } from './holder-check.ts';
import { connectElock } from './systems/elock.ts';

describe('HolderCheck', () => {
  test('counts a grant while somebody else holds the lock', () => {
    const check = new HolderCheck();
    check.taken('a', 1);
    check.taken('a', 2);
    expect(check.overlaps).toBe(1);
  });

  test('counts a grant to a holder that has not given the lock back', () => {
    const check = new HolderCheck();
    check.taken('a', 1);
    check.taken('a', 1);
    expect(check.overlaps).toBe(1);
  });

  test('finds nothing wrong with locks that go from hand to hand, nor with other names', () => {
    const check = new HolderCheck();
    check.taken('a', 1);
    check.taken('b', 2);
    check.givenBack('a', 1);
    check.taken('a', 2);
    expect(check.overlaps).toBe(0);
  });

  test('does not let a former holder give back what another holds', () => {
    const check = new HolderCheck();
    check.taken('a', 1);
    check.taken('a', 2);
    check.givenBack('a', 1);
    check.taken('a', 3);
    expect(check.overlaps).toBe(2);
  });

  test('counts as hand-overs only grants to another client than before', () => {
    const check = new HolderCheck();
    for (const client of [1, 1, 2, 1]) {
      check.taken('a', client);
      check.givenBack('a', client);
    }
    expect(check.handOvers).toBe(3);
  });
});

describe('the clients of the bench', () => {
  let server: Server;
  afterEach(() => server.close());

  test('report overlaps of a server that grants everything', async () => {
    server = await serve((socket) => {
      socket.on('data', (lines: Buffer) => answerEach(lines, () => socket.write('200 Yes\r\n')));
    });
    const { errors } = await contend(server);
    expect(errors).toEqual([
      expect.stringMatching(/^\d+ grants of a lock that somebody else held$/),
    ]);
  });

  test('report nothing of a server that grants to one at a time', async () => {
    let holder: Socket | null = null;
    server = await serve((socket) => {
      const answer = (line: string) => {
        if (!line.startsWith('lock')) holder = null;
        else if (holder !== null) return socket.write('409 Held\r\n');
        else holder = socket;
        return socket.write('200 Yes\r\n');
      };
      socket.on('data', (lines: Buffer) => answerEach(lines, answer));
    });
    const { errors, waits } = await contend(server);
    expect(errors).toEqual([]);
    expect(waits.length).toBeGreaterThan(0);
  });
});

async function serve(take: (socket: Socket) => void): Promise<Server> {
  const server = createServer(take).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function answerEach(lines: Buffer, answer: (line: string) => void): void {
  for (const line of lines.toString('latin1').split('\n').slice(0, -1)) answer(line);
}

async function contend(server: Server) {
  const { port } = server.address() as AddressInfo;
  const clients = await Promise.all(Array.from({ length: 4 }, () => connectElock(port)));
  return closedLoop(clients, {
    nameOf: () => 'hot',
    waitMs: 0,
    holdMs: 1,
    warmUpMs: 0,
    measureMs: 50,
    pids: [],
  });
}
