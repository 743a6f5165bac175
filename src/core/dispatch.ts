/**
 * Which part of a peer each kind of message is for.
 *
 * A table: a kind without a row does not compile. Decides nothing, and owns no state.
 */
import type { Claims } from './claims.ts';
import type { Epochs } from './epochs.ts';
import type { Expiry } from './expiry.ts';
import type { Home } from './home.ts';
import type { Keeper } from './keeper.ts';
import type { Message } from './message.ts';
import type { Overview } from './overview.ts';
import type { Voter } from './register.ts';
import type { Remains } from './remains.ts';
import type { Spares } from './spares.ts';
import type { Transfer } from './transfer.ts';
import type { PeerId } from './types.ts';
import type { Writer } from './writer.ts';

/** The parts that messages are for. */
export interface Receivers {
  readonly voter: Voter;
  readonly writer: Writer;
  readonly keeper: Keeper;
  readonly claims: Claims;
  readonly home: Home;
  readonly expiry: Expiry;
  readonly remains: Remains;
  readonly overview: Overview;
  readonly epochs: Epochs;
  readonly transfer: Transfer;
  readonly spares: Spares;
  /** A home lives (rule 12). */
  readonly heartbeat: (from: PeerId, sequence: number) => void;
  /** A voter heard that. */
  readonly alive: (from: PeerId, sequence: number) => void;
  /** A voter takes part in this epoch from now on. */
  readonly serving: (from: PeerId) => void;
}

type Rows = {
  readonly [K in Message['kind']]: (
    to: Receivers,
    from: PeerId,
    message: Extract<Message, { kind: K }>,
  ) => void;
};

const ROWS: Rows = {
  prepare: ({ voter }, from, message) => voter.prepare(from, message),
  accept: ({ voter }, from, message) => voter.accept(from, message),
  forget: ({ voter }, from, message) => voter.forget(from, message),
  waive: ({ voter }, from, message) => voter.waive(from, message),
  confirm: ({ voter }, from, message) => voter.confirm(from, message),
  keeps: ({ voter }, from, message) => voter.keeps(from, message),
  holdings: ({ voter }, from, message) => voter.listHoldings(from, message),
  heartbeat: ({ heartbeat }, from, { sequence }) => heartbeat(from, sequence),

  alive: ({ alive }, from, { sequence }) => alive(from, sequence),
  promise: ({ writer }, from, message) => writer.onPromise(from, message),
  accepted: ({ writer }, from, message) => writer.onAccepted(from, message),
  refused: ({ writer }, from, message) => writer.onRefused(from, message),
  superseded: ({ keeper, home, expiry }, _from, message) => {
    keeper.onSuperseded(message);
    home.onSuperseded(message);
    expiry.onSuperseded(message);
  },

  claim: ({ keeper }, from, message) => keeper.onClaim(from, message),
  release: ({ keeper }, from, message) => keeper.onRelease(from, message),
  withdraw: ({ keeper }, _from, message) => keeper.onWithdraw(message),
  handover: ({ keeper }, _from, message) => keeper.onHandover(message),
  inherit: ({ keeper }, from, message) => keeper.onInherit(from, message),
  lives: ({ keeper }, _from, message) => keeper.onLives(message),
  abandoned: ({ keeper }, from, message) => keeper.onAbandoned(from, message),
  inspect: ({ keeper }, from, message) => keeper.onInspect(from, message),
  ask: ({ keeper, claims }, _from, message) => {
    keeper.onAsk(message);
    claims.onAsk(message);
  },

  granted: ({ claims }, from, message) => claims.onGranted(from, message),
  held: ({ claims }, _from, message) => claims.onHeld(message),
  busy: ({ claims }, _from, message) => claims.onBusy(message),
  queued: ({ claims }, from, message) => claims.onQueued(from, message),
  released: ({ claims }, _from, message) => claims.onReleased(message),

  inquire: ({ home }, from, message) => home.onInquire(from, message),
  doubt: ({ remains }, _from, { session }) => remains.doubted(session),
  moved: ({ home }, from, message) => home.onMoved(from, message),
  confirmed: ({ home }, from, message) => home.onConfirmed(from, message),
  resume: ({ home }, from, message) => home.onResume(from, message),
  resumed: ({ home }, _from, message) => home.onResumed(message),
  holding: ({ home }, from, message) => home.onHolding(from, message),
  inspected: ({ overview }, _from, message) => overview.onInspected(message),

  'ask-configuration': ({ epochs }, from) => epochs.tell(from),
  configured: ({ epochs }, _from, { configuration }) => epochs.adopt(configuration),
  fetch: ({ transfer }, from, message) => transfer.onFetch(from, message),
  fetched: ({ transfer }, from, message) => transfer.onFetched(from, message),
  serving: ({ serving }, from) => serving(from),
  'silence-of': ({ spares }, from, message) => spares.onSilenceOf(from, message),
  silence: ({ spares }, from, message) => spares.onSilence(from, message),
};

/** Hands a message of the present epoch to the part that it is for. */
export function dispatch(to: Receivers, from: PeerId, message: Message): void {
  // No compiler sees that the row is that of the message at hand.
  const row = ROWS[message.kind] as (to: Receivers, from: PeerId, message: Message) => void;
  row(to, from, message);
}
