/**
 * *agreed*: the chosen records of each register form one chain, and nothing chosen is lost.
 *
 * Fed with what becomes durable at voters. A record is chosen once a quorum of the voters of its
 * ballot's epoch accepted it under that ballot. Whatever is accepted under a higher ballot than a
 * chosen record must follow from it, also in a later epoch: tokens never fall, a token has one
 * holder for ever, an *expired* session stays so. An epoch has one configuration, and nothing is
 * accepted in one that was not chosen, nor by a peer that has no vote there.
 *
 * @see Lamport, "Paxos Made Simple" (2001), P2c
 */
import { compareBallots, sameBallot, sameStamp } from '../../src/core/ballot.ts';
import { sameConfiguration } from '../../src/core/configuration.ts';
import { CONFIGURATION_REGISTER } from '../../src/core/names.ts';
import { bits } from '../../src/core/quorum.ts';
import type {
  Ballot,
  ConfigurationRecord,
  Epoch,
  Holder,
  LockRecord,
  PeerId,
  RegisterName,
  RegisterRecord,
  SessionRecord,
} from '../../src/core/types.ts';
import { describeBallot, describeRecord } from '../describe.ts';
import type { Verdict } from './verdict.ts';
import type { Voters } from './voters.ts';

/** One ballot's record and who accepted it. */
interface Proposal {
  readonly ballot: Ballot;
  readonly record: RegisterRecord;
  /** A bit for each voter of the ballot's epoch. */
  voters: number;
}

/** Never added to. */
const NONE: Proposal[] = [];

interface History {
  /** The chosen record of the highest ballot. */
  chosen: Proposal | null;
  /** What was accepted under ballots above that, in no order. */
  proposals: Proposal[];
}

/** A record that is chosen, and the one that was chosen before. */
export interface Choice {
  readonly name: RegisterName;
  readonly ballot: Ballot;
  readonly before: RegisterRecord | null;
  readonly record: RegisterRecord;
}

/** Hears of each record that is chosen. */
export type ChosenListener = (choice: Choice) => void;

/** What stands chosen, and under which ballot. */
export interface Chosen {
  readonly ballot: Ballot;
  readonly record: RegisterRecord;
}

/** Watches all registers of one world. */
export class Agreed {
  readonly #verdict: Verdict;
  readonly #voters: Voters;
  readonly #listener: ChosenListener;
  readonly #histories = new Map<RegisterName, History>();
  /** Of the register in which an epoch agrees on the next: each epoch has its own. */
  readonly #successions = new Map<Epoch, History>();
  /** How many records were chosen. */
  chosen = 0;
  /** How often one was proposed that stood unchosen under a lower ballot. */
  adopted = 0;
  /** How often *expired* was outrun before a quorum had accepted it. */
  expiredByMinority = 0;

  constructor(verdict: Verdict, voters: Voters, listener: ChosenListener = () => {}) {
    this.#verdict = verdict;
    this.#listener = listener;
    this.#voters = voters;
  }

  /** A peer accepted that record by a vote of its own, durably: see `carried.ts` for the others. */
  accepted(peer: PeerId, name: RegisterName, ballot: Ballot, record: RegisterRecord): void {
    const voter = this.#voters.indexIn(ballot.epoch, peer);
    if (voter < 0) {
      const what = `${peer} accepted ${describeRecord(record)} under ${describeBallot(ballot)}`;
      this.#verdict.fail('agreed', `${name}: ${what}, and has no vote in that epoch`);
      return;
    }
    const history = this.#history(name, ballot.epoch);
    const proposal = this.#proposal(name, history, ballot, record);
    if (proposal === null) return;
    proposal.voters |= 1 << voter;
    const votes = bits(proposal.voters);
    if (votes < this.#voters.quorum(ballot.epoch) || proposal === history.chosen) return;
    this.#choose(name, history, proposal);
  }

  fails(detail: string): void {
    this.#verdict.fail('agreed', detail);
  }

  /** All that is chosen, but for configurations. */
  *allChosen(): Generator<readonly [RegisterName, Chosen]> {
    for (const [name, { chosen }] of this.#histories) if (chosen !== null) yield [name, chosen];
  }

  /** The chosen record of a register, as far as voters hold it durably; `null`: none. */
  chosenRecord(name: RegisterName): RegisterRecord | null {
    return this.#histories.get(name)?.chosen?.record ?? null;
  }

  /** The voters of that epoch that accepted it, by bit; 0: nothing was chosen in it. */
  chosenBy(name: RegisterName, epoch: Epoch): number {
    const chosen = this.#histories.get(name)?.chosen ?? null;
    return chosen?.ballot.epoch === epoch ? chosen.voters : 0;
  }

  #history(name: RegisterName, epoch: Epoch): History {
    return name === CONFIGURATION_REGISTER
      ? historyOf(this.#successions, epoch)
      : historyOf(this.#histories, name);
  }

  /** The proposal of that ballot; `null`: older than what was chosen. */
  #proposal(
    name: RegisterName,
    history: History,
    ballot: Ballot,
    record: RegisterRecord,
  ): Proposal | null {
    const { chosen } = history;
    const known =
      chosen !== null && sameBallot(chosen.ballot, ballot)
        ? chosen
        : history.proposals.find((other) => sameBallot(other.ballot, ballot));
    if (known !== undefined) {
      this.#sameRecord(name, known, record);
      return known;
    }
    if (chosen !== null && compareBallots(ballot, chosen.ballot) < 0) return null;
    const proposal: Proposal = { ballot, record, voters: 0 };
    if (history.proposals.some((other) => adopts(proposal, other))) this.adopted++;
    // Mostly the only one: a list made with it takes no room for more.
    if (history.proposals.length === 0) history.proposals = [proposal];
    else history.proposals.push(proposal);
    if (chosen !== null) this.#follows(name, chosen, proposal);
    return proposal;
  }

  #choose(name: RegisterName, history: History, proposal: Proposal): void {
    this.chosen++;
    this.#outruns(history, proposal);
    const { ballot, record } = proposal;
    const before = history.chosen?.record ?? null;
    history.chosen = proposal;
    if (record.kind === 'configuration') this.#voters.chosen(record.configuration);
    this.#listener({ name, ballot, before, record });
    for (const later of history.proposals) this.#follows(name, proposal, later);
  }

  /** Those of lower ballots are over. */
  #outruns(history: History, proposal: Proposal): void {
    const { proposals } = history;
    history.proposals = NONE;
    if (proposals.length === 1 && proposals[0] === proposal) return;
    for (const { ballot, record } of proposals) {
      if (compareBallots(ballot, proposal.ballot) >= 0) continue;
      if (record.kind === 'session' && record.state === 'expired') this.expiredByMinority++;
    }
    const { ballot } = proposal;
    history.proposals = proposals.filter((other) => compareBallots(other.ballot, ballot) > 0);
  }

  /** A ballot carries one record for ever (rule 2). */
  #sameRecord(name: RegisterName, known: Proposal, record: RegisterRecord): void {
    if (sameRecord(known.record, record)) return;
    const before = describeRecord(known.record);
    const now = describeRecord(record);
    const ballot = describeBallot(known.ballot);
    this.#verdict.fail('agreed', `${name}: ballot ${ballot} carries ${before} and ${now}`);
  }

  #follows(name: RegisterName, chosen: Proposal, later: Proposal): void {
    if (mayFollow(chosen.record, later.record)) return;
    this.#verdict.fail(
      'agreed',
      `${name}: ${describeRecord(later.record)} was accepted under ${describeBallot(later.ballot)} ` +
        `though ${describeRecord(chosen.record)} was chosen under ${describeBallot(chosen.ballot)}`,
    );
  }
}

function mayFollow(chosen: RegisterRecord, later: RegisterRecord): boolean {
  if (chosen.kind === 'lock') return later.kind === 'lock' && lockMayFollow(chosen, later);
  if (chosen.kind === 'configuration') {
    return later.kind === 'configuration' && configurationMayFollow(chosen, later);
  }
  return later.kind === 'session' && sessionMayFollow(chosen, later);
}

/** One an epoch, for ever (rule 17). */
function configurationMayFollow(
  { configuration: chosen }: ConfigurationRecord,
  { configuration: later }: ConfigurationRecord,
): boolean {
  return sameConfiguration(later, chosen);
}

function historyOf<Key>(histories: Map<Key, History>, key: Key): History {
  let history = histories.get(key);
  if (history === undefined) {
    history = { chosen: null, proposals: NONE };
    histories.set(key, history);
  }
  return history;
}

/** With one token: let go, or written again for the same session after a move (rule 16). */
function lockMayFollow(chosen: LockRecord, later: LockRecord): boolean {
  if (later.token !== chosen.token) return later.token > chosen.token;
  if (later.holder === null) return true;
  return (
    chosen.holder !== null &&
    chosen.holder.session === later.holder.session &&
    chosen.holder.attachment <= later.holder.attachment
  );
}

function sessionMayFollow(chosen: SessionRecord, later: SessionRecord): boolean {
  if (chosen.state === 'expired') return later.state === 'expired';
  if (later.attachment !== chosen.attachment) return later.attachment > chosen.attachment;
  return later.home === chosen.home && later.incarnation === chosen.incarnation;
}

/** Whether a proposal carries on with the record of a lower ballot. */
function adopts({ ballot, record }: Proposal, other: Proposal): boolean {
  return compareBallots(other.ballot, ballot) < 0 && sameRecord(other.record, record);
}

function sameRecord(a: RegisterRecord, b: RegisterRecord): boolean {
  if (a === b) return true;
  if (a.kind === 'session') {
    return (
      b.kind === 'session' &&
      a.home === b.home &&
      a.incarnation === b.incarnation &&
      a.attachment === b.attachment &&
      a.timeoutMs === b.timeoutMs &&
      a.state === b.state
    );
  }
  if (a.kind === 'configuration') {
    return b.kind === 'configuration' && sameConfiguration(a.configuration, b.configuration);
  }
  return b.kind === 'lock' && a.token === b.token && sameHolder(a.holder, b.holder);
}

function sameHolder(a: Holder | null, b: Holder | null): boolean {
  if (a === null || b === null) return a === b;
  return a.session === b.session && a.attachment === b.attachment && sameStamp(a.stamp, b.stamp);
}
