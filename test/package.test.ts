/**
 * What is shipped and installed: a lock file that `npm ci` takes on every platform.
 */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

it('package-lock.json names every optional package, those of other platforms included', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Readonly<Record<string, LockedPackage>>;
  };
  const wanted = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies),
  );
  const missing = wanted.filter((name) =>
    Object.keys(packages).every((path) => !path.endsWith(`node_modules/${name}`)),
  );
  expect(missing).toEqual([]);
});
