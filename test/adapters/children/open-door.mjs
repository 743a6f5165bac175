/** Opens a UNIX socket for clients when it is told to, and says what came of it. */
import { TextDoor } from '../../../dist/src/adapters/text-door.js';

const place = { kind: 'unix', path: process.argv[2], mode: 0o600 };
const door = new TextDoor(place, { log: () => {} });
process.once('message', async () => {
  const answer = await door
    .open(() => () => {})
    .then(
      () => 'open',
      ({ code }) => code,
    );
  process.send(answer);
});
process.send('ready');
