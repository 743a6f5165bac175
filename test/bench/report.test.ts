import { describe, expect, test } from 'vitest';
import type { CommonCell } from './cell.ts';
import { report } from './report.ts';
import { Results } from './results.ts';
import type { Target } from './targets.ts';

const cell: CommonCell = {
  name: 'pairs',
  title: 'Pairs',
  of: 'all',
  fresh: false,
  alone: false,
  columns: [{ key: 'rate', title: 'pairs/s', digits: 0, compared: true }],
  run: () => Promise.reject(new Error('never run here')),
};

const target: Target = {
  text: 'pairs/s / slow',
  of: (figures) => figures('pairs', 'elock', 'rate') / figures('pairs', 'slow', 'rate'),
  limit: 3,
  sense: 'at least',
  digits: 1,
};

function measured(rates: readonly (readonly [string, number])[]): Results {
  const results = new Results();
  for (const [index, [system, rate]] of rates.entries()) {
    const pass = 1 + Math.floor(index / 2);
    results.all.push({ pass, cell: 'pairs', system, measured: { figures: { rate }, errors: [] } });
  }
  return results;
}

describe('report', () => {
  const threePasses = measured([
    ['elock', 400],
    ['slow', 100],
    ['elock', 200],
    ['slow', 100],
    ['elock', 900],
    ['slow', 150],
  ]);

  test('tells the median of the ratios of each pass, not the ratio of medians', () => {
    expect(report(threePasses, [cell], [target])).toMatch(/slow +\| +100 \(x4\.0\) \|/);
    expect(report(threePasses, [cell], [target])).toMatch(/elock +\| +400 \|/);
  });

  test('says of each target whether it is kept', () => {
    expect(report(threePasses, [cell], [target])).toMatch(/4\.0 \| at least 3 \| +kept \|/);
    const strict = { ...target, limit: 5 };
    expect(report(threePasses, [cell], [strict])).toMatch(/4\.0 \| at least 5 \| +MISSED \|/);
  });

  test('calls a target not measured when a rival is not there', () => {
    const alone = measured([['elock', 400]]);
    expect(report(alone, [cell], [target])).toMatch(/– \| at least 3 \| not measured \|/);
  });

  test('lists what went wrong, and where', () => {
    const results = measured([['elock', 400]]);
    const broken = { figures: {}, errors: ['two holders'] };
    results.all.push({ pass: 2, cell: 'pairs', system: 'elock', measured: broken });
    expect(report(results, [cell], [])).toContain('- pairs, elock, pass 2: two holders');
  });
});
