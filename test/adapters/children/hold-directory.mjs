/**
 * Opens the data directory given and holds it; says over IPC who it is, or why it failed.
 * Writes registers for ever once told to, and says which are durable.
 */
import process from 'node:process';
import { DataDirectory } from '../../../dist/src/adapters/data-directory.js';

const PEER = '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo';

function change(number) {
  const ballot = { epoch: 1, round: number, peer: PEER, incarnation: 1 };
  const record = { kind: 'lock', token: number, holder: null };
  const state = { promised: ballot, accepted: { ballot, record } };
  return { kind: 'register', name: `lock-${number % 1_000}`, state };
}

function writeForEver(directory, number) {
  const changes = Array.from({ length: 20 }, (_, index) => change(number + index));
  directory.store.write(changes, (error) => {
    if (error !== null) {
      process.send({ failed: error.message });
      return;
    }
    process.send({ durable: number + 19 });
    writeForEver(directory, number + 20);
  });
}

try {
  const directory = await DataDirectory.open(process.argv[2]);
  process.send({ self: directory.identity.self, incarnation: directory.incarnation });
  process.on('message', (order) => {
    if (order === 'write') writeForEver(directory, 1);
    else directory.close().then(() => process.disconnect());
  });
} catch (error) {
  process.send({ code: error.code, message: error.message, signal: null });
  process.disconnect();
}
