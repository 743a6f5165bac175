/**
 * The other process of a `PeerPair`: says where it listens, and answers each frame with one.
 */
import { openTransport, voteFrame } from './echo-transport.ts';

const answer = voteFrame();
const transport = await openTransport([], {
  opened: () => {},
  closed: () => {},
  frame: (peer) => transport.send(peer, answer),
});
console.log(transport.addresses()[0]);
