/** Announcements for tests, by fields that matter. */
import type { PeerId } from '../../src/core/types.ts';
import type { Announcement } from '../../src/wire/announcement-codec.ts';
import { CLUSTER } from './fixtures.ts';

export function announcementOf(fields: Partial<Announcement> = {}): Announcement {
  return {
    cluster: CLUSTER,
    peer: 'Ada' as PeerId,
    incarnation: 2,
    counter: 300,
    software: '0.1.0',
    epoch: 1,
    text: '10.0.0.1:11400',
    addresses: ['/ip4/10.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/1'],
    health: {
      quorum: true,
      reached: ['Ada', 'Bob'] as PeerId[],
      disk: 'low',
      uptimeS: 60,
      clients: 5,
    },
    ...fields,
  };
}
