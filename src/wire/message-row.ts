/**
 * The shape of one row of the message table; see `message-codec.ts`.
 *
 * Types only.
 */
import type { Message } from '../core/message.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/** How one kind of message is written and read. */
export interface MessageRow<M> {
  /** The first byte of the message: 1 to 255, never given twice. */
  readonly code: number;
  write(writer: ByteWriter, message: M): void;
  read(reader: ByteReader): M;
}

/** The rows of some kinds, all of them. */
export type MessageRows<Kind extends Message['kind']> = {
  readonly [K in Kind]: MessageRow<Extract<Message, { kind: K }>>;
};
