/**
 * The other process of a `PeerPair`: says on which port it listens, and sends everything back.
 */
import { type AddressInfo, createServer } from 'node:net';

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.pipe(socket);
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
