/**
 * Histories as files: a JSON object a line, as `history-check.ts` defines its entries.
 *
 * Owns what is wrong with a line. For `elock sim audit`, which judges what any lock service's
 * clients wrote down.
 */
import type { HistoryEntry } from './history-check.ts';
import { ScenarioError } from './scenario.ts';

const OUTCOMES: Readonly<Record<string, readonly string[]>> = {
  acquire: ['acquired', 'held', 'unknown'],
  release: ['released', 'not-owner', 'unknown'],
};

/** The entries of a file; throws `ScenarioError`, which says which line is wrong and why. */
export function readHistory(text: string): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const entry = parse(line);
    const wrong = whatIsWrong(entry);
    if (wrong !== null) throw new ScenarioError(`line ${index + 1}: ${wrong}`);
    entries.push(entry as unknown as HistoryEntry);
  }
  return entries;
}

type Fields = Readonly<Record<string, unknown>>;

function parse(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Fields) : null;
  } catch {
    return null;
  }
}

function whatIsWrong(entry: Fields | null): string | null {
  if (entry === null) return 'expected a JSON object';
  const { op, session, asked } = entry;
  if (typeof session !== 'string') return 'expected "session", a text';
  if (typeof asked !== 'number') return 'expected "asked", a number';
  if (op === 'end') return null;
  if (op === 'extend') return numberIn(entry, 'safe');
  if (op === 'acquire' || op === 'release') return wrongRequest(op, entry);
  return 'expected "op": acquire, release, extend or end';
}

function wrongRequest(op: 'acquire' | 'release', entry: Fields): string | null {
  const { lock, answered, outcome, safe } = entry;
  const outcomes = OUTCOMES[op] ?? [];
  if (typeof lock !== 'string') return 'expected "lock", a text';
  if (typeof outcome !== 'string' || !outcomes.includes(outcome)) {
    return `expected "outcome": ${outcomes.join(', ')}`;
  }
  if (answered !== null && typeof answered !== 'number') {
    return 'expected "answered", a number, or null for never';
  }
  if (typeof answered === 'number' && answered < (entry['asked'] as number)) {
    return 'expected "answered" to be no earlier than "asked"';
  }
  if (outcome === 'acquired' && answered === null) return 'expected an "answered" of what is known';
  if (outcome === 'acquired' && numberIn(entry, 'token') !== null) return numberIn(entry, 'token');
  return safe === undefined ? null : numberIn(entry, 'safe');
}

function numberIn(entry: Fields, name: string): string | null {
  return typeof entry[name] === 'number' ? null : `expected "${name}", a number`;
}
