import { describe, expect, it } from 'vitest';
import { type Request, Waits } from '../../../sim/checkers/waits.ts';
import type { SimulatedConnection } from '../../../sim/connection.ts';
import type { LockName } from '../../../src/core/types.ts';

const DOOR = 'door' as LockName;
const CONNECTION = {} as SimulatedConnection;
const QUEUE: Request = { command: { kind: 'queue', name: DOOR, waitMs: 100 }, floor: 0 };
const UNLOCK: Request = { command: { kind: 'unlock', name: DOOR }, floor: 0 };

/** A connection with one wait. */
function waiting(): Waits {
  const waits = new Waits();
  waits.asks(CONNECTION, QUEUE);
  return waits;
}

describe('a wait', () => {
  it('is told of once', () => {
    const waits = waiting();
    expect(waits.take(CONNECTION, DOOR)).toBe(QUEUE);
    expect(waits.take(CONNECTION, DOOR)).toBeUndefined();
  });

  it('may be over just before the command that ends it is handled, and not after its answer', () => {
    const early = waiting();
    early.asks(CONNECTION, UNLOCK);
    expect(early.take(CONNECTION, DOOR)).toBe(QUEUE);
    const late = waiting();
    late.asks(CONNECTION, UNLOCK);
    late.answers(CONNECTION);
    expect(late.take(CONNECTION, DOOR)).toBeUndefined();
  });

  it('that takes the place of one whose time is over is told of, too', () => {
    const waits = waiting();
    const again: Request = { ...QUEUE, floor: 1 };
    waits.asks(CONNECTION, again);
    expect(waits.take(CONNECTION, DOOR)).toBe(QUEUE);
    waits.answers(CONNECTION);
    expect(waits.take(CONNECTION, DOOR)).toBe(again);
  });
});
