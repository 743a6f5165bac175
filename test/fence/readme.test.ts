/**
 * What README says of guards is what they do.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { RESOURCE_BYTES_MAX, RESOURCES_MAX, WAITING_WRITES_MAX } from '../../src/fence/limits.ts';
import { directoryWithPackages, outputOf, programIn, README, start } from '../readme-programs.ts';

it.each(['memory.mjs', 'file.mjs', 'database.mjs'])('%s prints what README says', async (name) => {
  const program = programIn(README, name);
  expect(await outputOf(start(program, directoryWithPackages()))).toBe(program.output);
});

it('server.mjs answers what README says', async () => {
  const program = programIn(README, 'server.mjs');
  const port = await freePort();
  const server = start(program, directoryWithPackages(), [port]);
  await once(server.stdout!, 'data');
  const conversation = [...program.output.matchAll(/^\$ curl (.*)\n(.*\n)/gm)];
  expect(conversation).toHaveLength(2);
  for (const [, command, answer] of conversation) {
    const [, method, name, value, path] =
      /^-X (\w+) -H '([\w-]+): (\w+)' localhost:8080(\/\w+)$/.exec(command!) ?? [];
    const response = await fetch(`http://localhost:${port}${path}`, {
      method: method!,
      headers: { [name!]: value! },
    });
    expect(await response.text()).toBe(answer);
  }
});

it('README tells the limits of guards as they are', () => {
  for (const [limit, what] of [
    [RESOURCE_BYTES_MAX, 'not a name of 1 to # bytes'],
    [WAITING_WRITES_MAX, '# writes of a resource wait'],
    [RESOURCES_MAX, '# resources are kept in memory'],
  ] as const) {
    expect(README).toContain(what.replace('#', limit.toLocaleString('en-US')));
  }
});

/** A port that was free a moment ago, and that the system gives to nobody who asks for any. */
async function freePort(): Promise<number> {
  for (let port = 30_000 + (process.pid % 2_000); ; port += 1) {
    const server = createServer().listen(port);
    const isFree = await new Promise((resolve) => {
      server.once('listening', () => resolve(true)).once('error', () => resolve(false));
    });
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
