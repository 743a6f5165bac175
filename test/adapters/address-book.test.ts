import { beforeEach, describe, expect, it } from 'vitest';
import { AddressBook } from '../../src/adapters/address-book.ts';
import type { PeerId } from '../../src/core/types.ts';
import { ADDRESSES_PER_PEER_MAX } from '../../src/limits.ts';

const ada = 'Ada' as PeerId;
const many = Array.from({ length: ADDRESSES_PER_PEER_MAX + 3 }, (_, i) => `/ip4/10.0.0.${i}/tcp/1`);

describe('an address book', () => {
  let book: AddressBook;

  beforeEach(() => {
    book = new AddressBook();
  });

  it('adds what is heard, once', () => {
    expect(book.hear(ada, ['a', 'b'])).toBe(true);
    expect(book.hear(ada, ['b', 'c'])).toBe(true);
    expect(book.hear(ada, ['a', 'c'])).toBe(false);
    expect(book.addressesOf(ada)).toEqual(['a', 'b', 'c']);
  });

  it('keeps a bounded number, those it had first', () => {
    book.hear(ada, many);
    expect(book.addressesOf(ada)).toEqual(many.slice(0, ADDRESSES_PER_PEER_MAX));
    expect(book.hear(ada, ['new'])).toBe(false);
  });

  it('believes a peer about itself, but keeps what the user gave', () => {
    book.configure(ada, 'given');
    book.hear(ada, ['old', 'kept']);
    expect(book.correct(ada, ['kept', 'new'])).toBe(true);
    expect(book.addressesOf(ada)).toEqual(['given', 'kept', 'new']);
  });

  it('finds room for what a peer says of itself, and for what the user gives', () => {
    book.hear(ada, many);
    book.correct(ada, ['own']);
    expect(book.addressesOf(ada)).toEqual(['own']);
    book.hear(ada, many);
    book.configure(ada, 'given');
    expect(book.addressesOf(ada)[0]).toBe('given');
  });

  it('tries first what worked last', () => {
    book.hear(ada, ['a', 'b', 'c']);
    book.prefer(ada, 'c');
    expect(book.addressesOf(ada)).toEqual(['c', 'a', 'b']);
    book.prefer(ada, 'unknown');
    expect(book.addressesOf(ada)).toEqual(['c', 'a', 'b']);
  });

  it('tries the first in every attempt, and the others in turn', () => {
    expect(book.nextAddressesOf(ada)).toEqual([]);
    book.hear(ada, ['a']);
    expect(book.nextAddressesOf(ada)).toEqual(['a']);
    book.hear(ada, ['b', 'c']);
    const attempts = [1, 2, 3].map(() => book.nextAddressesOf(ada));
    expect(attempts).toEqual([
      ['a', 'b'],
      ['a', 'c'],
      ['a', 'b'],
    ]);
  });
});
