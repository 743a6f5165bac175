/**
 * A text server for tests, in front of a core that is not there, and what holds at each of its doors.
 */
import { onTestFinished } from 'vitest';
import { TextServer, type TextServerOptions } from '../../src/adapters/text-server.ts';
import { NO_DIRECTORY } from '../../src/text/format.ts';
import type { TextClient } from '../transcripts/text-client.ts';
import { FakeCore } from './fake-core.ts';

/** On the loopback address, at a port of the system's choice. */
export const TCP = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const;

/** A server that listens until the test is over. */
export interface StartedTextServer {
  readonly server: TextServer;
  readonly core: FakeCore;
  /** 0: there is none. */
  readonly port: number;
  /** A line of JSON for each of the log. */
  readonly log: string[];
}

/** Starts one; by default at `TCP`, open to all. */
export async function startTextServer(
  options: Partial<TextServerOptions> = {},
): Promise<StartedTextServer> {
  const log: string[] = [];
  const logger = { log: (...line: unknown[]) => void log.push(JSON.stringify(line)) };
  const open = { doors: [TCP], secret: null, directory: NO_DIRECTORY };
  const server = new TextServer({ ...open, logger, ...options });
  const core = new FakeCore(server);
  onTestFinished(() => server.stop());
  const port = (await server.listen(core)) ?? 0;
  return { server, core, port, log };
}

/** A waiter goes; the core hears of it, and that the grant which comes later did not arrive. */
export async function grantToWhoeverIsGone(
  core: FakeCore,
  connect: () => Promise<TextClient>,
): Promise<void> {
  const [holder, waiter] = [await connect(), await connect()];
  await holder.ask('lock a');
  waiter.send('lock a 60\n');
  await core.until(() => core.commands.length === 2);
  await waiter.disconnect();
  await core.untilTold('input-ended 2');
  await holder.ask('unlock a');
  await core.untilTold('broken 2');
  await holder.disconnect();
}
