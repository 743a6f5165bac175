/**
 * A client's view of what a peer says: text cut anywhere, answers in order, lists as a whole.
 *
 * Owns the unfinished line and the unfinished list. Knows which answers are lists by their first
 * line, and tells `410` and `210` lines apart: they answer nothing that waits for an answer.
 */

const LISTS = /^200 (STATS|INFO|LOCKS|PEERS|HELP)\b/;

/** What a peer said. */
export type Said =
  | { readonly kind: 'answer'; readonly code: number; readonly words: readonly string[] }
  /** What came of a `queue`. */
  | {
      readonly kind: 'told';
      readonly lock: string;
      readonly code: number;
      readonly words: readonly string[];
    }
  | { readonly kind: 'lost'; readonly lock: string };

/** Cuts one connection's text into answers. */
export class LineReader {
  #text = '';
  #inList = false;

  /** Takes the next text. */
  push(text: string): Said[] {
    const lines = (this.#text + text).split('\r\n');
    this.#text = lines.pop() ?? '';
    const said: Said[] = [];
    for (const line of lines) {
      const one = this.#line(line);
      if (one !== null) said.push(one);
    }
    return said;
  }

  /** `null`: in the middle of a list. */
  #line(line: string): Said | null {
    if (this.#inList) {
      if (line !== 'END') return null;
      this.#inList = false;
      return { kind: 'answer', code: 200, words: [] };
    }
    if (LISTS.test(line)) {
      this.#inList = true;
      return null;
    }
    const words = line.split(' ');
    const code = words.shift();
    if (code === '410') return { kind: 'lost', lock: words[0] ?? '' };
    if (code === '210') return told(words);
    return { kind: 'answer', code: Number(code), words };
  }
}

function told([lock = '', code, ...words]: readonly string[]): Said {
  return { kind: 'told', lock, code: Number(code), words };
}
