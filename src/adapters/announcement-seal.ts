/**
 * Signs announcements with the key of this peer, and verifies those of others.
 *
 * A peer id holds the public key that it is made of: nothing else is needed to verify.
 */
import type { PrivateKey } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import {
  type Announcement,
  type DecodedAnnouncement,
  encodeAnnouncement,
  sealAnnouncement,
  signedPart,
} from '../wire/announcement-codec.ts';

/** The announcement as bytes that anybody can verify. */
export async function seal(announcement: Announcement, key: PrivateKey): Promise<Uint8Array> {
  const body = encodeAnnouncement(announcement);
  return sealAnnouncement(body, await key.sign(signedPart(body)));
}

/** Whether the peer that an announcement names has signed it. */
export async function isSealed(
  decoded: Extract<DecodedAnnouncement, { ok: true }>,
): Promise<boolean> {
  try {
    const { publicKey } = peerIdFromString(decoded.announcement.peer);
    return publicKey !== undefined && (await publicKey.verify(decoded.signed, decoded.signature));
  } catch {
    return false;
  }
}
