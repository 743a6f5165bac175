/** Who may come in, and how fast, as a conversation sees it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Command } from '../../src/core/command.ts';
import { STRANGER_UNREAD_BYTES_MAX } from '../../src/limits.ts';
import { COMMANDS } from '../../src/text/command-table.ts';
import { Conversation } from '../../src/text/conversation.ts';
import type { Verdict, Warden } from '../../src/text/warden.ts';
import { FakeOwner } from './fake-owner.ts';

const REFUSAL = '401 Not admitted: say auth SECRET first\r\n';

/** A conversation whose secret is `sesame`, and whose lines are counted down. */
class Guarded extends FakeOwner implements Warden {
  override readonly conversation: Conversation;
  readonly judged: string[] = [];
  readonly asksSecret: boolean;
  linesLeft = Number.POSITIVE_INFINITY;
  readonly #verdictOfWrong: Verdict;

  constructor({ asksSecret = true, wrong = 'wrong' as Verdict } = {}) {
    super();
    this.asksSecret = asksSecret;
    this.#verdictOfWrong = wrong;
    this.conversation = new Conversation(this, this);
  }

  judge(secret: string): Verdict {
    this.judged.push(secret);
    return secret === 'sesame' ? 'right' : this.#verdictOfWrong;
  }

  spend(): boolean {
    this.linesLeft -= 1;
    return this.linesLeft > 0;
  }

  protected override answer({ kind }: Command): void {
    this.conversation.respond({ kind: kind === 'quit' ? 'bye' : 'released' });
  }
}

describe('a secret', () => {
  const open = new Set(['auth', 'help', 'quit']);

  test.each(COMMANDS.filter(({ word }) => !open.has(word)))(
    'is asked for before $word, which then reaches no core',
    ({ word, arguments: [min] }) => {
      const guarded = new Guarded();
      guarded.type(`${[word, ...new Array(min).fill('1')].join(' ')}\n`);
      expect(guarded.done).toEqual([REFUSAL]);
      expect(guarded.commands).toEqual([]);
    },
  );

  test('is not asked for before help, quit, and what is no command', () => {
    const guarded = new Guarded();
    guarded.type('help\n\nnonsense\nauth\nquit\nlock a\n');
    const said = guarded.done.join('');
    expect(said).toMatch(/^200 HELP\r\n/);
    expect(said).toContain('400 Unknown command, try help\r\n400 Usage: auth SECRET\r\n200 Bye');
    expect(guarded.done.at(-1)).toBe('flush');
    expect(guarded.commands).toEqual([{ kind: 'quit' }]);
  });

  test('that is right lets in what follows in the same packet', () => {
    const guarded = new Guarded();
    guarded.type('unlock a\nauth sesame\nunlock b\n');
    expect(guarded.done).toEqual([`${REFUSAL}200 Welcome\r\n200 Released\r\n`]);
    expect(guarded.commands).toEqual([{ kind: 'unlock', name: 'b' }]);
  });

  test('that is wrong lets nothing in, and may be followed by the right one', () => {
    const guarded = new Guarded();
    guarded.type('auth Sesame\nunlock a\nauth sesame\nunlock a\n');
    expect(guarded.done.join('')).toBe(
      `401 Wrong secret\r\n${REFUSAL}200 Welcome\r\n200 Released\r\n`,
    );
  });

  test('that is wrong later puts nobody out', () => {
    const guarded = new Guarded();
    guarded.type('auth sesame\nauth x\nunlock a\n');
    expect(guarded.done.join('')).toBe('200 Welcome\r\n401 Wrong secret\r\n200 Released\r\n');
  });

  test.each<[Verdict, string]>([
    ['wrong-too-often', '401 Wrong secret, for the last time on this connection\r\n'],
    ['barred', '429 Too many wrong secrets from this address: wait before the next\r\n'],
  ])('that is judged %s ends the connection, and nothing behind it runs', (wrong, answer) => {
    const guarded = new Guarded({ wrong });
    guarded.type('auth x\nauth sesame\nunlock a\n');
    expect(guarded.done).toEqual([answer, 'flush']);
    expect(guarded.judged).toEqual(['x']);
  });

  test('that nobody asks for is taken, and looked at by nobody', () => {
    const guarded = new Guarded({ asksSecret: false, wrong: 'not-asked' });
    guarded.type('auth x\nunlock a\n');
    const welcome = '200 Welcome: no secret is asked for here\r\n';
    expect(guarded.done).toEqual([`${welcome}200 Released\r\n`]);
    const owner = new Guarded();
    const free = new Conversation(owner);
    free.receive(Buffer.from('auth x\n'));
    expect(owner.done).toEqual([welcome]);
    expect(owner.judged).toEqual([]);
  });

  test('reaches whoever judges it byte for byte', () => {
    const guarded = new Guarded();
    guarded.type('auth \x00\xff\t\r\r\n');
    expect(guarded.judged).toEqual(['\x00\xff\t\r']);
  });

  test('that does not come in time ends the connection; one that came does not', () => {
    const late = new Guarded();
    late.type('lock a\n');
    late.conversation.admissionOver();
    late.conversation.admissionOver();
    expect(late.done).toEqual([
      REFUSAL,
      '401 Not admitted: no right secret came in time\r\n',
      'flush',
    ]);
    const timely = new Guarded();
    timely.type('auth sesame\n');
    timely.conversation.admissionOver();
    expect(timely.done).toEqual(['200 Welcome\r\n']);
  });

  test('is asked for before answers pile up: a stranger that reads none soon gets no more', () => {
    const guarded = new Guarded();
    guarded.unread = STRANGER_UNREAD_BYTES_MAX + 1;
    guarded.type('help\nauth sesame\n');
    expect(guarded.done).toEqual([]);
    guarded.unread = STRANGER_UNREAD_BYTES_MAX;
    guarded.conversation.outputDrained();
    guarded.unread += 1;
    guarded.type('echo in\n');
    expect(guarded.done.join('')).toMatch(/END\r\n200 Welcome\r\n200 in\r\n$/);
  });

  test('is guessed by no line: whatever is said, the core hears of nothing but quit', () => {
    const words = COMMANDS.map(({ word }) => word);
    const line = fc
      .array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 6 })), { maxLength: 3 })
      .map((parts) => parts.join(' '));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 10 }), (lines) => {
        const guarded = new Guarded();
        guarded.type(`${lines.join('\n')}\n`);
        expect(guarded.commands.every(({ kind }) => kind === 'quit')).toBe(true);
      }),
    );
  });
});

describe('lines that come too fast', () => {
  test('wait until more are allowed, and are answered in order', () => {
    const guarded = new Guarded({ asksSecret: false });
    guarded.linesLeft = 2;
    guarded.type('echo a\nunlock a\necho b\necho c\n');
    expect(guarded.done).toEqual(['200 a\r\n200 Released\r\n']);
    guarded.linesLeft = 1;
    guarded.conversation.allowed();
    expect(guarded.done.at(-1)).toBe('200 b\r\n');
    guarded.linesLeft = 9;
    guarded.conversation.allowed();
    expect(guarded.done.at(-1)).toBe('200 c\r\n');
  });

  test('of a client that shut its sending side are answered before the end', () => {
    const guarded = new Guarded({ asksSecret: false });
    guarded.linesLeft = 1;
    guarded.type('echo a\necho b\n');
    guarded.conversation.inputEnded();
    expect(guarded.done).toEqual(['200 a\r\n']);
    guarded.linesLeft = 9;
    guarded.conversation.allowed();
    expect(guarded.done).toEqual(['200 a\r\n', '200 b\r\n', 'flush']);
  });

  test('fill no memory: input is not read while they wait', () => {
    const guarded = new Guarded({ asksSecret: false });
    guarded.linesLeft = 1;
    guarded.type('echo a\n'.repeat(20_000));
    expect(guarded.done).toEqual(['200 a\r\n', 'pause']);
    guarded.linesLeft = Number.POSITIVE_INFINITY;
    guarded.conversation.allowed();
    expect(guarded.done.at(-1)).toBe('resume');
  });

  test('wait even if nothing runs any more', () => {
    const guarded = new Guarded({ asksSecret: false });
    guarded.linesLeft = 1;
    guarded.type('quit\necho a\n');
    guarded.conversation.allowed();
    expect(guarded.done).toEqual(['200 Bye\r\n', 'flush']);
  });
});
