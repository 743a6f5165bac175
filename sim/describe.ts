/**
 * Events of the core in a few words, for traces.
 */
import type { Event } from '../src/core/event.ts';
import { assertNever } from '../src/core/invariant.ts';
import type { Message } from '../src/core/message.ts';
import type { Ballot, Configuration, RegisterRecord, Stamp } from '../src/core/types.ts';

/** One line, without the sender. */
export function describeEvent(event: Event): string {
  switch (event.kind) {
    case 'message':
      return describeMessage(event.message);
    case 'command':
      return `connection ${event.connection}: ${JSON.stringify(event.command)}`;
    case 'input':
    case 'input-ended':
    case 'disconnected':
      return `connection ${event.connection}: ${event.kind}`;
    case 'channel-opened':
      return `channel opened by ${event.peer}, incarnation ${event.incarnation}`;
    case 'channel-closed':
      return `channel closed to ${event.peer}`;
    case 'reconfigure':
      return `wish ${event.request}: ${JSON.stringify(event.change)}`;
    case 'epoch-heard':
      return `epoch ${event.epoch} heard of ${event.peer}`;
    case 'tick':
      return 'tick';
    default:
      return assertNever(event);
  }
}

/** A message's kind and fields. */
export function describeMessage(message: Message): string {
  const fields = Object.entries(message)
    .filter(([key]) => key !== 'kind')
    .map(([key, value]) => `${key}=${describeValue(value)}`);
  return [message.kind, ...fields].join(' ');
}

function describeValue(value: unknown): string {
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map(describeValue).join(' ')}]`;
  if ('round' in value) return describeBallot(value as Ballot);
  if ('counter' in value) return describeStamp(value as Stamp);
  if ('kind' in value) return describeRecord(value as RegisterRecord);
  const fields = Object.entries(value).map(([key, field]) => `${key}=${describeValue(field)}`);
  return `{${fields.join(' ')}}`;
}

/** epoch.round.peer.incarnation */
export function describeBallot({ epoch, round, peer, incarnation }: Ballot): string {
  return `${epoch}.${round}.${peer}.${incarnation}`;
}

function describeStamp({ counter, home, incarnation }: Stamp): string {
  return `${counter}@${home}.${incarnation}`;
}

function describeConfiguration({ epoch, voters, wanted }: Configuration): string {
  return `(epoch ${epoch} of ${voters.join(' ')}, ${wanted} wanted)`;
}

/** A record with everything that distinguishes it from others. */
export function describeRecord(record: RegisterRecord): string {
  if (record.kind === 'session') {
    const { home, incarnation, attachment, timeoutMs, state } = record;
    return `(${state} at ${home}.${incarnation} attachment ${attachment} time-out ${timeoutMs})`;
  }
  if (record.kind === 'configuration') return describeConfiguration(record.configuration);
  const { token, holder } = record;
  if (holder === null) return `(token ${token} free)`;
  const { session, attachment, stamp } = holder;
  return `(token ${token} held by ${session}/${attachment} claim ${describeStamp(stamp)})`;
}
