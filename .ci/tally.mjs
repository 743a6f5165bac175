// Reads the report of a stage, 'tests' (JSON of vitest) or 'sim' (JSON lines of elock sim), and prints
// 'PASSED FAILED' and then, a line each, the names of what failed, and why in short.
// For example: node .ci/tally.mjs tests report.json
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import process from 'node:process';

// What must never be, whatever the seed; other finds of a fresh seed are no commit's doing.
const NEVER = new Set([
  ...['exclusive', 'fenced', 'agreed', 'durable', 'resource', 'assert'],
  ...['held', 'told', 'answered', 'majority', 'settled'],
  ...['ordered', 'live', 'owned', 'history'],
]);

// A file that failed without a failed test of its own, such as one that cannot be loaded, counts as one.
function tallyTests(text) {
  const { numPassedTests, testResults } = JSON.parse(text);
  const names = testResults.flatMap(({ name, status, assertionResults }) => {
    const path = relative('', name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    if (status === 'failed' && failed.length === 0) return [path];
    return failed.map(({ fullName, failureMessages }) => {
      return `${path}: ${fullName}: ${failureMessages[0]?.split('\n')[0]}`;
    });
  });
  return { passed: numPassedTests, names };
}

// Each run of a seed counts.
function tallySimulation(text) {
  const isFatal = ({ violations }) => violations.some(({ invariant }) => NEVER.has(invariant));
  let runs = 0;
  const names = text.trim().split('\n').flatMap((line) => {
    const told = JSON.parse(line);
    runs += told.seeds ?? 1;
    // One line sums up a swarm; of a scenario there is a line a run, in which nothing may be violated.
    const failed = told.failed?.filter(isFatal) ?? (told.violations.length > 0 ? [told] : []);
    return failed.map(({ scenario, seed, violations }) => {
      return `${scenario ?? 'a fresh plan'}, seed ${seed}: ${violations.map(({ invariant }) => invariant).join(', ')}`;
    });
  });
  return { passed: runs - names.length, names };
}

const [kind, path] = process.argv.slice(2);
const { passed, names } = (kind === 'sim' ? tallySimulation : tallyTests)(readFileSync(path, 'utf8'));
console.log([`${passed} ${names.length}`, ...names].join('\n'));
