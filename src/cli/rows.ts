/**
 * Rows of a peer's lists as values, and values as tables for people.
 *
 * Owns both shapes: keys in camel case, numbers and truths as such; columns as wide as their widest
 * cell. Keys that are not known are taken along, so that an older program shows a newer peer.
 */

/** What a value can be. */
export type Value = string | number | boolean | null;
/** One row, by key. */
export type Row = Readonly<Record<string, Value>>;

/** Words that stand for something else. */
const MEANINGS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['yes', true],
  ['no', false],
  ['none', null],
  ['never', null],
]);
const NUMBER = /^(?:0|[1-9]\d{0,15})$/;
/** What a terminal could take for a command. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/** Reads `key value key value …`. */
export function readPairs(words: readonly string[]): Row {
  const pairs: [string, Value][] = [];
  for (let at = 0; at + 1 < words.length; at += 2) {
    pairs.push([camel(words[at]!), readValue(words[at + 1]!)]);
  }
  return Object.fromEntries(pairs);
}

/** A name as a peer says it, one code unit a byte, as text. */
export function nameFromWire(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** A name as it was typed, one code unit a byte. */
export function nameToWire(name: string): string {
  return Buffer.from(name, 'utf8').toString('latin1');
}

/** Lines of aligned cells, numbers to the right; the first row is the heading. */
export function table(heading: readonly string[], rows: readonly (readonly Value[])[]): string {
  const cells = [heading, ...rows.map((row) => row.map(show))];
  const widths = heading.map((_, at) => Math.max(...cells.map((row) => row[at]!.length)));
  const isNumber = heading.map((_, at) => rows.every((row) => typeof row[at] === 'number'));
  const lines = cells.map((row) =>
    row
      .map((cell, at) => (isNumber[at] ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

/** A line a key. */
export function record(row: Row): string {
  const width = Math.max(...Object.keys(row).map((key) => key.length));
  const lines = Object.entries(row).map(([key, value]) => `${key.padEnd(width)}  ${show(value)}\n`);
  return lines.join('');
}

function camel(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function readValue(word: string): Value {
  const meaning = MEANINGS.get(word);
  if (meaning !== undefined) return meaning;
  return NUMBER.test(word) ? Number(word) : word;
}

function show(value: Value): string {
  if (value === null) return '-';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value).replace(CONTROL, escaped);
}

function escaped(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
