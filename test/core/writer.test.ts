import { beforeEach, describe, expect, test } from 'vitest';
import type { PromiseAnswer } from '../../src/core/message.ts';
import type { Read } from '../../src/core/read.ts';
import type { Ballot, PeerId } from '../../src/core/types.ts';
import type { Write } from '../../src/core/writer.ts';
import { Parts } from './parts.ts';
import { ballot, lockNamed, lockRecord, said } from './solo.ts';

const { register } = lockNamed('door');
const [x, y, z] = ['x', 'y', 'z'] as PeerId[] as [PeerId, PeerId, PeerId];
type Accepted = PromiseAnswer['accepted'];

let parts: Parts;
let reads: Read[];
let chosen: Write[];
let refusals: { promised: Ballot; leaseLeftMs: number }[];
beforeEach(() => {
  parts = new Parts({ pageSize: 2 });
  reads = [];
  chosen = [];
  refusals = [];
});

const owner = {
  onRead: (_: Write, read: Read) => void reads.push(read),
  onChosen: (write: Write) => void chosen.push(write),
  onRefused: (_: Write, promised: Ballot, leaseLeftMs: number) =>
    void refusals.push({ promised, leaseLeftMs }),
};

const accept = (from: PeerId, { request }: Write) =>
  parts.writer.onAccepted(from, { kind: 'accepted', request });

const refuse = (from: PeerId, request: number, round: number, leaseLeftMs = 0) =>
  parts.writer.onRefused(from, {
    kind: 'refused',
    request,
    promised: ballot(round, 'q'),
    leaseLeftMs,
  });

const promise = (from: PeerId, request: number, accepted: Accepted, floorToken = 0, left = 0) =>
  parts.writer.onPromise(from, {
    kind: 'promise',
    request,
    accepted,
    floorToken,
    leaseLeftMs: left,
  });

const known = (round: number, token: number): Accepted => ({
  ballot: ballot(round, 'p'),
  record: lockRecord(token),
});

describe('a read', () => {
  test('takes the record of the highest accepted ballot, and is not certain of it', () => {
    const { request } = parts.writer.prepare(register, owner);
    promise(x, request, known(3, 1));
    expect(reads).toEqual([]);
    promise(y, request, known(4, 2));
    expect(reads[0]).toMatchObject({ certain: false, possible: lockRecord(2) });
    expect(reads).toMatchObject([{ record: lockRecord(2) }]);
    promise(z, request, known(3, 1));
    // Two have accepted nothing so high: the record of round 4 was not chosen, that of 3 may be.
    expect(reads[1]).toMatchObject({ record: lockRecord(2), possible: lockRecord(1) });
  });

  test('does not drop a chosen record because it was written again at one voter', () => {
    const { request } = parts.writer.prepare(register, owner);
    promise(x, request, known(9, 7));
    promise(y, request, known(4, 7));
    promise(z, request, known(3, 1));
    // Round 4 may have been chosen at x and y, before x took the same record in round 9.
    expect(reads[1]).toMatchObject({ record: lockRecord(7), possible: lockRecord(7) });
  });

  test('is certain of what a quorum holds under one ballot, and of what none knows', () => {
    const first = parts.writer.prepare(register, owner);
    promise(x, first.request, known(3, 1));
    promise(y, first.request, known(3, 1));
    expect(reads[0]).toMatchObject({ certain: true, possible: lockRecord(1) });
    const second = parts.writer.prepare(register, owner);
    promise(x, second.request, null, 4);
    promise(z, second.request, null, 9);
    expect(reads[1]).toMatchObject({ record: null, certain: true, floorToken: 9 });
  });

  test('says when a quorum would let a session expire', () => {
    const { request } = parts.writer.prepare(register, owner);
    promise(x, request, known(3, 1), 0, 900);
    promise(y, request, known(3, 1), 0, 100);
    promise(z, request, known(3, 1), 0, 300);
    expect(reads.map(({ leaseLeftMs }) => leaseLeftMs)).toEqual([900, 300]);
  });

  test('counts each voter once, and no stranger', () => {
    const { request } = parts.writer.prepare(register, owner);
    promise(x, request, null);
    promise(x, request, null);
    promise('s' as PeerId, request, null);
    expect(reads).toEqual([]);
  });
});

describe('a ballot', () => {
  test('is above all that was seen or used', () => {
    parts.writer.saw(ballot(20, 'q'));
    expect(parts.writer.prepare(register, owner).ballot).toEqual(ballot(21, 'h'));
    expect(parts.writer.prepare(register, owner).ballot.round).toBe(22);
    promise(x, parts.writer.prepare(register, owner).request, known(40, 1));
    const { request, ballot: next } = parts.writer.prepare(register, owner);
    expect(next.round).toBe(41);
    refuse(y, request, 44);
    expect(parts.writer.prepare(register, owner).ballot.round).toBe(45);
  });

  test('that came too late leaps: the register is as far ahead again when the next arrives', () => {
    parts.writer.saw(ballot(20, 'q'));
    // Of a lock that changes hands ten times between two tries.
    const round = [31, 41, 51].find((promised) => {
      const write = parts.writer.prepare(register, owner);
      if (write.ballot.round > promised) return true;
      refuse(y, write.request, promised);
      return false;
    });
    expect(round).toBe(41);
  });

  test('leaps no farther than so many rounds, lest two that duel run out of them', () => {
    refuse(y, parts.writer.prepare(register, owner).request, 1_000_000);
    expect(parts.writer.prepare(register, owner).ballot.round).toBe(1_010_001);
  });
});

describe('a write', () => {
  test('is chosen by a quorum, once, and counted until every voter holds it', () => {
    const write = parts.writer.propose(register, ballot(5, 'h'), lockRecord(1), owner);
    accept(x, write);
    accept(x, write);
    expect(chosen).toEqual([]);
    accept(y, write);
    expect(chosen).toEqual([write]);
    expect(parts.writer.isHeldByAll(write)).toBe(false);
    accept(z, write);
    expect(chosen).toHaveLength(1);
    expect(parts.writer.isHeldByAll(write)).toBe(true);
    expect(parts.writer.size).toBe(0);
  });

  test('that was refused is counted all the same, for a bounded time', () => {
    const write = parts.writer.propose(register, ballot(5, 'h'), lockRecord(1), owner);
    accept(x, write);
    refuse(y, write.request, 9);
    refuse(z, write.request, 9);
    expect(refusals).toEqual([{ promised: ballot(9, 'q'), leaseLeftMs: 0 }]);
    accept(z, write);
    expect(chosen).toEqual([write]);
    const other = parts.writer.propose(register, ballot(12, 'h'), lockRecord(1), owner);
    refuse(y, other.request, 13);
    parts.wait(5_001);
    for (const voter of [x, y]) accept(voter, other);
    expect(chosen).toEqual([write]);
  });

  test('that was chosen and is refused by a slow voter is not kept for it: another has written', () => {
    const write = parts.writer.propose(register, ballot(5, 'h'), lockRecord(1), owner);
    accept(x, write);
    accept(y, write);
    refuse(z, write.request, 9);
    expect(parts.writer.size).toBe(0);
    expect(refusals).toEqual([]);
  });

  test('does not count what was answered to its earlier phase', () => {
    const write = parts.writer.prepare(register, owner);
    const asked = write.request;
    promise(x, asked, null);
    promise(y, asked, null);
    parts.writer.accept(write, lockRecord(1));
    for (const voter of [x, y, z]) accept(voter, { ...write, request: asked });
    refuse(z, asked, 99);
    expect([chosen, refusals]).toEqual([[], []]);
  });

  test('that is dropped hears nothing more', () => {
    const write = parts.writer.propose(register, ballot(5, 'h'), lockRecord(1), owner);
    parts.writer.drop(write);
    parts.writer.drop(null);
    for (const voter of [x, y, z]) accept(voter, write);
    expect(chosen).toEqual([]);
  });

  test('goes to the voters that have a channel', () => {
    parts.links.closed(z);
    parts.writer.prepare(register, owner);
    expect(said(parts.take(), 'prepare').map(({ to }) => to)).toEqual([x, y]);
  });
});

describe('a new channel', () => {
  test('has a prepare whose answer was lost made anew, higher, never sent again', () => {
    const write = parts.writer.prepare(register, owner);
    parts.take();
    parts.writer.channelOpened(z);
    expect(said(parts.take(), 'prepare')).toEqual([]);
    expect(refusals).toEqual([{ promised: write.ballot, leaseLeftMs: 0 }]);
    promise(x, write.request, null);
    promise(y, write.request, null);
    expect(reads).toEqual([]);
  });

  test('leaves a prepare alone that the voter has answered', () => {
    const { request } = parts.writer.prepare(register, owner);
    promise(z, request, null);
    parts.writer.channelOpened(z);
    promise(x, request, null);
    expect(reads).toHaveLength(1);
  });

  test('brings a slow voter up to date: a page at once, one more for each answer', () => {
    parts.links.closed(z);
    const writes = ['a', 'b', 'c', 'd'].map((name) => {
      const write = parts.writer.propose(
        lockNamed(name).register,
        ballot(5, 'h'),
        lockRecord(1),
        owner,
      );
      accept(x, write);
      accept(y, write);
      return write;
    });
    parts.take();
    parts.links.opened(z, 1);
    parts.writer.channelOpened(z);
    const sent = () => said(parts.take(), 'accept').map(({ to, register: r }) => `${to} ${r}`);
    expect(sent()).toEqual(['z La', 'z Lb']);
    accept(z, writes[0] as Write);
    expect(sent()).toEqual(['z Lc']);
    accept(z, writes[1] as Write);
    accept(z, writes[2] as Write);
    accept(z, writes[3] as Write);
    expect(sent()).toEqual(['z Ld']);
    expect(parts.writer.size).toBe(0);
  });

  test('is of no concern to writers when it is to no voter', () => {
    parts.writer.propose(register, ballot(5, 'h'), lockRecord(1), owner);
    parts.take();
    parts.writer.channelOpened('s' as PeerId);
    expect(parts.take()).toEqual([]);
  });

  test('catches up only with the last of the writes of one register', () => {
    const old = parts.writer.propose(register, ballot(5, 'h'), lockRecord(1), owner);
    for (const voter of [x, y]) accept(voter, old);
    const young = parts.writer.propose(register, ballot(6, 'h'), lockRecord(2), owner);
    for (const voter of [x, y]) accept(voter, young);
    parts.take();
    parts.writer.channelOpened(z);
    expect(said(parts.take(), 'accept')).toMatchObject([{ to: z, record: lockRecord(2) }]);
  });
});

describe('a voter that waits for a lease', () => {
  const sent = () =>
    said(parts.take(), 'accept').map(({ to, chosen: isChosen }) => ({ to, isChosen }));

  test('is sent the record again as soon as that is chosen', () => {
    const write = parts.writer.propose(register, ballot(5, 'h'), lockRecord(1), owner);
    refuse(z, write.request, 6, 900);
    expect(sent().every(({ isChosen }) => !isChosen)).toBe(true);
    accept(x, write);
    accept(y, write);
    expect(sent()).toEqual([{ to: z, isChosen: true }]);
    accept(z, write);
    expect(parts.writer.size).toBe(0);
  });

  test('is sent it again when its refusal comes after that', () => {
    const write = parts.writer.propose(register, ballot(5, 'h'), lockRecord(1), owner);
    accept(x, write);
    accept(y, write);
    parts.take();
    refuse(z, write.request, 6, 900);
    expect(sent()).toEqual([{ to: z, isChosen: true }]);
  });
});
