/**
 * What README says about options and exit statuses is what the program does.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileScenario, explainFailure, parseScenario, runPlan } from '../sim/main.ts';
import { CONFIG_KEYS, OPTIONS, type OptionType } from '../src/config.ts';
import { readConfig, variableOf } from '../src/config-sources.ts';
import { DEFAULT_SETTINGS } from '../src/core/settings.ts';
import { EXIT } from '../src/errors.ts';
import {
  ADMISSION_MS_MAX,
  COMMANDS_PER_SECOND_MAX,
  CONNECTIONS_MAX,
  CONNECTIONS_PER_ADDRESS_MAX,
  FRAME_BYTES_MAX,
  LINE_BYTES_MAX,
  LOCK_NAME_BYTES_MAX,
  PEERS_MAX,
  PENDING_INPUT_BYTES_MAX,
  SECRET_BYTES_MAX,
  STRANGER_UNREAD_BYTES_MAX,
  TLS_HANDSHAKE_MS_MAX,
  UNREAD_OUTPUT_BYTES_MAX,
  UNSENT_BYTES_MAX,
  WRONG_SECRETS_BURST,
  WRONG_SECRETS_PER_CONNECTION,
} from '../src/limits.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

function rangeOf(type: OptionType): string {
  switch (type.kind) {
    case 'integer':
      return `${type.min} to ${type.max}`;
    case 'flag':
      return 'true, false';
    case 'choice':
      return type.choices.join(', ');
    default:
      return type.expected;
  }
}

describe('README', () => {
  it('has a row for each option, as it is', () => {
    for (const key of CONFIG_KEYS) {
      const { type, default: value, summary } = OPTIONS[key];
      const cells = [`\`${key}\``, `\`${variableOf(key)}\``, `\`${JSON.stringify(value)}\``];
      expect(README).toContain(`| ${[...cells, rangeOf(type), summary].join(' | ')} |`);
    }
  });

  it('has a row for each exit status', () => {
    for (const status of Object.values(EXIT)) expect(README).toContain(`\n| ${status} | `);
  });

  it.each([
    ['a line', LINE_BYTES_MAX],
    ["a lock's name", LOCK_NAME_BYTES_MAX],
    ['connections of one peer', CONNECTIONS_MAX],
    ['connections from one address', CONNECTIONS_PER_ADDRESS_MAX],
    ['commands of one connection in a second', COMMANDS_PER_SECOND_MAX],
    ['time for the right secret', ADMISSION_MS_MAX],
    ['wrong secrets of one connection', WRONG_SECRETS_PER_CONNECTION],
    ['wrong secrets of one address', WRONG_SECRETS_BURST],
    ['a secret of clients', SECRET_BYTES_MAX],
    ['time for a TLS handshake', TLS_HANDSHAKE_MS_MAX],
    ['input of one client that waits for its turn', PENDING_INPUT_BYTES_MAX],
    ['answers that a client has not read', UNREAD_OUTPUT_BYTES_MAX],
    ['the same before the secret, if one is asked for', STRANGER_UNREAD_BYTES_MAX],
    ['locks and claims of one session', DEFAULT_SETTINGS.locksPerSession],
    ["claims in one lock's queue", DEFAULT_SETTINGS.waitersPerLock],
    ['sessions of one peer', DEFAULT_SETTINGS.sessionsPerPeer],
    ['rows of `locks`', DEFAULT_SETTINGS.locksListed],
    ['a frame between peers', FRAME_BYTES_MAX],
    ['bytes that another peer has not taken', UNSENT_BYTES_MAX],
    ['peers that a peer talks to', PEERS_MAX],
  ])('tells the limit of %s as it is', (what, limit) => {
    expect(README).toContain(`\n| ${what} | ${limit.toLocaleString('en-US')}`);
  });

  it('names only files that there are', () => {
    const paths = README.match(/(?<=`)(?:src|sim|test)\b[^`\s]*(?=`)/g) ?? [];
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !existsSync(new URL(`../${path}`, import.meta.url)))).toEqual([]);
  });

  it('shows a configuration that is accepted', () => {
    const text = /```json\n(\{\n[\s\S]*?)```/.exec(README)?.[1] ?? '';
    const config = readConfig({ flags: {}, environment: {}, file: { path: 'README.md', text } });
    expect(config.voters).toHaveLength(3);
  });

  it('shows a scenario that runs, and holds', () => {
    const text = /```json\n(\{\n {2}"name": "my-split"[\s\S]*?)```/.exec(README)?.[1] ?? '';
    const plan = compileScenario(parseScenario(JSON.parse(text)), { seed: 1 });
    const result = runPlan({ plan });
    expect(result.violations, explainFailure(result)).toEqual([]);
  });
});
