/**
 * What README says about options and exit statuses is what the program does.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CONFIG_KEYS, OPTIONS, type OptionType } from '../src/config.ts';
import { readConfig, variableOf } from '../src/config-sources.ts';
import { EXIT } from '../src/errors.ts';

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

  it('shows a configuration that is accepted', () => {
    const text = /```json\n(\{\n[\s\S]*?)```/.exec(README)?.[1] ?? '';
    const config = readConfig({ flags: {}, environment: {}, file: { path: 'README.md', text } });
    expect(config.voters).toHaveLength(3);
  });
});
