/**
 * One message of each kind and shape, and the very bytes of its frame.
 *
 * These bytes are the format: a change here is a new version of it.
 */
import type { Message } from '../../src/core/message.ts';
import type {
  Ballot,
  ClusterId,
  LockName,
  LockRecord,
  PeerId,
  RegisterName,
  SessionId,
  SessionRecord,
  Stamp,
} from '../../src/core/types.ts';
import { NOBODY } from '../../src/core/types.ts';

/** 00, 01 … 1f. */
export const CLUSTER = Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString(
  'hex',
) as ClusterId;

const ada = 'Ada' as PeerId;
const bob = 'Bob' as PeerId;
const lock = 'job' as LockName;
const session = 's1' as SessionId;
const register = 'Ljob' as RegisterName;
const request = 300;

export const ballot: Ballot = { epoch: 1, round: 9, peer: ada, incarnation: 2 };
const stamp: Stamp = { counter: 77, home: bob, incarnation: 4 };
const claim = { session, attachment: 1, stamp };
export const held: LockRecord = { kind: 'lock', token: 8, holder: claim };
const free: LockRecord = { kind: 'lock', token: 8, holder: null };
export const live: SessionRecord = {
  kind: 'session',
  home: bob,
  incarnation: 4,
  attachment: 1,
  timeoutMs: 30_000,
  state: 'live',
};
const expired: SessionRecord = { ...live, state: 'expired' };
const nobodys: Ballot = { epoch: 1, round: 9, peer: NOBODY, incarnation: 0 };

/** What the frame carries besides the message. */
export const ENVELOPE = { epoch: 5, counter: 1_000 } as const;

/** Message and frame, the frame's length included. */
export const FIXTURES: readonly { readonly message: Message; readonly hex: string }[] = [
  {
    message: { kind: 'prepare', request, register, ballot },
    hex: '0000001c0100010203040506070105e807ac02044c6a6f620003416461010902',
  },
  {
    message: { kind: 'promise', request, accepted: null, floorToken: 6, leaseLeftMs: 0 },
    hex: '000000120100010203040506070205e807ac02000600',
  },
  {
    message: {
      kind: 'promise',
      request,
      accepted: { ballot, record: live },
      floorToken: 0,
      leaseLeftMs: 2_999,
    },
    hex: '000000250100010203040506070205e807ac02030003426f620401b0ea01000341646101090200b717',
  },
  {
    message: {
      kind: 'accept',
      request,
      register,
      ballot,
      record: held,
      heir: bob,
      heirIncarnation: 4,
      chosen: false,
    },
    hex: '0000002c0100010203040506070305e807ac02044c6a6f6200034164610109020208027331010003426f624d04020400',
  },
  {
    message: {
      kind: 'accept',
      request,
      register,
      ballot,
      record: expired,
      heir: ada,
      heirIncarnation: 2,
      chosen: true,
    },
    hex: '0000002a0100010203040506070305e807ac02044c6a6f620003416461010902040003426f620401b0ea01010201',
  },
  { message: { kind: 'accepted', request }, hex: '0000000f0100010203040506070405e807ac02' },
  {
    message: { kind: 'inherit', register, ballot, record: free },
    hex: '0000001c0100010203040506070505e807044c6a6f6200034164610109020108',
  },
  {
    message: { kind: 'refused', request, promised: nobodys, leaseLeftMs: 0 },
    hex: '000000160100010203040506070605e807ac0200017e01090000',
  },
  {
    message: { kind: 'superseded', register, promised: ballot },
    hex: '0000001a0100010203040506070705e807044c6a6f620003416461010902',
  },
  {
    message: { kind: 'waive', session },
    hex: '000000100100010203040506074405e807027331',
  },
  {
    message: { kind: 'forget', register, ballot },
    hex: '0000001a0100010203040506070805e807044c6a6f620003416461010902',
  },
  {
    message: { kind: 'heartbeat', sequence: Number.MAX_SAFE_INTEGER },
    hex: '000000150100010203040506071005e807ffffffffffffff0f',
  },
  {
    message: { kind: 'alive', sequence: 2 ** 31 },
    hex: '000000120100010203040506071105e8078080808008',
  },
  {
    message: { kind: 'moved', session, ballot, record: live },
    hex: '000000230100010203040506071205e8070273310003416461010902030003426f620401b0ea01',
  },
  {
    message: { kind: 'confirm', sessions: [{ session, attachment: 1 }] },
    hex: '000000120100010203040506071305e8070102733101',
  },
  {
    message: {
      kind: 'confirmed',
      sessions: [{ session, attachment: 1 }],
      missing: ['s2' as SessionId],
    },
    hex: '000000160100010203040506071405e807010273310101027332',
  },
  {
    message: { kind: 'keeps', registers: [register, 'Lx' as RegisterName] },
    hex: '000000160100010203040506071505e80702044c6a6f62024c78',
  },
  {
    message: { kind: 'claim', lock, claim, waits: true },
    hex: '0000001d0100010203040506072005e807036a6f62027331010003426f624d0401',
  },
  {
    message: { kind: 'granted', lock, stamp, token: 8 },
    hex: '000000190100010203040506072105e807036a6f620003426f624d0408',
  },
  {
    message: { kind: 'handover', lock, ballot, record: held, queue: [claim, claim] },
    hex: '000000350100010203040506072205e807036a6f6200034164610109020208027331010003426f624d040202733101024d0402733101024d04',
  },
  {
    message: { kind: 'held', lock, stamp },
    hex: '000000180100010203040506072305e807036a6f620003426f624d04',
  },
  {
    message: { kind: 'queued', lock, stamp },
    hex: '000000180100010203040506072405e807036a6f620003426f624d04',
  },
  {
    message: { kind: 'busy', lock, stamp },
    hex: '000000180100010203040506072d05e807036a6f620003426f624d04',
  },
  {
    message: { kind: 'abandoned', lock, stamp },
    hex: '000000180100010203040506072e05e807036a6f620003426f624d04',
  },
  {
    message: { kind: 'ask', lock, stamp, owner: null },
    hex: '000000190100010203040506072505e807036a6f620003426f624d0400',
  },
  {
    message: { kind: 'ask', lock, stamp, owner: ada },
    hex: '0000001e0100010203040506072505e807036a6f620003426f624d04010003416461',
  },
  {
    message: { kind: 'withdraw', lock, stamp },
    hex: '000000180100010203040506072605e807036a6f620003426f624d04',
  },
  {
    message: { kind: 'release', lock, stamp },
    hex: '000000180100010203040506072705e807036a6f620003426f624d04',
  },
  {
    message: { kind: 'released', lock, stamp },
    hex: '000000180100010203040506072805e807036a6f620003426f624d04',
  },
  {
    message: { kind: 'inquire', lock, holder: claim },
    hex: '0000001c0100010203040506072f05e807036a6f62027331010003426f624d04',
  },
  {
    message: { kind: 'lives', lock, stamp },
    hex: '000000180100010203040506072a05e807036a6f620003426f624d04',
  },
  {
    message: { kind: 'resume', request, session },
    hex: '000000120100010203040506074005e807ac02027331',
  },
  {
    message: { kind: 'resumed', request, outcome: 'detached', timeoutMs: 30_000 },
    hex: '000000130100010203040506074105e807ac0201b0ea01',
  },
  {
    message: { kind: 'holdings', request, session, attachment: 3, after: '' as LockName },
    hex: '000000140100010203040506074205e807ac020273310300',
  },
  {
    message: { kind: 'holding', request, locks: [lock, '\u00ff\t\0' as LockName], last: true },
    hex: '000000190100010203040506074305e807ac0202036a6f6203ff090001',
  },
  {
    message: { kind: 'inspect', request, lock },
    hex: '000000130100010203040506072b05e807ac02036a6f62',
  },
  {
    message: { kind: 'inspected', request, keeper: true, record: held, waiters: 3, heldMs: 40 },
    hex: '0000001f0100010203040506072c05e807ac02010208027331010003426f624d040328',
  },
  {
    message: {
      kind: 'configured',
      configuration: {
        cluster: CLUSTER,
        epoch: 6,
        voters: [ada, bob],
        before: [ada],
        wanted: 3,
        resting: [bob],
        removed: [],
      },
    },
    hex: '0000003f0100010203040506075005e807000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f06030200034164610003426f620101010200',
  },
  { message: { kind: 'fetch', request, page: 2 }, hex: '000000100100010203040506075205e807ac0202' },
  {
    message: {
      kind: 'fetched',
      request,
      page: 2,
      serving: true,
      registers: [{ register, ballot, record: held }],
      floorRound: 5,
      floorToken: 6,
      last: true,
    },
    hex: '0000002f0100010203040506075305e807ac02020101050601044c6a6f6200034164610109020208027331010003426f624d04',
  },
  { message: { kind: 'serving' }, hex: '0000000d0100010203040506075405e807' },
  {
    message: { kind: 'silence-of', request, peer: ada },
    hex: '000000140100010203040506075505e807ac020003416461',
  },
  { message: { kind: 'doubt', session }, hex: '000000100100010203040506074505e807027331' },
  {
    message: { kind: 'silence', request, forMs: 40 },
    hex: '000000100100010203040506075605e807ac0228',
  },
  { message: { kind: 'ask-configuration' }, hex: '0000000d0100010203040506075105e807' },
];
