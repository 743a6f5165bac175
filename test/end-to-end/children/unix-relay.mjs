/**
 * Relays connections of a Unix socket, which any namespace reaches, to a TCP port of its own one.
 *
 *     node unix-relay.mjs PATH HOST PORT
 */
import { connect, createServer } from 'node:net';
import process from 'node:process';

const [path, host, port] = process.argv.slice(2);

const server = createServer({ allowHalfOpen: true }, (inbound) => {
  const outbound = connect({ host, port: Number(port), noDelay: true, allowHalfOpen: true });
  inbound.pipe(outbound).pipe(inbound);
  for (const [socket, other] of [
    [inbound, outbound],
    [outbound, inbound],
  ]) {
    socket.on('error', () => other.destroy());
  }
});
server.listen(path, () => console.error('listening'));
