/**
 * Whom an address is counted to: one machine, as far as an address can tell.
 *
 * Owns the rule: an IPv4 address for itself, an IPv6 address by its first 64 bits, as a machine has
 * all the rest to choose from.
 */
import { isIPv6 } from 'node:net';

const GROUPS = 8;
const NETWORK_GROUPS = 4;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/;

/** @param address - as a socket tells it, with a zone or without */
export function networkOf(address: string): string {
  const bare = address.replace(/%.*$/, '').toLowerCase();
  const mapped = MAPPED.exec(bare)?.[1];
  if (mapped !== undefined || !isIPv6(bare)) return mapped ?? bare;
  const [head = '', tail = ''] = bare.split('::');
  const [before, after] = [groupsOf(head), groupsOf(tail)];
  const left = GROUPS - before.length - after.length;
  const groups = bare.includes('::')
    ? [...before, ...Array<string>(left).fill('0'), ...after]
    : before;
  return `${groups.slice(0, NETWORK_GROUPS).join(':')}::/64`;
}

/** The last two groups may be written as an IPv4 address. */
function groupsOf(text: string): string[] {
  const groups = text.split(':').filter((group) => group !== '');
  const last = groups.at(-1);
  if (last?.includes('.')) groups.splice(-1, 1, last, last);
  return groups.map((group) => group.replace(/^0+(?=.)/, ''));
}
