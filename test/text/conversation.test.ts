import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Command, Response } from '../../src/core/command.ts';
import { InvariantError } from '../../src/core/invariant.ts';
import type { LockName, PeerId } from '../../src/core/types.ts';
import {
  LINE_BYTES_MAX,
  PENDING_INPUT_BYTES_MAX,
  UNREAD_OUTPUT_BYTES_FATAL,
  UNREAD_OUTPUT_BYTES_MAX,
} from '../../src/limits.ts';
import { Conversation } from '../../src/text/conversation.ts';
import { NO_DIRECTORY } from '../../src/text/format.ts';
import { FakeOwner } from './fake-owner.ts';

const RELEASED: Response = { kind: 'released' };
const ACQUIRED: Response = { kind: 'acquired', token: 1, validityMs: 9 };
const BYE: Response = { kind: 'bye' };

/** Records what a conversation does; answers at once where `answer` gives something. */
class Recorder extends FakeOwner {
  override readonly conversation: Conversation;
  override readonly directory = { ...NO_DIRECTORY, addressesOf: (peer: PeerId) => [`/at/${peer}`] };
  readonly #answer: (command: Command) => Response | null;

  constructor(answer: (command: Command) => Response | null = () => null) {
    super();
    this.#answer = answer;
    this.conversation = new Conversation(this);
  }

  protected override answer(command: Command): void {
    const response = this.#answer(command);
    if (response !== null) this.conversation.respond(response);
  }
}

function atOnce(command: Command): Response {
  return command.kind === 'quit' ? BYE : RELEASED;
}

describe('order', () => {
  test('the next line runs once the one before it is answered', () => {
    const recorder = new Recorder();
    recorder.type('lock a 5\nunlock a\n');
    expect(recorder.commands).toEqual([{ kind: 'lock', name: 'a', waitMs: 5_000 }]);
    recorder.conversation.respond(ACQUIRED);
    expect(recorder.commands).toHaveLength(2);
    recorder.conversation.respond(RELEASED);
    expect(recorder.done).toEqual(['200 Acquired 1 9\r\n', '200 Released\r\n']);
  });

  test('echo, help and 400 keep their place, and reach no core', () => {
    const recorder = new Recorder();
    recorder.type('ping\necho a\nnonsense\n\n');
    expect(recorder.done).toEqual([]);
    recorder.conversation.respond({ kind: 'pong', validityMs: 3 });
    expect(recorder.done.join('')).toBe('200 PONG 3\r\n200 a\r\n400 Unknown command, try help\r\n');
    recorder.type('help\n');
    expect(recorder.done.at(-1)).toMatch(/^200 HELP\r\n/);
    expect(recorder.commands).toEqual([{ kind: 'ping' }]);
  });

  test('an over-long line is answered 400 in its place', () => {
    const recorder = new Recorder(atOnce);
    recorder.type(`unlock a\n${'x'.repeat(LINE_BYTES_MAX + 1)}\nunlock a\n`);
    expect(recorder.done).toEqual([
      `200 Released\r\n400 Line too long: at most ${LINE_BYTES_MAX} bytes\r\n200 Released\r\n`,
    ]);
  });

  test('a hundred thousand lines answered at once take one write and no stack', () => {
    const recorder = new Recorder(atOnce);
    const lines = 50_000;
    recorder.type('unlock a\n'.repeat(lines));
    expect(recorder.commands).toHaveLength(lines);
    expect(recorder.done).toEqual(['200 Released\r\n'.repeat(lines)]);
    recorder.type('unlock a\n'.repeat(lines));
    expect(recorder.done).toHaveLength(2);
  });

  test('peers are shown with the addresses that the owner knows', () => {
    const self = { voter: true, self: true, reachable: true, lastHeardMs: 0 };
    const peers = [{ peer: 'p1' as PeerId, ...self }];
    const recorder = new Recorder(() => ({ kind: 'peers', epoch: 1, quorum: 1, peers }));
    recorder.type('peers\n');
    expect(recorder.done.join('')).toContain(' addresses /at/p1\r\n');
  });

  test('what came of a queue is told between answers, and answers nothing', () => {
    const recorder = new Recorder();
    recorder.type('queue a 5\nlock b 5\n');
    recorder.conversation.respond({ kind: 'queued' });
    recorder.conversation.tell('a' as LockName, ACQUIRED);
    recorder.conversation.respond({ kind: 'refused', reason: 'held' });
    expect(recorder.done.join('')).toBe(
      '202 Waiting\r\n210 a 200 Acquired 1 9\r\n409 Held by another session, or others wait for it\r\n',
    );
  });

  test('nothing is told once it is over', () => {
    const recorder = new Recorder();
    recorder.conversation.close();
    recorder.conversation.tell('a' as LockName, ACQUIRED);
    expect(recorder.done).toEqual(['flush']);
  });

  test('a response without a command is a bug', () => {
    const recorder = new Recorder();
    expect(() => recorder.conversation.respond(RELEASED)).toThrow(InvariantError);
  });
});

describe('end', () => {
  test('nothing behind quit runs', () => {
    const recorder = new Recorder();
    recorder.type('quit\nlock a\n');
    recorder.type('lock b\n');
    recorder.conversation.respond(BYE);
    recorder.type('lock c\n');
    expect(recorder.commands).toEqual([{ kind: 'quit' }]);
    expect(recorder.done).toEqual(['200 Bye\r\n', 'flush']);
  });

  test('quit answered at once ends after what was said before it', () => {
    const recorder = new Recorder(atOnce);
    recorder.type('unlock a\nquit\nunlock a\n');
    expect(recorder.done).toEqual(['200 Released\r\n200 Bye\r\n', 'flush']);
  });

  test('all lines of a client that shut its sending side are answered, then it ends', () => {
    const recorder = new Recorder();
    recorder.type('unlock a\nunlock b\nunlock c');
    recorder.conversation.inputEnded();
    recorder.conversation.respond(RELEASED);
    expect(recorder.done).toEqual(['200 Released\r\n']);
    recorder.conversation.respond(RELEASED);
    expect(recorder.done.slice(1)).toEqual(['200 Released\r\n', 'flush']);
    expect(recorder.commands).toHaveLength(2);
  });

  test('a client that shuts its sending side and waits for nothing is gone', () => {
    const recorder = new Recorder();
    recorder.type('lock a');
    recorder.conversation.inputEnded();
    expect(recorder.commands).toEqual([]);
    expect(recorder.done).toEqual(['flush']);
  });

  test('a grant after the input ended is to be confirmed, one before it not', () => {
    const before = new Recorder();
    before.type('lock a\n');
    before.conversation.respond(ACQUIRED);
    before.conversation.inputEnded();
    expect(before.done.at(-1)).toBe('flush');

    const after = new Recorder();
    after.type('lock a 5\n');
    after.conversation.inputEnded();
    after.conversation.respond(ACQUIRED);
    expect(after.done).toEqual(['200 Acquired 1 9\r\n', 'confirm']);
  });

  test('a grant told after the input ended is to be confirmed', () => {
    const recorder = new Recorder();
    recorder.type('queue a 5\nlock b 5\n');
    recorder.conversation.respond({ kind: 'queued' });
    recorder.conversation.inputEnded();
    recorder.conversation.tell('a' as LockName, ACQUIRED);
    recorder.conversation.respond(RELEASED);
    expect(recorder.done.at(-1)).toBe('confirm');
  });

  test('lost locks are told instead of the answer under way, and end it', () => {
    const recorder = new Recorder();
    recorder.type('echo a\nlock c 5\nlock d\n');
    recorder.conversation.lost([
      { name: 'a' as LockName, token: 3 },
      { name: 'b' as LockName, token: 4 },
    ]);
    recorder.conversation.respond(ACQUIRED);
    recorder.conversation.lost([{ name: 'a' as LockName, token: 3 }]);
    recorder.conversation.close();
    const text = 'No longer safe: this peer cannot vouch for the lock';
    expect(recorder.done).toEqual(['200 a\r\n', `410 a 3 ${text}\r\n410 b 4 ${text}\r\n`, 'flush']);
    expect(recorder.commands).toHaveLength(1);
  });

  test('a loss told from inside a command ends it, and keeps what was answered before', () => {
    const recorder = new Recorder((command) => {
      if (command.kind !== 'ping') return RELEASED;
      recorder.conversation.lost([]);
      return null;
    });
    recorder.type('unlock a\nping\nunlock a\n');
    expect(recorder.done).toEqual(['200 Released\r\n', 'flush']);
  });

  test('a closed conversation says and runs nothing more', () => {
    const recorder = new Recorder();
    recorder.type('lock a 5\nlock b\n');
    recorder.conversation.close();
    recorder.conversation.respond(ACQUIRED);
    recorder.conversation.inputEnded();
    recorder.conversation.outputDrained();
    recorder.type('lock c\n');
    expect(recorder.done).toEqual(['flush']);
    expect(recorder.commands).toHaveLength(1);
  });
});

describe('bounds', () => {
  const waiting = 'lock a 5\n';

  test.each([
    [PENDING_INPUT_BYTES_MAX - 1, []],
    [PENDING_INPUT_BYTES_MAX, []],
    [PENDING_INPUT_BYTES_MAX + 1, ['pause']],
  ])('%d bytes that wait: %j', (bytes, done) => {
    const recorder = new Recorder();
    recorder.type(waiting + '\n'.repeat(bytes));
    expect(recorder.done).toEqual(done);
  });

  test('input is read again once what waited has run', () => {
    const recorder = new Recorder();
    recorder.type(waiting + '\n'.repeat(PENDING_INPUT_BYTES_MAX + 1));
    recorder.conversation.respond(ACQUIRED);
    expect(recorder.done).toEqual(['pause', '200 Acquired 1 9\r\n', 'resume']);
  });

  test('input of a conversation that ended is read again, to be thrown away', () => {
    const recorder = new Recorder();
    recorder.type(waiting + '\n'.repeat(PENDING_INPUT_BYTES_MAX + 1));
    recorder.conversation.close();
    expect(recorder.done).toEqual(['pause', 'resume', 'flush']);
  });

  test('nothing runs while too many answers are unread', () => {
    const recorder = new Recorder(atOnce);
    recorder.unread = UNREAD_OUTPUT_BYTES_MAX + 1;
    recorder.type('unlock a\n');
    recorder.conversation.inputEnded();
    expect(recorder.commands).toEqual([]);
    expect(recorder.done).toEqual([]);
    recorder.unread = UNREAD_OUTPUT_BYTES_MAX;
    recorder.conversation.outputDrained();
    expect(recorder.done).toEqual(['200 Released\r\n', 'flush']);
  });

  test('answers of one chunk above the bound are written in parts', () => {
    const recorder = new Recorder();
    const word = 'x'.repeat(LINE_BYTES_MAX - 'echo '.length);
    recorder.type(`echo ${word}\n`.repeat(300));
    expect(recorder.done).toHaveLength(2);
    expect(recorder.done.join('')).toBe(`200 ${word}\r\n`.repeat(300));
  });

  test.each([
    [UNREAD_OUTPUT_BYTES_FATAL - 14, false],
    [UNREAD_OUTPUT_BYTES_FATAL - 13, true],
  ])('with %d bytes unread, an answer of 14 bytes is fatal: %s', (unread, isFatal) => {
    const recorder = new Recorder();
    recorder.type('unlock a\n');
    recorder.unread = unread;
    recorder.conversation.respond(RELEASED);
    expect(recorder.done).toEqual([isFatal ? 'abort' : '200 Released\r\n']);
  });

  test('losses beyond the bound close the connection without them', () => {
    const recorder = new Recorder();
    const lost = { name: 'x'.repeat(LINE_BYTES_MAX) as LockName, token: 1 };
    recorder.conversation.lost(new Array(5_000).fill(lost));
    expect(recorder.done).toEqual(['abort']);
  });
});

describe('any input', () => {
  const line = fc.oneof(
    fc.constantFrom('lock a', 'lock b 5', 'unlock a', 'echo x  y', 'help', '', 'quit', 'lock', 'x'),
    fc.constant('z'.repeat(LINE_BYTES_MAX + 1)),
    fc.string({ maxLength: 8 }),
  );
  const input = fc.record({
    bytes: fc
      .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '', '\n\n')), { maxLength: 12 })
      .map((lines) => Buffer.from(lines.flat().join(''), 'latin1')),
    cuts: fc.array(fc.nat({ max: 200 }), { maxLength: 20 }),
  });

  test('gives the same answers in one chunk and cut anywhere', () => {
    fc.assert(
      fc.property(input, ({ bytes, cuts }) => {
        const whole = new Recorder(atOnce);
        whole.conversation.receive(bytes);
        const parts = new Recorder(atOnce);
        let at = 0;
        for (const cut of cuts) {
          parts.conversation.receive(bytes.subarray(at, at + cut));
          at += cut;
        }
        parts.conversation.receive(bytes.subarray(at));
        expect(parts.commands).toEqual(whole.commands);
        expect(parts.done.join('')).toBe(whole.done.join(''));
      }),
    );
  });

  test('gives the same answers whether the core answers at once or later', () => {
    fc.assert(
      fc.property(input, ({ bytes }) => {
        const atOnceAnswered = new Recorder(atOnce);
        atOnceAnswered.conversation.receive(bytes);
        atOnceAnswered.conversation.inputEnded();
        const later = new Recorder();
        later.conversation.receive(bytes);
        later.conversation.inputEnded();
        for (let answered = 0; answered < later.commands.length; answered += 1) {
          later.conversation.respond(atOnce(later.commands[answered]!));
        }
        expect(later.commands).toEqual(atOnceAnswered.commands);
        expect(later.done.join('')).toBe(atOnceAnswered.done.join(''));
      }),
    );
  });
});
