import { describe, expect, it } from 'vitest';
import { type Invite, readInvite, writeInvite } from '../../src/adapters/invite.ts';
import { newSecretKey } from '../../src/adapters/system-random.ts';

const INVITE: Invite = {
  cluster: 'ab'.repeat(16),
  secret: { generation: 3, key: newSecretKey() },
  addresses: ['/ip4/192.0.2.7/tcp/11500', '/ip6/2001:db8::7/tcp/1', '/dns4/shop.example/tcp/80'],
};

describe('an invite', () => {
  it('says on one short line what it was written with', () => {
    const line = writeInvite(INVITE);
    expect(line).toMatch(/^elock1-[A-Za-z0-9_-]+$/);
    expect(readInvite(line)).toEqual({ ok: true, invite: INVITE });
    const usual = { ...INVITE, addresses: INVITE.addresses.slice(0, 1) };
    expect(writeInvite(usual).length).toBeLessThan(100);
  });

  it('is read with the line breaks and spaces that were put in on the way', () => {
    const line = writeInvite(INVITE);
    expect(readInvite(` ${line.slice(0, 40)}\n  ${line.slice(40)}\r\n`)).toMatchObject({
      ok: true,
    });
  });

  it('is refused after any change of one letter', () => {
    const line = writeInvite(INVITE);
    for (let at = 7; at < line.length; at += 1) {
      const changed = `${line.slice(0, at)}${line[at] === 'Q' ? 'g' : 'Q'}${line.slice(at + 1)}`;
      expect(readInvite(changed)).toMatchObject({ ok: false });
    }
    expect(readInvite(line.slice(0, -1))).toMatchObject({ ok: false });
    expect(readInvite('elock1-')).toMatchObject({ ok: false });
  });
});
