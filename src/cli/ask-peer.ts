/**
 * One request to the peer that runs in a data directory, through its control socket.
 *
 * Owns what is said when nobody answers there. Loads nothing of a peer: a status is quick.
 */
import { createConnection } from 'node:net';
import { readAnswer, writeRequest } from '../adapters/control-message.ts';
import { findControlPath } from '../adapters/control-path.ts';
import { ElockError } from '../errors.ts';
import { CONTROL_LINE_BYTES_MAX, CONTROL_MS_MAX } from '../limits.ts';

/**
 * Asks, and gives the result.
 *
 * @throws ElockError `unavailable` when no peer runs there, `notAllowed` when it is another user's,
 * and whatever the peer says
 */
export async function askPeer<Result>(
  data: string,
  command: string,
  given: Readonly<Record<string, unknown>> = {},
): Promise<Result> {
  const line = await converse(data, writeRequest({ command, arguments: given }));
  const answer = readAnswer(line);
  if (answer === null) {
    throw new ElockError('unavailable', `the peer in ${data} ended without an answer: see its log`);
  }
  if (!answer.ok) throw new ElockError(answer.code, answer.message);
  return answer.result as Result;
}

function converse(data: string, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const socket = createConnection(findControlPath(data));
    const fail = (error: ElockError): void => {
      socket.destroy();
      reject(error);
    };
    socket.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > CONTROL_LINE_BYTES_MAX) fail(unreachable(data, 'it says too much'));
    });
    socket.setTimeout(CONTROL_MS_MAX, () => fail(unreachable(data, 'it does not answer')));
    socket.once('error', (error: NodeJS.ErrnoException) => fail(causeOf(data, error)));
    socket.once('end', () => resolve(output));
    socket.write(request);
  });
}

function causeOf(data: string, { code, message }: NodeJS.ErrnoException): ElockError {
  if (code === 'EACCES' || code === 'EPERM') {
    const text = `the peer in ${data} belongs to another user: ask as that one`;
    return new ElockError('notAllowed', text);
  }
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    const text = `no peer runs in ${data}: start it with elock start --data ${data}`;
    return new ElockError('unavailable', text);
  }
  return unreachable(data, message);
}

function unreachable(data: string, why: string): ElockError {
  return new ElockError('unavailable', `the peer in ${data} cannot be asked: ${why}`);
}
