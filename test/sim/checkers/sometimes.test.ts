import { describe, expect, it } from 'vitest';
import { Agreed } from '../../../sim/checkers/agreed.ts';
import { SOMETIMES, Sometimes, type SometimesName } from '../../../sim/checkers/sometimes.ts';
import { Verdict } from '../../../sim/checkers/verdict.ts';
import type { Machine } from '../../../sim/machine.ts';
import { SimulatedNetwork } from '../../../sim/network.ts';
import { SimulatedProcess } from '../../../sim/process.ts';
import { Scheduler } from '../../../sim/scheduler.ts';
import { Journal } from '../../../sim/trace.ts';
import { nextBallot, nobodysBallot } from '../../../src/core/ballot.ts';
import type { Effect, RegisterState } from '../../../src/core/event.ts';
import type { Message } from '../../../src/core/message.ts';
import { lockRegister } from '../../../src/core/names.ts';
import type {
  Ballot,
  LockName,
  LockRecord,
  PeerId,
  RegisterName,
  SessionRecord,
} from '../../../src/core/types.ts';

import { firstVoters, peer } from './first-voters.ts';

const LOCK = 'db' as LockName;
const REGISTER = lockRegister(LOCK);
const [N1, N2, N3] = ['n1', 'n2', 'n3'] as [PeerId, PeerId, PeerId];
const FREE: LockRecord = { kind: 'lock', token: 1, holder: null };
const LONG_QUEUE = 100;

const machine = (index: number) => ({ index, id: `n${index + 1}` }) as Machine;
const V1 = machine(0);
const V2 = machine(1);

const ballot = (round: number, peer = N1): Ballot => ({ epoch: 1, round, peer, incarnation: 1 });
const promise = (promised: Ballot, accepted: RegisterState['accepted'] = null): RegisterState => ({
  promised,
  accepted,
});
/** A voter accepted round `round` of n1, and promised the next one to the heir. */
const heirOf = (round: number, heir: PeerId) =>
  promise(nextBallot(ballot(round), heir, 1), { ballot: ballot(round), record: FREE });
const session = (home: PeerId, attachment: number, state: SessionRecord['state'] = 'live') =>
  ({ kind: 'session', home, incarnation: 1, attachment, timeoutMs: 0, state }) as SessionRecord;
const says = (message: Message): Effect => ({
  kind: 'send',
  to: N1,
  epoch: 1,
  counter: 1,
  message,
  durable: false,
});

/** Voters that keep what was made durable last, as disks do. */
class Voters {
  readonly sometimes = new Sometimes();
  readonly #states = new Map<Machine, Map<RegisterName, RegisterState>>();

  durable(voter: Machine, state: RegisterState | null, name = REGISTER): this {
    const states = this.#states.get(voter) ?? new Map<RegisterName, RegisterState>();
    this.#states.set(voter, states);
    this.sometimes.durable(voter, { kind: 'register', name, state }, states.get(name) ?? null);
    if (state === null) states.delete(name);
    else states.set(name, state);
    return this;
  }
}

/** Expects that so much was counted, and nothing else. */
function expectCounts(
  { counts }: Sometimes,
  expected: Partial<Record<SometimesName, number>> = {},
): void {
  const counted = Object.entries(counts).filter(([, count]) => count !== 0);
  expect(Object.fromEntries(counted)).toEqual(expected);
}

describe('what must happen sometimes', () => {
  it('counts from 0, under every name', () => {
    const { counts } = new Sometimes();
    expect(Object.keys(counts)).toEqual(Object.keys(SOMETIMES));
    expectCounts(new Sometimes());
  });

  describe('duels', () => {
    it('counts a promise that outruns that of another writer', () => {
      const { sometimes } = new Voters()
        .durable(V1, promise(ballot(3)))
        .durable(V1, promise(ballot(4, N2)));
      expectCounts(sometimes, { duels: 1 });
    });

    it('counts no writer against itself, no heir and nobody', () => {
      const { sometimes } = new Voters()
        .durable(V1, promise(ballot(3)))
        .durable(V1, promise(ballot(4)))
        .durable(V2, heirOf(1, N2))
        .durable(V2, promise(ballot(3, N3), { ballot: ballot(1), record: FREE }));
      expectCounts(sometimes);
      const forgotten = new Voters()
        .durable(V1, promise(nobodysBallot(1, 3)))
        .durable(V1, promise(ballot(4)));
      expectCounts(forgotten.sometimes);
    });
  });

  describe('a refusal after a promise', () => {
    const accept = (ofBallot: Ballot): Message => ({
      kind: 'accept',
      request: 1,
      register: REGISTER,
      ballot: ofBallot,
      record: FREE,
      heir: N1,
      heirIncarnation: 1,
      chosen: false,
    });
    const refused = (promised: Ballot) =>
      says({ kind: 'refused', request: 1, promised, leaseLeftMs: 0 });
    const outbid = () =>
      new Voters().durable(V1, promise(ballot(3))).durable(V1, promise(ballot(4))).sometimes;

    it('counts an accept under the ballot that was promised and outbid', () => {
      const sometimes = outbid();
      sometimes.answers(V1, accept(ballot(3)), [refused(ballot(4))]);
      expectCounts(sometimes, { refusedAfterPromise: 1 });
    });

    it('counts no other ballot, no other voter, and no accept that is taken', () => {
      const sometimes = outbid();
      sometimes.answers(V1, accept(ballot(2)), [refused(ballot(4))]);
      sometimes.answers(V2, accept(ballot(3)), [refused(ballot(4))]);
      sometimes.answers(V1, accept(ballot(3)), [says({ kind: 'accepted', request: 1 })]);
      expectCounts(sometimes);
    });
  });

  describe('a read by another quorum', () => {
    it('counts a voter that promised and does not hold what was chosen', () => {
      const sometimes = new Sometimes();
      sometimes.reads(0b110, 0b011);
      expectCounts(sometimes, { readElsewhere: 1 });
    });

    it('counts neither the quorum that chose nor a read of nothing', () => {
      const sometimes = new Sometimes();
      sometimes.reads(0b011, 0b111);
      sometimes.reads(0b011, 0);
      expectCounts(sometimes);
    });
  });

  describe('the death of an heir', () => {
    const inherit = (round: number): Message => ({
      kind: 'inherit',
      register: REGISTER,
      ballot: ballot(round),
      record: FREE,
    });
    const handover = (round: number): Message => ({
      kind: 'handover',
      lock: LOCK,
      ballot: ballot(round),
      record: FREE,
      queue: [],
    });
    const named = () =>
      new Voters().durable(V1, promise(ballot(5))).durable(V1, heirOf(5, N2)).sometimes;

    it('counts one that heard of an older round only, once', () => {
      const sometimes = named();
      sometimes.hears(inherit(4));
      sometimes.ends(machine(1));
      sometimes.ends(machine(1));
      expectCounts(sometimes, { heirsDied: 1 });
    });

    it.each([
      ['an inheritance', inherit(5)],
      ['a hand-over', handover(5)],
    ])('counts none that learned by %s', (_, message) => {
      const sometimes = named();
      sometimes.hears(message);
      sometimes.ends(machine(1));
      expectCounts(sometimes);
    });

    it('counts neither the death of another nor one whose writer kept the lock after all', () => {
      const voters = new Voters().durable(V1, promise(ballot(5))).durable(V1, heirOf(5, N2));
      voters.sometimes.ends(machine(2));
      voters.durable(V1, heirOf(6, N1));
      voters.sometimes.ends(machine(1));
      expectCounts(voters.sometimes);
    });
  });

  describe('a keeper that is superseded', () => {
    const superseded: Message = { kind: 'superseded', register: REGISTER, promised: ballot(7, N2) };
    const stamp = { counter: 1, home: N3, incarnation: 1 };

    it('counts one that sends its waiters on', () => {
      const sometimes = new Sometimes();
      const ask = says({ kind: 'ask', lock: LOCK, stamp, owner: N2 });
      sometimes.answers(V1, superseded, [ask, ask]);
      expectCounts(sometimes, { supersededWithQueue: 1 });
    });

    it('counts none without a queue, and none that sends them on for another reason', () => {
      const sometimes = new Sometimes();
      sometimes.answers(V1, superseded, []);
      const claim = { session: 's', attachment: 1, stamp } as never;
      sometimes.answers(V1, { kind: 'claim', lock: LOCK, claim, waits: true }, [
        says({ kind: 'ask', lock: LOCK, stamp, owner: N2 }),
      ]);
      expectCounts(sometimes);
    });
  });

  describe('a move from a living home', () => {
    it('counts a session that is chosen at another home while its own lives', () => {
      const sometimes = new Sometimes();
      sometimes.chosen(session(N1, 1), session(N2, 2), true);
      expectCounts(sometimes, { movedFromLiving: 1 });
    });

    it('counts no move from the dead, no return, no end, no first record and no lock', () => {
      const sometimes = new Sometimes();
      sometimes.chosen(session(N1, 1), session(N2, 2), false);
      sometimes.chosen(session(N1, 1), session(N1, 2), true);
      sometimes.chosen(session(N1, 1), session(N2, 1, 'expired'), true);
      sometimes.chosen(null, session(N2, 1), true);
      sometimes.chosen(FREE, FREE, true);
      expectCounts(sometimes);
    });
  });

  describe('a name that is taken again', () => {
    it('counts a lock that a voter forgot and hears of anew, once for each time', () => {
      const voters = new Voters()
        .durable(V1, promise(ballot(1)))
        .durable(V1, null)
        .durable(V1, promise(ballot(2)))
        .durable(V1, promise(ballot(3)));
      expectCounts(voters.sometimes, { namesRetaken: 1 });
    });

    it('counts no new name, none forgotten elsewhere, and no session', () => {
      const { sometimes } = new Voters()
        .durable(V1, promise(ballot(1)))
        .durable(V1, null)
        .durable(V2, promise(ballot(2)))
        .durable(V1, promise(ballot(2)), lockRegister('other' as LockName));
      expectCounts(sometimes);
      const ofSession = 'Ss' as RegisterName;
      const sessions = new Voters()
        .durable(V1, promise(ballot(1)), ofSession)
        .durable(V1, null, ofSession)
        .durable(V1, promise(ballot(2)), ofSession);
      expectCounts(sessions.sometimes);
    });
  });

  describe('a long queue', () => {
    const wait = (sometimes: Sometimes, count: number, lock = LOCK) => {
      for (let i = 0; i < count; i++) sometimes.waits(lock, 1);
    };

    it('counts once that more than a hundred wait, and again only after they were fewer', () => {
      const sometimes = new Sometimes();
      wait(sometimes, LONG_QUEUE);
      expectCounts(sometimes);
      wait(sometimes, 20);
      expectCounts(sometimes, { longQueues: 1 });
      for (let i = 0; i < 20; i++) sometimes.waits(LOCK, -1);
      expectCounts(sometimes, { longQueues: 1 });
      sometimes.waits(LOCK, 1);
      expectCounts(sometimes, { longQueues: 2 });
    });

    it('counts each lock by itself', () => {
      const sometimes = new Sometimes();
      wait(sometimes, LONG_QUEUE);
      wait(sometimes, LONG_QUEUE, 'other' as LockName);
      expectCounts(sometimes);
    });
  });
});

describe('what others count of it', () => {
  const SESSION = 'Ss' as RegisterName;

  it('an unchosen record that is proposed again is adopted, a chosen or another one is not', () => {
    const agreed = new Agreed(new Verdict(new Scheduler()), firstVoters(3));
    agreed.accepted(peer(0), REGISTER, ballot(1), FREE);
    agreed.accepted(peer(1), REGISTER, ballot(2, N2), { ...FREE, token: 2 });
    expect(agreed.adopted).toBe(0);
    agreed.accepted(peer(1), REGISTER, ballot(3, N2), FREE);
    agreed.accepted(peer(2), REGISTER, ballot(3, N2), FREE);
    expect(agreed.adopted).toBe(1);
    agreed.accepted(peer(0), REGISTER, ballot(4, N2), FREE);
    expect(agreed.adopted).toBe(1);
  });

  it('*expired* that is outrun was accepted by a minority, one that is chosen was not', () => {
    const agreed = new Agreed(new Verdict(new Scheduler()), firstVoters(3));
    agreed.accepted(peer(0), SESSION, ballot(2, N2), session(N1, 1, 'expired'));
    for (const voter of [1, 2])
      agreed.accepted(peer(voter), SESSION, ballot(3, N3), session(N3, 2));
    expect(agreed.expiredByMinority).toBe(1);
    for (const voter of [1, 2])
      agreed.accepted(peer(voter), SESSION, ballot(4, N3), session(N3, 2, 'expired'));
    expect(agreed.expiredByMinority).toBe(1);
  });

  it('*expired* under a higher ballot than the one that is chosen may be chosen yet', () => {
    const agreed = new Agreed(new Verdict(new Scheduler()), firstVoters(3));
    agreed.accepted(peer(0), SESSION, ballot(2, N2), session(N1, 1, 'expired'));
    for (const voter of [1, 2]) agreed.accepted(peer(voter), SESSION, ballot(1), session(N1, 1));
    expect(agreed.expiredByMinority).toBe(0);
    agreed.accepted(peer(1), SESSION, ballot(2, N2), session(N1, 1, 'expired'));
    expect(agreed.expiredByMinority).toBe(0);
  });

  /** Sends a frame that is late, breaks the channel, and starts n1 anew before it arrives, or not. */
  function lateFrame(startsAnew: boolean): SimulatedNetwork {
    const scheduler = new Scheduler();
    const journal = new Journal(scheduler, null);
    const network = new SimulatedNetwork({
      scheduler,
      journal,
      seed: 1,
      machines: 2,
      delayUs: [100],
      detectUs: [1_000],
    });
    const join = (index: number, id: PeerId, incarnation: number) => {
      const process = new SimulatedProcess(scheduler);
      const transport = network.attach(index, id, incarnation, process);
      transport.listen({ opened: () => {}, closed: () => {}, frame: () => {} });
      return { process, transport };
    };
    const run = (us: number) => scheduler.run(scheduler.now + us, () => false);
    const { transport } = join(0, N1, 1);
    join(1, N2, 1);
    run(1_000_000);
    const link = network.links.link(0, 1);
    link.lateUs = 60_000_000;
    link.addDelay([50_000]);
    for (let i = 0; i < 20; i++) transport.send(N2, Uint8Array.of(0, 0, 0, 1, i));
    network.break(0, 1);
    if (startsAnew) join(0, N1, 2);
    run(120_000_000);
    return network;
  }

  it('a letter of an earlier life is refused as such, one of an older channel as no such', () => {
    const restarted = lateFrame(true);
    expect(restarted.refusedIncarnation).toBe(restarted.counts.refused);
    expect(restarted.refusedIncarnation).toBeGreaterThan(0);
    const reconnected = lateFrame(false);
    expect(reconnected.counts.refused).toBeGreaterThan(0);
    expect(reconnected.refusedIncarnation).toBe(0);
  });
});
