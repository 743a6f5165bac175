/** Arbitrary values of everything that the wire format can carry, by kind of message. */
import fc from 'fast-check';
import type { Floor, RegisterState } from '../../src/core/event.ts';
import type { Message } from '../../src/core/message.ts';
import type {
  Ballot,
  ClusterId,
  Configuration,
  LockName,
  LockRecord,
  PeerId,
  RegisterName,
  RegisterRecord,
  SessionId,
  SessionRecord,
  Stamp,
} from '../../src/core/types.ts';

const PEERS = ['12D3KooWAda', '12D3KooWBob', '12D3KooWCyd', '~'] as PeerId[];

/** Every integer of the format, with a weight on the edges of its lengths. */
export const integer: fc.Arbitrary<number> = fc.oneof(
  fc.maxSafeNat(),
  fc.nat(300),
  fc.integer({ min: 0, max: 53 }).map((bits) => 2 ** bits - 1),
  fc.integer({ min: 0, max: 52 }).map((bits) => 2 ** bits),
);

/** Bytes without space and LF, one code unit each. */
export const word: fc.Arbitrary<string> = fc
  .array(fc.integer({ min: 0, max: 253 }), { minLength: 1, maxLength: 40 })
  .map((codes) => codes.map((code) => String.fromCharCode(skipBlanks(code))).join(''));

function skipBlanks(code: number): number {
  const withoutLf = code < 0x0a ? code : code + 1;
  return withoutLf < 0x20 ? withoutLf : withoutLf + 1;
}

const lock = word as fc.Arbitrary<LockName>;
const session = word as fc.Arbitrary<SessionId>;
const register = word as fc.Arbitrary<RegisterName>;
const peer: fc.Arbitrary<PeerId> = fc.oneof(
  fc.constantFrom(...PEERS),
  word,
) as fc.Arbitrary<PeerId>;

const ballot: fc.Arbitrary<Ballot> = fc.record({
  epoch: integer,
  round: integer,
  peer,
  incarnation: integer,
});

const stamp: fc.Arbitrary<Stamp> = fc.record({
  counter: integer,
  home: peer,
  incarnation: integer,
});
const queuedClaim = fc.record({ session, attachment: integer, stamp });

const lockRecord: fc.Arbitrary<LockRecord> = fc.record({
  kind: fc.constant('lock' as const),
  token: integer,
  holder: fc.option(queuedClaim),
});

const sessionRecord: fc.Arbitrary<SessionRecord> = fc.record({
  kind: fc.constant('session' as const),
  home: peer,
  incarnation: integer,
  attachment: integer,
  timeoutMs: integer,
  state: fc.constantFrom('live' as const, 'expired' as const),
});

const record: fc.Arbitrary<RegisterRecord> = fc.oneof(lockRecord, sessionRecord);
const accepted = fc.option(fc.record({ ballot, record }));
const attached = fc.array(fc.record({ session, attachment: integer }), { maxLength: 5 });
const lockAndStamp = { lock, stamp };

/** 64 hexadecimal digits. */
export const cluster: fc.Arbitrary<ClusterId> = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex') as ClusterId);

const peers = fc.uniqueArray(peer, { maxLength: 7 }).map((some) => some.sort());

export const configuration: fc.Arbitrary<Configuration> = fc.record({
  cluster,
  epoch: integer,
  voters: peers,
  before: peers,
  wanted: integer,
  resting: peers,
  removed: peers,
});

export const registerState: fc.Arbitrary<RegisterState> = fc.record({ promised: ballot, accepted });
export const floor: fc.Arbitrary<Floor> = fc.record({ round: integer, token: integer });

type Fields<K extends Message['kind']> = {
  [F in Exclude<keyof Extract<Message, { kind: K }>, 'kind'>]: fc.Arbitrary<
    Extract<Message, { kind: K }>[F]
  >;
};

const FIELDS: { [K in Message['kind']]: Fields<K> } = {
  prepare: { request: integer, register, ballot },
  promise: { request: integer, accepted, floorToken: integer, leaseLeftMs: integer },
  accept: {
    request: integer,
    register,
    ballot,
    record,
    heir: peer,
    heirIncarnation: integer,
    chosen: fc.boolean(),
  },
  accepted: { request: integer },
  inherit: { register, ballot, record },
  refused: { request: integer, promised: ballot, leaseLeftMs: integer },
  superseded: { register, promised: ballot },
  forget: { register, ballot },
  waive: { session },
  heartbeat: { sequence: integer },
  alive: { sequence: integer },
  moved: { session, ballot, record: sessionRecord },
  confirm: { sessions: attached },
  confirmed: { sessions: attached, missing: fc.array(session, { maxLength: 5 }) },
  keeps: { registers: fc.array(register, { maxLength: 5 }) },
  claim: { lock, claim: queuedClaim, waits: fc.boolean() },
  granted: { lock, stamp, token: integer },
  handover: {
    lock,
    ballot,
    record: lockRecord,
    queue: fc.array(queuedClaim, { maxLength: 5 }),
  },
  held: lockAndStamp,
  queued: lockAndStamp,
  busy: lockAndStamp,
  ask: { lock, stamp, owner: fc.option(peer) },
  withdraw: lockAndStamp,
  release: lockAndStamp,
  released: lockAndStamp,
  inquire: { lock, holder: queuedClaim },
  lives: lockAndStamp,
  abandoned: lockAndStamp,
  resume: { request: integer, session },
  resumed: {
    request: integer,
    outcome: fc.constantFrom(
      'attached' as const,
      'detached' as const,
      'unknown' as const,
      'over' as const,
      'blank' as const,
    ),
    timeoutMs: integer,
  },
  holdings: {
    request: integer,
    session,
    attachment: integer,
    after: fc.oneof(lock, fc.constant('' as LockName)),
  },
  holding: { request: integer, locks: fc.array(lock, { maxLength: 5 }), last: fc.boolean() },
  inspect: { request: integer, lock },
  inspected: {
    request: integer,
    keeper: fc.boolean(),
    record: lockRecord,
    waiters: integer,
    heldMs: integer,
  },
  configured: { configuration },
  fetch: { request: integer, page: integer },
  fetched: {
    request: integer,
    page: integer,
    serving: fc.boolean(),
    registers: fc.array(fc.record({ register, ballot, record }), { maxLength: 5 }),
    floorRound: integer,
    floorToken: integer,
    last: fc.boolean(),
  },
  serving: {},
  doubt: { session },
  'silence-of': { request: integer, peer },
  silence: { request: integer, forMs: integer },
  'ask-configuration': {},
};

/** Every kind of message that there is. */
export const KINDS = Object.keys(FIELDS) as Message['kind'][];

/** Any message of one kind. */
export function messageOf(kind: Message['kind']): fc.Arbitrary<Message> {
  const fields = FIELDS[kind] as Record<string, fc.Arbitrary<unknown>>;
  return fc.record({ kind: fc.constant(kind), ...fields }) as unknown as fc.Arbitrary<Message>;
}

/** Any message in any envelope. */
export const enveloped = fc.record({
  epoch: integer,
  counter: integer,
  message: fc.oneof(...KINDS.map(messageOf)),
});
