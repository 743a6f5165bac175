/**
 * What the members of a cluster share: a key, and how often it was changed.
 *
 * Owns the shapes only; who may come in by which key is decided by `adapters/private-network.ts`.
 */

declare const brand: unique symbol;

/** 32 random bytes, 64 hexadecimal digits; whoever knows them can come in as a peer. */
export type SecretKey = string & { readonly [brand]: 'SecretKey' };

/** One generation of a cluster's key. */
export interface Secret {
  /** 0 for the first, which was there before any peer ran; one more with each rotation. */
  readonly generation: number;
  readonly key: SecretKey;
}

/** A generation as a peer keeps it. */
export interface HeldSecret extends Secret {
  /** Wall time in ms since 1970 from which nobody comes in by it any more; `null`: the newest. */
  readonly retiresAt: number | null;
}
