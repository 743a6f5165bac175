import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { COMMANDS, type CommandRow } from '../../src/text/command-table.ts';

const README = new URL('../../README.md', import.meta.url);

function row({ syntax, summary, replies }: CommandRow): string {
  const answers = replies.map((reply) => `\`${reply}\``).join(', ');
  return `| \`${syntax}\` | ${summary} | ${answers} |`;
}

test.skipIf(!existsSync(README))('README shows the command table as it is', () => {
  const table = ['| Command | Does | Answers |', '|---|---|---|', ...COMMANDS.map(row)].join('\n');
  expect(readFileSync(README, 'utf8')).toContain(table);
});
