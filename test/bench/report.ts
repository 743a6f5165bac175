/**
 * The page that the bench prints: the targets as ratios, then each cell's figures side by side.
 *
 * Markdown tables, padded so that they read as they are. Pure: results in, text out.
 */
import type { Cell, Column } from './cell.ts';
import type { Results } from './results.ts';
import type { Target } from './targets.ts';

const NOTHING = '–';

/** The whole report, in the order of reading. */
export function report(
  results: Results,
  cells: readonly Cell[],
  targets: readonly Target[],
): string {
  const measured = cells.filter((cell) => results.systemsOf(cell.name).length > 0);
  return [
    targetTable(results, targets),
    '(xN): elock has or takes N times the figure of that system.',
    ...measured.map((cell) => cellTable(results, cell)),
    errorList(results.errors()),
  ].join('\n\n');
}

/** The median ratio of each target, its limit, and whether it is kept. */
export function targetTable(results: Results, targets: readonly Target[]): string {
  const rows = targets.map((target) => {
    const value = results.median(target.of);
    const limit = `${target.sense} ${target.limit}`;
    return [target.text, formatted(value, target.digits), limit, verdict(target, value)];
  });
  return table('Targets (medians of the passes)', ['target', 'measured', 'limit', 'verdict'], rows);
}

function verdict({ sense, limit }: Target, value: number): string {
  if (Number.isNaN(value)) return 'not measured';
  return (sense === 'at least' ? value >= limit : value <= limit) ? 'kept' : 'MISSED';
}

function cellTable(results: Results, cell: Cell): string {
  const rows = results
    .systemsOf(cell.name)
    .map((system) => [system, ...cell.columns.map((each) => entry(results, cell, system, each))]);
  const title = cell.alone ? `${cell.title} (one pass)` : cell.title;
  return table(title, ['system', ...cell.columns.map((column) => column.title)], rows);
}

function entry(results: Results, cell: Cell, system: string, column: Column): string {
  const figure = results.median((figures) => figures(cell.name, system, column.key));
  const text = formatted(figure, column.digits);
  if (!column.compared || system === 'elock') return text;
  const ratio = results.median(
    (figures) => figures(cell.name, 'elock', column.key) / figures(cell.name, system, column.key),
  );
  return Number.isFinite(ratio) ? `${text} (x${ratio.toPrecision(2)})` : text;
}

function errorList(errors: readonly string[]): string {
  if (errors.length === 0) return 'No errors, and no lock held by two clients at once.';
  return ['### Errors', ...errors.map((error) => `- ${error}`)].join('\n');
}

function formatted(figure: number, digits: number): string {
  return Number.isNaN(figure) ? NOTHING : figure.toFixed(digits);
}

function table(
  title: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]!.length)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => align(cell, widths[column]!, column)).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-' : ':').padStart(width, '-'));
  return [`### ${title}`, '', line(header), line(rule), ...rows.map(line)].join('\n');
}

/** Words to the left, figures to the right. */
function align(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
