/**
 * The message table: each kind's number on the wire, and how its body is written and read.
 *
 * A message is its number (one byte), the sender's epoch and Lamport counter, and its body: the
 * fields in the order in which the row's `write` names them. Numbers are never given twice, not
 * even when a kind is gone. A kind without a row does not compile; two rows of one number do not
 * start. Pure; `codec.ts` joins messages to frames.
 */
import { assert } from '../core/invariant.ts';
import type { Message } from '../core/message.ts';
import type { Epoch } from '../core/types.ts';
import { type ByteReader, WireFault } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { KEEPER_ROWS } from './keeper-rows.ts';
import type { MessageRow, MessageRows } from './message-row.ts';
import { SESSION_ROWS } from './session-rows.ts';
import { VOTER_ROWS } from './voter-rows.ts';

/** A message in its envelope (rule 19). */
export interface EnvelopedMessage {
  readonly epoch: Epoch;
  /** The sender's Lamport counter. */
  readonly counter: number;
  readonly message: Message;
}

const ROWS: MessageRows<Message['kind']> = { ...VOTER_ROWS, ...KEEPER_ROWS, ...SESSION_ROWS };

/** The row of whatever message is at hand: no compiler sees that the two belong together. */
type AnyRow = MessageRow<Message>;

const ROW_OF_CODE = rowsByCode(Object.values(ROWS) as AnyRow[]);

function rowsByCode(rows: readonly AnyRow[]): readonly (AnyRow | undefined)[] {
  const byCode = new Array<AnyRow | undefined>(256).fill(undefined);
  for (const row of rows) {
    assert(byCode[row.code] === undefined, `two kinds of message have number ${row.code}`);
    byCode[row.code] = row;
  }
  return byCode;
}

/** Appends one message in its envelope. */
export function writeMessage(
  writer: ByteWriter,
  epoch: Epoch,
  counter: number,
  message: Message,
): void {
  const row = ROWS[message.kind] as AnyRow;
  writer.byte(row.code);
  writer.varint(epoch);
  writer.varint(counter);
  row.write(writer, message);
}

/** Reads what `writeMessage` wrote. */
export function readMessage(reader: ByteReader): EnvelopedMessage {
  const code = reader.byte();
  const row = ROW_OF_CODE[code];
  if (row === undefined) throw new WireFault(`unknown kind ${code}`);
  const epoch = reader.varint();
  const counter = reader.varint();
  return { epoch, counter, message: row.read(reader) };
}
