/**
 * A swarm as JUnit XML, which every continuous integration reads: a test case for each seed.
 */
import { describeViolations, type RunLine, replayCommand } from './outcome.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** The whole document. */
export function junitOf(name: string, runs: readonly RunLine[], wallS: number): string {
  const failures = runs.filter(({ violations }) => violations.length > 0).length;
  const counts = `tests="${runs.length}" failures="${failures}" time="${wallS}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="elock sim ${xmlOf(name)}" ${counts}>`,
    ...runs.map((run) => caseOf(name, run)),
    '</testsuite>',
    '',
  ].join('\n');
}

function caseOf(name: string, { seed, wallS, violations, plan = '' }: RunLine): string {
  const open = `  <testcase classname="${xmlOf(name)}" name="seed ${seed}" time="${wallS}"`;
  if (violations.length === 0) return `${open}/>`;
  const message = xmlOf(violations[0]!.detail);
  const text = xmlOf(`${describeViolations(violations)}\n${replayCommand(plan)}`);
  return `${open}><failure message="${message}">${text}</failure></testcase>`;
}

function xmlOf(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no way to write them
  return text.replace(/[\0-\x08\x0b-\x1f]/g, '?').replace(/[&<>"]/g, (char) => ENTITIES[char]!);
}
