/**
 * Where peers are, as users write it: `HOST:PORT`, `HOST`, `[IPv6]:PORT`, `[IPv6]`, or `unix:PATH`,
 * a path that begins with `/`, `./` or `../`.
 *
 * Owns the syntax and the default port. Looks nothing up.
 */
import { InvalidArgumentError, quoted } from './errors.ts';
import { ADDRESS_CHARACTERS_MAX, PEERS_MAX, SOCKET_PATH_BYTES_MAX } from './limits.ts';

/** The port of a peer that was told no other. */
export const DEFAULT_PORT = 11_400;

/** One peer's text port, or its UNIX socket on this machine. */
export type PeerAddress =
  | { readonly host: string; readonly port: number }
  | { readonly path: string };

const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s[\]:/@]+))(?::([0-9]{1,5}))?$/;
const SOCKET = /^unix:(\.{0,2}\/[^\0]+)$/;
const PORT_MAX = 65_535;

/**
 * Reads one address.
 *
 * @throws InvalidArgumentError if it is none
 */
export function parsePeerAddress(text: string): PeerAddress {
  const short = typeof text === 'string' && text.length <= ADDRESS_CHARACTERS_MAX;
  const [, path] = (short ? SOCKET.exec(text) : null) ?? [];
  if (path !== undefined) return socketAt(path);
  const [, literal, name, digits] = (short ? ADDRESS.exec(text) : null) ?? [];
  const host = literal ?? name;
  const port = digits === undefined ? DEFAULT_PORT : Number(digits);
  if (host !== undefined && port >= 1 && port <= PORT_MAX) return { host, port };
  const got = typeof text === 'string' ? quoted(text) : typeof text;
  throw new InvalidArgumentError(
    `expected a peer as HOST:PORT, such as localhost:11400, or as unix:/PATH; got ${got}`,
  );
}

function socketAt(path: string): PeerAddress {
  const bytes = Buffer.byteLength(path);
  if (bytes <= SOCKET_PATH_BYTES_MAX) return { path };
  const problem = `the path of a socket has at most ${SOCKET_PATH_BYTES_MAX} bytes on this system`;
  throw new InvalidArgumentError(`${problem}, not ${bytes}`);
}

/**
 * Reads the list of peers of a client; each counts once.
 *
 * @throws InvalidArgumentError if there is none, one that is none, or more than `PEERS_MAX`
 */
export function parsePeerAddresses(texts: readonly string[]): PeerAddress[] {
  if (!Array.isArray(texts) || texts.length === 0 || texts.length > PEERS_MAX) {
    throw new InvalidArgumentError(`expected a list of 1 to ${PEERS_MAX} peers, as HOST:PORT`);
  }
  const byText = new Map(texts.map((text) => parsePeerAddress(text)).map((at) => [show(at), at]));
  return [...byText.values()];
}

/** As `HOST:PORT` or `unix:PATH`. */
export function show(peer: PeerAddress): string {
  if ('path' in peer) return `unix:${peer.path}`;
  const { host, port } = peer;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
