/**
 * The control socket: for its owner only, one request a connection, and nothing harms it.
 */
import { once } from 'node:events';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findControlPath } from '../../src/adapters/control-path.ts';
import { type ControlHandler, ControlSocket } from '../../src/adapters/control-socket.ts';
import { ElockError } from '../../src/errors.ts';
import { CONTROL_LINE_BYTES_MAX } from '../../src/limits.ts';
import { RecordingLogger } from './libp2p-peers.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const ECHO: ControlHandler = async (request) => request;

async function open(handle = ECHO, directory = temporaryDirectory()) {
  const logger = new RecordingLogger();
  const socket = await ControlSocket.open(directory, handle, logger);
  onTestFinished(() => socket.close());
  return { directory, socket, logger };
}

/** What comes back for what is sent, until the connection ends. */
async function ask(directory: string, ...texts: string[]): Promise<string> {
  const socket = connect(findControlPath(directory));
  socket.on('error', () => {});
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  for (const text of texts) socket.write(text);
  await once(socket, 'close');
  return answer;
}

function request(command: string, version: unknown = 1): string {
  return `${JSON.stringify({ version, command, arguments: { words: ['a'] } })}\n`;
}

describe('a control socket', () => {
  it('answers one request on each connection, whole or in pieces', async () => {
    const { directory } = await open();
    const answer = `{"ok":true,"result":{"command":"x","arguments":{"words":["a"]}}}\n`;
    expect(await ask(directory, request('x'))).toBe(answer);
    const whole = request('x');
    expect(await ask(directory, whole.slice(0, 9), whole.slice(9), request('y'))).toBe(answer);
  });

  it('is there for its owner only, takes the place of a stale one, and goes with its peer', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'control.sock'), '');
    const { socket } = await open(ECHO, directory);
    const path = findControlPath(directory);
    expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
    await socket.close();
    expect(existsSync(path)).toBe(false);
  });

  it('is elsewhere, for its owner only, where its path would be too long', async () => {
    const directory = join(temporaryDirectory(), 'deep'.repeat(30));
    mkdirSync(directory);
    const { socket } = await open(ECHO, directory);
    const path = findControlPath(directory);
    expect(path.startsWith(directory)).toBe(false);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    expect(await ask(directory, request('x'))).toContain('"ok":true');
    await socket.close();
    expect(existsSync(join(path, '..'))).toBe(false);
  });

  it('says what is wrong with a request', async () => {
    const { directory } = await open();
    for (const [text, why] of [
      ['hello\n', 'one line of JSON'],
      ['[]\n', 'one line of JSON'],
      [request('x', 2), 'version 2'],
      ['{"version":1,"command":1,"arguments":{}}\n', 'a command and its arguments'],
    ] as const) {
      const answer = await ask(directory, text);
      expect(answer).toContain('"ok":false,"code":"usage"');
      expect(answer).toContain(why);
    }
  });

  it('passes on why a command failed, and logs what is a bug', async () => {
    const errors = [new ElockError('unavailable', 'not now'), new Error('oh')];
    const { directory, logger } = await open(async () => {
      throw errors.shift();
    });
    expect(await ask(directory, request('x'))).toBe(
      '{"ok":false,"code":"unavailable","message":"not now"}\n',
    );
    expect(await ask(directory, request('x'))).toContain('a bug in elock');
    expect(logger.lines.map(({ level }) => level)).toEqual(['error']);
  });

  it('drops an endless line, and goes on', async () => {
    const { directory } = await open();
    const endless = 'x'.repeat(CONTROL_LINE_BYTES_MAX + 1);
    expect(await ask(directory, endless)).toBe('');
    expect(await ask(directory, request('x'))).toContain('"ok":true');
  });
});
