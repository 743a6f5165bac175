import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LINE_BYTES_MAX } from '../../src/limits.ts';
import { LineSplitter, OVER_LONG } from '../../src/text/line-splitter.ts';

type Line = string | typeof OVER_LONG;

function linesOf(splitter: LineSplitter): Line[] {
  const lines: Line[] = [];
  for (let line = splitter.next(); line !== null; line = splitter.next()) lines.push(line);
  return lines;
}

function split(chunks: readonly string[]): Line[] {
  const splitter = new LineSplitter();
  return chunks.flatMap((chunk) => {
    splitter.push(Buffer.from(chunk, 'latin1'));
    return linesOf(splitter);
  });
}

describe('line splitter', () => {
  test.each<[title: string, chunks: string[], lines: Line[]]>([
    ['tells a line', ['a b\n'], ['a b']],
    ['drops the CR before LF', ['a\r\n'], ['a']],
    ['drops one CR only', ['a\r\r\n'], ['a\r']],
    ['takes a CR alone for a byte of the line', ['a\rb\n'], ['a\rb']],
    ['tells an empty line', ['\n\r\n'], ['', '']],
    ['tells several lines of a chunk', ['a\nb\nc\n'], ['a', 'b', 'c']],
    ['never tells an unfinished line', ['a\nb'], ['a']],
    ['joins chunks', ['a', 'b', '\nc', '\n'], ['ab', 'c']],
    ['joins CR and LF of two chunks', ['a\r', '\n'], ['a']],
    ['passes over an empty chunk', ['', 'a', '', '\n'], ['a']],
    ['keeps every byte apart', ['\x00\x80\xff\xc3\x28\t\n'], ['\x00\x80\xff\xc3\x28\t']],
  ])('%s', (_title, chunks, lines) => {
    expect(split(chunks)).toEqual(lines);
  });

  test('goes by a limit of its owner, and says when it is above it', () => {
    const splitter = new LineSplitter(2);
    splitter.push(Buffer.from('ab\nabc'));
    expect([splitter.next(), splitter.isOverLong]).toEqual(['ab', false]);
    expect([splitter.next(), splitter.isOverLong]).toEqual([null, true]);
    splitter.push(Buffer.from('\n'));
    expect([splitter.next(), splitter.isOverLong]).toEqual([OVER_LONG, false]);
  });

  test.each<[bytes: number, isLine: boolean]>([
    [LINE_BYTES_MAX - 1, true],
    [LINE_BYTES_MAX, true],
    [LINE_BYTES_MAX + 1, false],
    [100 * LINE_BYTES_MAX, false],
  ])('a line of %d bytes is told: %s', (bytes, isLine) => {
    const line = 'x'.repeat(bytes);
    const expected = [isLine ? line : OVER_LONG, 'next'];
    expect(split([`${line}\nnext\n`])).toEqual(expected);
    expect(split([...line, '\nnext\n'])).toEqual(expected);
  });

  test('an over-long line without an end is neither told nor kept', () => {
    const splitter = new LineSplitter();
    splitter.push(Buffer.alloc(LINE_BYTES_MAX + 1, 'x'));
    expect(splitter.next()).toBeNull();
    expect(splitter.pendingBytes).toBe(0);
    splitter.push(Buffer.from('y\nz\n'));
    expect(linesOf(splitter)).toEqual([OVER_LONG, 'z']);
  });

  test('a megabyte in chunks of one byte is one over-long line', () => {
    const chunk = Buffer.from('x');
    const splitter = new LineSplitter();
    let linesTold = 0;
    for (let sent = 0; sent < 1_000_000; sent += 1) {
      splitter.push(chunk);
      if (splitter.next() !== null) linesTold += 1;
    }
    expect(linesTold).toBe(0);
    splitter.push(Buffer.from('\n'));
    expect(linesOf(splitter)).toEqual([OVER_LONG]);
  });

  test('counts what it was given and has not told', () => {
    const splitter = new LineSplitter();
    splitter.push(Buffer.from('ab\ncd'));
    expect(splitter.pendingBytes).toBe(5);
    splitter.push(Buffer.from('e'));
    expect(splitter.pendingBytes).toBe(6);
    splitter.next();
    expect(splitter.pendingBytes).toBe(3);
    splitter.clear();
    expect(splitter.pendingBytes).toBe(0);
    expect(splitter.next()).toBeNull();
  });

  test('lines do not depend on where the bytes are cut, nor on when lines are asked for', () => {
    const byte = fc.constantFrom(0x0a, 0x0d, 0x20, 0x61, 0xff);
    const chunks = fc.array(
      fc.record({
        bytes: fc.oneof(
          fc.array(byte, { maxLength: 20 }),
          fc.constant(new Array<number>(LINE_BYTES_MAX - 1).fill(0x62)),
        ),
        isRead: fc.boolean(),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(chunks, (parts) => {
        const splitter = new LineSplitter();
        const lines: Line[] = [];
        for (const { bytes, isRead } of parts) {
          splitter.push(Buffer.from(bytes));
          if (isRead) lines.push(...linesOf(splitter));
        }
        lines.push(...linesOf(splitter));
        const whole = Buffer.from(parts.flatMap(({ bytes }) => bytes)).toString('latin1');
        const expected = whole
          .split('\n')
          .slice(0, -1)
          .map((line) => (line.length > LINE_BYTES_MAX ? OVER_LONG : line.replace(/\r$/, '')));
        expect(lines).toEqual(expected);
      }),
    );
  });
});
