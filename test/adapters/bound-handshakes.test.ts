import type { ConnectionEncrypter, MessageStream } from '@libp2p/interface';
import { expect, it } from 'vitest';
import { boundHandshakes } from '../../src/adapters/bound-handshakes.ts';
import { Turns } from '../../src/adapters/turns.ts';

const STREAM = {} as unknown as MessageStream;

/** An encrypter whose handshakes end when they are told to. */
function slowEncrypter(): {
  readonly encrypter: ConnectionEncrypter;
  readonly ends: (() => void)[];
} {
  const ends: (() => void)[] = [];
  const secure = () => new Promise<void>((resolve) => ends.push(resolve));
  const encrypter = { secureInbound: secure, secureOutbound: secure };
  return { encrypter: encrypter as unknown as ConnectionEncrypter, ends };
}

it('those who come in wait for their turn, those who are dialled do not', async () => {
  const { encrypter, ends } = slowEncrypter();
  const turns = new Turns({ atOnce: 1, waiting: 1, turnMs: 60_000 });
  const bound = boundHandshakes(encrypter, turns);
  const first = bound.secureInbound(STREAM);
  const second = bound.secureInbound(STREAM);
  await expect(bound.secureInbound(STREAM)).rejects.toThrow('come back later');
  expect(ends).toHaveLength(1);
  const dialled = bound.secureOutbound(STREAM);
  expect(ends).toHaveLength(2);
  ends[0]!();
  await first;
  ends[1]!();
  await dialled;
  expect(ends).toHaveLength(3);
  ends[2]!();
  await second;
});

it('who has given up meanwhile costs nothing', async () => {
  const { encrypter, ends } = slowEncrypter();
  const bound = boundHandshakes(encrypter, new Turns({ atOnce: 1, waiting: 1, turnMs: 60_000 }));
  const first = bound.secureInbound(STREAM);
  const patience = new AbortController();
  const second = bound.secureInbound(STREAM, { signal: patience.signal });
  patience.abort(new Error('too late'));
  await new Promise<void>((resolve) => resolve());
  ends[0]!();
  await first;
  await expect(second).rejects.toThrow('too late');
  expect(ends).toHaveLength(1);
});
