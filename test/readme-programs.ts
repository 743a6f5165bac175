/**
 * The programs in README, run as they stand there, in a directory that vanishes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from './adapters/temporary-directory.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** README, whole. */
export const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/** A program, and the block after it: what it prints, or a conversation with it. */
export interface Program {
  readonly name: string;
  readonly text: string;
  readonly output: string;
}

/** The program whose first line is the comment with that name. */
export function programIn(readme: string, name: string): Program {
  const start = readme.indexOf(`\`\`\`js\n// ${name}\n`);
  const [, text, output] =
    /^```js\n([\s\S]*?)```\n\n?(?:(?!```)[^\n]*\n)*```\n([\s\S]*?)```/.exec(readme.slice(start)) ??
    [];
  if (start < 0 || text === undefined || output === undefined) throw new Error(`no ${name}`);
  return { name, text, output };
}

/** A directory in which programs find `elock` and the packages that it is developed with. */
export function directoryWithPackages(): string {
  const directory = temporaryDirectory();
  const modules = join(directory, 'node_modules');
  mkdirSync(modules);
  symlinkSync(ROOT, join(modules, 'elock'), 'junction');
  for (const name of ['node-sqlite3-wasm']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name), 'junction');
  }
  return directory;
}

/** Starts a program of README in a directory; it ends with the test at the latest. */
export function start(
  { name, text }: Program,
  directory: string,
  args: readonly (string | number)[] = [],
): ChildProcess {
  writeFileSync(join(directory, name), text);
  const child = spawn(process.execPath, [name, ...args.map(String)], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** All that a program prints until it ends. */
export async function outputOf(child: ChildProcess): Promise<string> {
  let output = '';
  for await (const chunk of child.stdout!.setEncoding('utf8')) output += chunk;
  return output;
}
