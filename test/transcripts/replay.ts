/**
 * Replays a transcript, a conversation between clients and peers as text, against real sockets.
 * To be read as latin1, so that every byte of the file is one of the conversation.
 *
 *     # a remark             b> ping      client b sends a line (clients connect when first named)
 *     > lock a               b< 200 …     client b is answered with this line
 *     < 200 Acquired TOKEN MS             the client without a name
 *     < *                    any lines up to the one that is expected next
 *     .                      the peer ends the connection, having said nothing more
 *     !                      the client closes the connection; its name may connect anew
 *
 * In an answer TOKEN, MS and N stand for digits, ID and PEER for a word, and `...` at the end for
 * any text. With a number behind it (`ID1`) a placeholder is the same wherever it stands, in what
 * a client sends, too.
 */
import type { TextClient } from './text-client.ts';

const STEP = /^([a-z]*)(?:([<>]) ?(.*)|([.!]))$/;
const PLACEHOLDER = /\b(TOKEN|MS|N|ID|PEER)([0-9]*)\b/g;
const ANY_LINES = '*';

/** Connects a client of that name. */
export type Connect = (name: string) => Promise<TextClient>;

/** @throws Error with the line's number when an answer is another than the transcript says */
export async function replay(transcript: string, connect: Connect): Promise<void> {
  const replayer = new Replayer(connect);
  try {
    for (const [index, text] of transcript.split('\n').entries()) {
      if (text === '' || text.startsWith('#')) continue;
      await replayer.step(text).catch((cause: Error) => {
        throw new Error(`line ${index + 1}: ${text}\n${cause.message}`, { cause });
      });
    }
  } finally {
    await replayer.disconnect();
  }
}

class Replayer {
  readonly #connect: Connect;
  readonly #clients = new Map<string, TextClient>();
  readonly #bound = new Map<string, string>();
  #skipping = false;

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  async step(text: string): Promise<void> {
    const [, name, direction, line = '', ending] = STEP.exec(text) ?? [];
    if (name === undefined) throw new Error('neither a remark nor a step');
    const client = await this.#client(name);
    if (direction === '>') client.send(`${this.#substitute(line)}\n`);
    else if (direction === '<') await this.#expect(client, line);
    else await this.#end(name, client, ending === '.');
  }

  async disconnect(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.disconnect()));
  }

  async #client(name: string): Promise<TextClient> {
    const client = this.#clients.get(name) ?? (await this.#connect(name));
    this.#clients.set(name, client);
    return client;
  }

  async #end(name: string, client: TextClient, byPeer: boolean): Promise<void> {
    const rest = byPeer ? await client.rest() : '';
    this.#clients.delete(name);
    await client.disconnect();
    if (rest !== '') throw new Error(`expected the end, got ${JSON.stringify(rest)}`);
  }

  async #expect(client: TextClient, expected: string): Promise<void> {
    if (expected === ANY_LINES) {
      this.#skipping = true;
      return;
    }
    for (;;) {
      const line = await client.line();
      if (line !== null && this.#matches(line, expected)) break;
      if (line === null || !this.#skipping) throw new Error(`got ${JSON.stringify(line)}`);
    }
    this.#skipping = false;
  }

  #matches(line: string, expected: string): boolean {
    const names: string[] = [];
    const isOpen = expected.endsWith('...');
    const source = literally(this.#substitute(isOpen ? expected.slice(0, -3) : expected));
    const pattern = source.replace(PLACEHOLDER, (placeholder, kind: string) => {
      names.push(placeholder);
      return kind === 'ID' || kind === 'PEER' ? '(\\S+)' : '([0-9]+)';
    });
    const match = new RegExp(`^${pattern}${isOpen ? '.*' : ''}$`, 's').exec(line);
    if (match === null) return false;
    for (const [index, name] of names.entries()) this.#bound.set(name, match[index + 1]!);
    return true;
  }

  #substitute(text: string): string {
    return text.replace(PLACEHOLDER, (placeholder, _kind, number: string) =>
      number === '' ? placeholder : (this.#bound.get(placeholder) ?? placeholder),
    );
  }
}

function literally(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}
