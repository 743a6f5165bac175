import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LineClient } from './line-client.ts';

let server: Server;
let client: LineClient;
let socket: Socket;

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  client = await LineClient.connect((server.address() as AddressInfo).port);
  socket = (await accepted)[0] as Socket;
});

afterEach(() => {
  socket.destroy();
  server.close();
});

test('replies go to the requests in order, wherever they are cut', async () => {
  const replies = Promise.all([client.request('a'), client.request('b'), client.request('c')]);
  socket.write('200 o');
  await once(socket, 'data');
  socket.write('ne\r\n409 two\r\n200 three\r');
  socket.write('\n');
  expect(await replies).toEqual(['200 one', '409 two', '200 three']);
});

test('a lost lock fails the requests under way, and all later ones', async () => {
  const reply = client.request('echo x');
  socket.write('410 name 7 lost\r\n');
  await expect(reply).rejects.toThrow('a lock was lost: 410 name 7 lost');
  await expect(client.request('echo y')).rejects.toThrow('a lock was lost');
});

test('a closed connection fails the requests under way', async () => {
  const reply = client.request('echo x');
  socket.destroy();
  await expect(reply).rejects.toThrow();
});

test('close says quit and ends with the connection', async () => {
  socket.once('data', (line: Buffer) => {
    expect(line.toString()).toBe('quit\n');
    socket.end('200 Bye\r\n');
  });
  await client.close();
});
