/**
 * What a conversation asks of whoever guards its peer: who may come in, and how fast.
 *
 * Owns the words for it. Secrets are judged and time is kept outside: `adapters/` does both.
 */

/** What comes of an `auth`; after `wrong-too-often` and `barred` the connection ends. */
export type Verdict =
  | 'right'
  | 'wrong'
  | 'wrong-too-often'
  /** No secret of that address is looked at for a while. */
  | 'barred'
  | 'not-asked';

/** The guard of one connection. */
export interface Warden {
  /** Whether a client has to say a secret before anything else. */
  readonly asksSecret: boolean;
  /** @param secret - one code unit a byte */
  judge(secret: string): Verdict;
  /** Counts a line that was run; false: no more until the conversation is told `allowed`. */
  spend(): boolean;
}
