/**
 * What one acquire is made of, measured in the same run: a client's round trip, one between peers,
 * and one durable write.
 *
 * The client's is an `echo` on an idle peer. The other two are those of two processes, and of a
 * store, of the bench itself, with the transport and the store that peers use.
 */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { DurableRegisterStore } from '../../../src/adapters/register-store.ts';
import type { Change } from '../../../src/core/event.ts';
import type { PeerId, RegisterName } from '../../../src/core/types.ts';
import { type ElockCell, msSince, p50AndP99 } from '../cell.ts';
import { LineClient } from '../line-client.ts';
import { PeerPair } from '../peer-pair.ts';

const SAMPLES = 1_000;
/** Taken before, and thrown away. */
const WARM_UP_SAMPLES = 500;

export const basis: ElockCell = {
  name: 'basis',
  title: 'Basis: what an acquire is made of',
  of: 'elock',
  fresh: false,
  alone: false,
  columns: [
    { key: 'clientP50', title: 'client round trip p50 ms', digits: 3, compared: false },
    { key: 'clientP99', title: 'p99 ms', digits: 2, compared: false },
    { key: 'peerP50', title: 'peer round trip p50 ms', digits: 3, compared: false },
    { key: 'peerP99', title: 'p99 ms', digits: 2, compared: false },
    { key: 'writeP50', title: 'durable write p50 ms', digits: 3, compared: false },
    { key: 'writeP99', title: 'p99 ms', digits: 2, compared: false },
  ],
  async run(system, { directory }) {
    const folder = mkdtempSync(join(directory, 'basis-'));
    return {
      figures: {
        ...p50AndP99('client', await clientRoundTrips(system.port(0))),
        ...p50AndP99('peer', await peerRoundTrips(folder)),
        ...p50AndP99('write', await durableWrites(folder)),
      },
      errors: [],
    };
  },
};

async function clientRoundTrips(port: number): Promise<number[]> {
  const client = await LineClient.connect(port);
  const roundTrips = await sample(() => client.request('echo x'));
  await client.close();
  return roundTrips;
}

async function peerRoundTrips(folder: string): Promise<number[]> {
  const pair = await PeerPair.start(folder);
  const roundTrips = await sample(() => pair.roundTrip());
  await pair.stop();
  return roundTrips;
}

async function durableWrites(folder: string): Promise<number[]> {
  const store = await DurableRegisterStore.open(join(folder, 'registers.lmdb'));
  let round = 0;
  const writes = await sample(() => {
    round += 1;
    return new Promise<void>((resolve, reject) => {
      store.write([promise(round)], (error) => (error === null ? resolve() : reject(error)));
    });
  });
  await store.close();
  return writes;
}

/** A register's change as an acquire makes one, about as long. */
function promise(round: number): Change {
  const promised = { epoch: 1, round, peer: 'p'.repeat(52) as PeerId, incarnation: 1 };
  const name = 'lock-of-the-basis' as RegisterName;
  const record = { kind: 'lock', token: round, holder: null } as const;
  const state = { promised, accepted: { ballot: promised, record } };
  return { kind: 'register', name, state };
}

/** How long each of many calls takes, one after the other, in ms. */
async function sample(call: () => Promise<unknown>): Promise<number[]> {
  const durations: number[] = [];
  for (let count = 0; count < WARM_UP_SAMPLES + SAMPLES; count += 1) {
    const startedAt = performance.now();
    await call();
    durations.push(msSince(startedAt));
  }
  return durations.slice(WARM_UP_SAMPLES);
}
