/**
 * The durable store: what is written comes back, in order and whole, and damage is refused.
 */
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { describe, expect, it } from 'vitest';
import { DurableRegisterStore } from '../../src/adapters/register-store.ts';
import { STORE_FORMAT } from '../../src/adapters/store-contents.ts';
import { SINGLE } from '../../src/adapters/store-entry.ts';
import type { Change, RegisterState } from '../../src/core/event.ts';
import type { PeerId, RegisterName, SessionId } from '../../src/core/types.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const PEER = '12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo' as PeerId;

function state(round: number): RegisterState {
  const ballot = { epoch: 1, round, peer: PEER, incarnation: 3 };
  const stamp = { counter: round, home: PEER, incarnation: 3 };
  const holder = { session: 'a-session' as SessionId, attachment: 1, stamp };
  return {
    promised: { ...ballot, round: round + 1 },
    accepted: { ballot, record: { kind: 'lock', token: round, holder } },
  };
}

function register(name: string, value: RegisterState | null): Change {
  return { kind: 'register', name: name as RegisterName, state: value };
}

function write(store: DurableRegisterStore, changes: readonly Change[]): Promise<void> {
  return new Promise((resolve, reject) => {
    store.write(changes, (error) => (error === null ? resolve() : reject(error)));
  });
}

/** The file as LMDB itself sees it. */
function rawDatabase(path: string): RootDatabase<Buffer, Buffer> {
  const options = { noSubdir: true, overlappingSync: false, encoding: 'binary' } as const;
  return open<Buffer, Buffer>({ path, ...options, keyEncoding: 'binary' });
}

async function create(): Promise<{ path: string; store: DurableRegisterStore }> {
  const path = join(temporaryDirectory(), 'store.mdb');
  const store = await DurableRegisterStore.open(path);
  store.writeSingles([[SINGLE.format, Buffer.from([STORE_FORMAT, 0, 0, 0])]]);
  return { path, store };
}

async function contents(path: string): Promise<Map<string, RegisterState>> {
  const store = await DurableRegisterStore.open(path);
  const registers = new Map(store.durable.registers);
  await store.close();
  return registers;
}

describe('DurableRegisterStore', () => {
  it('gives back what was written last', async () => {
    const { path, store } = await create();
    await write(store, [register('a', state(1)), register('b', state(2))]);
    await write(store, [register('a', state(3)), register('b', null)]);
    await write(store, [
      { kind: 'floor', floor: { round: 7, token: 9 } },
      { kind: 'remember', peer: PEER, incarnation: 2 ** 40, nonce: 2 ** 47 - 1 },
    ]);
    await store.close();
    const again = await DurableRegisterStore.open(path);
    expect([...again.durable.registers]).toEqual([['a', state(3)]]);
    expect(again.durable.floor).toEqual({ round: 7, token: 9 });
    expect([...again.durable.remembered]).toEqual([[PEER, 2 ** 40, 2 ** 47 - 1]]);
    await again.close();
  });

  it('keeps every byte of a name, however long', async () => {
    const { path, store } = await create();
    const all = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code));
    const names = [
      'x',
      'y'.repeat(256),
      'y'.repeat(257),
      `${'y'.repeat(4_000)}1`,
      `${'y'.repeat(4_000)}2`,
      all,
    ];
    await write(
      store,
      names.map((name, index) => register(name, state(index))),
    );
    await write(store, [register(names[3]!, null)]);
    await store.close();
    const kept = names.flatMap((name, index) =>
      index === 3 ? [] : [[name, state(index)] as const],
    );
    expect(await contents(path)).toEqual(new Map(kept as [string, RegisterState][]));
  });

  it('calls back in the order of the calls, and never from within one', async () => {
    const { store } = await create();
    const order: number[] = [];
    const all: Promise<void>[] = [];
    for (let round = 0; round < 3; round += 1) {
      for (let index = 0; index < 50; index += 1) {
        const number = round * 50 + index;
        const changes = index % 7 === 3 ? [] : [register(`name-${index}`, state(number))];
        all.push(write(store, changes).then(() => void order.push(number)));
        expect(order.includes(number)).toBe(false);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(all);
    expect(order).toEqual(Array.from({ length: 150 }, (_, number) => number));
    await store.close();
  });

  it('answers a write of nothing', async () => {
    const { store } = await create();
    await write(store, []);
    await store.close();
  });

  it('closes only when everything written is durable', async () => {
    const { path, store } = await create();
    for (let index = 0; index < 100; index += 1)
      store.write([register(`${index}`, state(index))], () => {});
    await store.close();
    expect((await contents(path)).size).toBe(100);
  });

  it('lets what comes in the turn in which a commit is done go along with what waits', async () => {
    const { store } = await create();
    const commits: string[][] = [[]];
    const put = (name: string, done = () => {}): void => {
      store.write([register(name, state(1))], () => {
        commits.at(-1)!.push(name);
        if (commits.at(-1)!.length === 1) queueMicrotask(() => commits.push([]));
        done();
      });
    };
    put('a', () => put('c'));
    // The commit of the first has begun.
    await new Promise((resolve) => setImmediate(resolve));
    put('b');
    await store.close();
    expect(commits.filter((each) => each.length > 0)).toEqual([['a'], ['b', 'c']]);
  });

  it('refuses a store of a newer version', async () => {
    const { path, store } = await create();
    store.writeSingles([[SINGLE.format, Buffer.from([STORE_FORMAT + 1, 0, 0, 0])]]);
    await store.close();
    await expect(DurableRegisterStore.open(path)).rejects.toThrow(/newer elock/);
  });

  it('refuses entries without the version of their form', async () => {
    const { path, store } = await create();
    await write(store, [register('a', state(1))]);
    await store.close();
    const raw = rawDatabase(path);
    await raw.remove(Buffer.from(SINGLE.format));
    await raw.close();
    await expect(DurableRegisterStore.open(path)).rejects.toThrow(/damaged/);
  });

  it('refuses an entry that was moved to another key', async () => {
    const { path, store } = await create();
    await write(store, [register('a', state(1))]);
    await store.close();
    const raw = rawDatabase(path);
    await raw.put(Buffer.from('rb'), raw.get(Buffer.from('ra'))!);
    await raw.close();
    await expect(DurableRegisterStore.open(path)).rejects.toThrow(/"rb" fails its checksum/);
  });
});

describe('a damaged store', () => {
  async function filled(): Promise<{ path: string; sound: Map<string, RegisterState> }> {
    const { path, store } = await create();
    const long = 'z'.repeat(4_000);
    for (let turn = 0; turn < 6; turn += 1) {
      const changes = Array.from({ length: 60 }, (_, index) =>
        register(
          `lock-${(index * 31 + turn) % 120}`,
          (index + turn) % 5 === 0 ? null : state(turn),
        ),
      );
      await write(store, [...changes, register(long, state(turn))]);
    }
    await store.close();
    const sound = await contents(path);
    expect(sound.size).toBeGreaterThan(60);
    return { path, sound };
  }

  /** Without the zeros at the end. */
  function usedBytes(path: string): Buffer {
    const written = readFileSync(path);
    return written.subarray(0, written.findLastIndex((byte) => byte !== 0) + 1);
  }

  async function refusedOrSound(path: string, sound: Map<string, RegisterState>): Promise<boolean> {
    try {
      expect(await contents(path)).toEqual(sound);
      return false;
    } catch (error) {
      expect(error).toMatchObject({ code: 'storeDamaged' });
      expect((error as Error).message).toContain(path);
      return true;
    }
  }

  it('is refused, or still says the same, whichever bit flips', async () => {
    const { path, sound } = await filled();
    const original = usedBytes(path);
    let refused = 0;
    let seed = 1;
    const flips = 400;
    for (let count = 0; count < flips; count += 1) {
      seed = Math.imul(seed, 1_664_525) + 1_013_904_223;
      const bit = (seed >>> 0) % (original.length * 8);
      const bytes = Buffer.from(original);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      const copy = join(temporaryDirectory(), 'store.mdb');
      writeFileSync(copy, bytes);
      if (await refusedOrSound(copy, sound)) refused += 1;
    }
    expect(refused).toBeGreaterThan(flips / 10);
  });

  it('is refused, or still says the same, whichever bit of its first pages flips', async () => {
    const { path, sound } = await filled();
    const length = statSync(path).size;
    const original = usedBytes(path);
    for (let bit = 0; bit < 2 * 168 * 8; bit += 5) {
      const page = bit >= 168 * 8 ? 1 : 0;
      const at = page * 4_096 + ((bit - page * 168 * 8) >> 3);
      const bytes = Buffer.from(original);
      bytes[at]! ^= 1 << (bit & 7);
      const copy = join(temporaryDirectory(), 'store.mdb');
      writeFileSync(copy, bytes);
      // The room at its end, which is most of it, is nothing that has to be written.
      truncateSync(copy, length);
      await refusedOrSound(copy, sound);
    }
  });

  it('is refused, or still says the same, at any length', async () => {
    const { path, sound } = await filled();
    const used = usedBytes(path).length;
    let refused = 0;
    for (let length = 0; length < used; length += 1_024) {
      const copy = join(temporaryDirectory(), 'store.mdb');
      copyFileSync(path, copy);
      truncateSync(copy, length);
      if (await refusedOrSound(copy, sound)) refused += 1;
    }
    expect(refused).toBeGreaterThan(used / 1_024 / 2);
  });

  /** Where both numbers stand in the meta pages: of the last page, and of the transaction. */
  const [LAST_PAGE, TRANSACTION] = [0, 1].map((word) =>
    [0, 4_096].map((at) => at + 144 + 8 * word),
  );

  it('is sound if its last commit failed to write its meta page, as LMDB leaves that', async () => {
    const { path, sound } = await filled();
    const before = readFileSync(path);
    const raw = rawDatabase(path);
    raw.transactionSync(() => raw.removeSync(Buffer.from([...raw.getKeys({ limit: 1 })][0]!)));
    await raw.close();
    const after = readFileSync(path);
    const numbers = TRANSACTION!.map((at) => after.readBigUInt64LE(at));
    const slot = numbers[0]! > numbers[1]! ? 0 : 1;
    for (const at of [LAST_PAGE![slot]!, TRANSACTION![slot]!]) before.copy(after, at, at, at + 8);
    writeFileSync(path, after);
    expect(await contents(path)).toEqual(sound);
  });

  it('is refused when it is something else', async () => {
    for (const bytes of [Buffer.from('hello'), Buffer.alloc(50_000, 0xa5), Buffer.alloc(50_000)]) {
      const path = join(temporaryDirectory(), 'store.mdb');
      writeFileSync(path, bytes);
      await expect(DurableRegisterStore.open(path)).rejects.toThrow(/damaged/);
    }
  });
});
