/**
 * Whether an address is one of this very machine: then its loopback addresses are of use here.
 *
 * Looks at the interfaces as they are at the moment; resolves no name.
 */
import { networkInterfaces } from 'node:os';
import { hostOf, isLoopback } from './peer-address.ts';

/** True for loopback addresses, and for those of an interface. */
export function isThisMachine(address: string): boolean {
  if (isLoopback(address)) return true;
  const host = hostOf(address);
  return Object.values(networkInterfaces()).some((list) => list?.some((i) => i.address === host));
}
