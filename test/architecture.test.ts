/**
 * The rules of the source as tests: who may import whom, what the pure folders must not touch,
 * and the shape of files.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');
/** Comments and empty lines not counted. */
const LINES_MAX = 300;
const COLUMNS_MAX = 100;

interface Source {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
  /** Without comments, and with strings emptied. */
  readonly code: string;
  readonly imports: readonly string[];
  /** Those that are there at run time. */
  readonly loads: readonly string[];
  /** Of those, what is imported by a call. */
  readonly later: readonly string[];
}

function sourcesIn(folder: string): Source[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => read(join(folder, name)));
}

function read(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const bare = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
  return {
    path,
    text,
    code: bare.replace(/'(?:[^'\\\n]|\\.)*'/g, "''"),
    imports: specifiersIn(bare),
    loads: specifiersIn(bare.replace(/^(?:im|ex)port type [^;]*;/gm, '')),
    later: [...bare.matchAll(/\bimport\(\s*'([^']+)'/g)].map((match) => match[1]!),
  };
}

function specifiersIn(code: string): string[] {
  return [...code.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!);
}

const SRC = sourcesIn('src');
const SIM = sourcesIn('sim');

/** `src/core` for `../core/types.ts`, `node:fs` and package names as they are. */
function target(source: Source, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return normalize(relative(ROOT, resolve(ROOT, dirname(source.path), specifier)));
}

function targets(source: Source): string[] {
  return source.imports.map((specifier) => target(source, specifier));
}

/** Lines that are neither empty nor comment. */
function codeLines({ text }: Source): number {
  const bare = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return bare.split('\n').filter((line) => line.trim() !== '').length;
}

function inFolder(folder: string): Source[] {
  return [...SRC, ...SIM].filter(({ path }) => path.startsWith(`${folder}/`));
}

/** Offences against a rule, as lines that say where. */
function offences(
  sources: readonly Source[],
  find: (source: Source) => readonly string[],
): string[] {
  return sources.flatMap((source) => find(source).map((what) => `${source.path}: ${what}`));
}

const BOUNDS = ['src/limits.ts', 'src/errors.ts'];
const PURE = ['src/core/', 'src/text/', 'src/wire/', ...BOUNDS];
const OUTWARD = ['src/adapters/', 'src/daemon.ts', 'src/cli/'];

/** What the files of a folder may import: beginnings of paths, or of package names. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/core': ['src/core/'],
  'src/text': ['src/core/', 'src/text/', ...BOUNDS],
  'src/wire': ['src/core/', 'src/wire/', ...BOUNDS],
  'src/runtime': ['src/core/', 'src/wire/', 'src/runtime/', ...BOUNDS],
  'src/client': ['src/client/', 'src/text/', 'node:'],
  'src/fence': ['src/fence/', 'node:'],
  'src/adapters': [
    ...PURE,
    'src/runtime/',
    'src/adapters/',
    'node:',
    '@libp2p/',
    '@chainsafe/',
    '@multiformats/',
    'libp2p',
    'lmdb',
  ],
  'src/admin': [...PURE, 'src/runtime/', 'src/adapters/', 'src/admin/'],
};

describe('imports', () => {
  for (const [folder, allowed] of Object.entries(MAY_IMPORT)) {
    it(`of ${folder} stay within what it may know`, () => {
      const found = offences(inFolder(folder), (source) =>
        targets(source).filter((to) => !allowed.some((start) => to.startsWith(start))),
      );
      expect(found).toEqual([]);
    });
  }

  it('of the simulator leave out what touches the world', () => {
    const found = offences(SIM, (source) =>
      targets(source).filter((to) => OUTWARD.some((start) => to.startsWith(start))),
    );
    expect(found).toEqual([]);
  });

  it('of the command line library are in cli only', () => {
    const outside = SRC.filter(({ path }) => !path.startsWith('src/cli/'));
    expect(offences(outside, ({ imports }) => imports.filter((to) => to === 'commander'))).toEqual(
      [],
    );
  });

  it('of every subcommand load no package but that of the command line, until it runs', () => {
    const bySource = new Map(SRC.map((source) => [source.path, source]));
    const main = bySource.get('src/cli/main.ts')!;
    const reached = new Set([main.path, ...main.later.map((to) => target(main, to))]);
    for (const path of reached) {
      const source = bySource.get(path);
      const atOnce = source?.loads.filter((to) => !source.later.includes(to)) ?? [];
      for (const specifier of atOnce) reached.add(target(source!, specifier));
    }
    const packages = [...reached].filter((path) => !/^(?:src\/|node:)/.test(path));
    expect(packages).toEqual(['commander']);
  });

  it('form no cycle', () => {
    const bySource = new Map(
      [...SRC, ...SIM].map((source) => [
        source.path,
        source.loads.map((specifier) => target(source, specifier)),
      ]),
    );
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path))
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      if (done.has(path) || trail.includes(path)) return;
      for (const to of bySource.get(path) ?? []) visit(to, [...trail, path]);
      done.add(path);
    };
    for (const path of bySource.keys()) visit(path, []);
    expect(cycles).toEqual([]);
  });
});

/** What has no place in code that must do the same on every machine, every time. */
const IMPURE: readonly RegExp[] = [
  /\bDate\b/,
  // What the standard leaves to the machine; those left out here are exact.
  /\bMath\.(?!(?:imul|clz32|floor|ceil|round|min|max|abs|trunc|sqrt)\b)\w+/,
  // Powers of two are exact.
  /(?<!\b2 )\*\*(?!\*)/,
  /(?<![#.\w])(?:set(?:Timeout|Interval|Immediate)|queueMicrotask)\(/,
  /(?<![#.\w])(?:async|await) /,
  /\bPromise\b/,
  /\bprocess\./,
  /\bperformance\b/,
  /\bcrypto\b/,
  /\bconsole\b/,
  /\blocaleCompare\b/,
  /\btoLocale\w+/,
];

describe('pure code', () => {
  for (const folder of ['src/core', 'src/text', 'src/wire']) {
    it(`in ${folder} has no clock, chance, timer, promise or process`, () => {
      const found = offences(inFolder(folder), ({ code }) =>
        IMPURE.flatMap((pattern) => pattern.exec(code)?.[0] ?? []),
      );
      expect(found).toEqual([]);
    });
  }

  it('is all there is outside cli that could read arguments or environment', () => {
    const outside = SRC.filter(({ path }) => !path.startsWith('src/cli/'));
    const found = offences(outside, ({ code }) => code.match(/\bprocess\.(?:argv|env)\b/g) ?? []);
    expect(found).toEqual([]);
  });
});

describe('files', () => {
  it('of the source open with what they own', () => {
    const found = [...SRC, ...SIM].filter(({ text }) => !/^(?:#!.*\n)?\/\*\*\n/.test(text));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  it('of the source are short', () => {
    const found = offences([...SRC, ...SIM], (source) => {
      const lines = codeLines(source);
      return lines > LINES_MAX ? [`${lines} lines of code`] : [];
    });
    expect(found).toEqual([]);
  });

  it('of the source have no wide lines but for texts', () => {
    const found = offences([...SRC, ...SIM], ({ text }) =>
      text.split('\n').filter((line) => line.length > COLUMNS_MAX && !/['`"]/.test(line)),
    );
    expect(found).toEqual([]);
  });

  it('of the source say what each export means', () => {
    const found = offences([...SRC, ...SIM], ({ text }) => {
      const lines = text.split('\n');
      return lines.filter((line, index) => {
        const exports =
          /^export (?:abstract |async |default )*(?:function|class|const|interface|type) /;
        const listed = /^export type \{/.test(line);
        return exports.test(line) && !listed && !lines[index - 1]?.trimEnd().endsWith('*/');
      });
    });
    expect(found).toEqual([]);
  });
});
