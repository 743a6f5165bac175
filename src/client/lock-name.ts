/**
 * Names of locks: text for programs, bytes for peers.
 *
 * A name is UTF-8 on the wire, held as one code unit a byte as everywhere in the text protocol.
 * Refuses what a line could not carry, and what two different texts would be the same bytes for.
 */
import { InvalidArgumentError, quoted } from './errors.ts';
import { NAME_BYTES_MAX } from './limits.ts';

/** Parts words and lines, or would not come back as it was. */
const UNFIT = /[ \n\r\0]/;

/**
 * A name as it stands in a line.
 *
 * @throws InvalidArgumentError if it is empty, too long, no well-formed text, or has a space, a
 * line end or a NUL
 */
export function toWire(name: string): string {
  // No text has fewer bytes than UTF-16 units: the long are refused without looking at them.
  const isShort = typeof name === 'string' && name.length > 0 && name.length <= NAME_BYTES_MAX;
  if (isShort && !UNFIT.test(name)) {
    const bytes = Buffer.from(name, 'utf8');
    if (bytes.length <= NAME_BYTES_MAX && bytes.toString('utf8') === name) {
      return bytes.toString('latin1');
    }
  }
  const got = typeof name === 'string' ? quoted(name) : typeof name;
  throw new InvalidArgumentError(
    `expected the name of a lock, 1 to ${NAME_BYTES_MAX} bytes without spaces or line ends; got ${got}`,
  );
}

/** A name as it came in a line; bytes that are no UTF-8 are shown as U+FFFD. */
export function fromWire(wire: string): string {
  return Buffer.from(wire, 'latin1').toString('utf8');
}
