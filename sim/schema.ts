/**
 * Checks that JSON is what it should be, and says where it is not.
 *
 * Owns a few combinators: a check takes a value and its path, and throws `ScenarioError` when the
 * value is something else. Unknown keys are errors: a misspelt one would go unnoticed.
 */
import { ScenarioError } from './scenario.ts';

/** Throws unless the value is what it should be. */
export type Check = (value: unknown, path: string) => void;

type Fields = Readonly<Record<string, Check>>;

function fail(path: string, expected: string, value: unknown): never {
  const got = JSON.stringify(value) ?? 'nothing';
  throw new ScenarioError(`${path}: expected ${expected}, got ${got.slice(0, 80)}`);
}

/** A whole number in a range. */
export function integer(min = 0, max = Number.MAX_SAFE_INTEGER): Check {
  const expected =
    max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min}` : `${min} to ${max}`;
  return (value, path) => {
    const whole = Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
    if (!whole) fail(path, expected, value);
  };
}

/** A text, not empty. */
export const text: Check = (value, path) => {
  if (typeof value !== 'string' || value === '') fail(path, 'a text', value);
};

/** True or false. */
export const flag: Check = (value, path) => {
  if (typeof value !== 'boolean') fail(path, 'true or false', value);
};

/** One of these words. */
export function word(words: readonly string[]): Check {
  return (value, path) => {
    if (!words.includes(value as string)) fail(path, words.join(', '), value);
  };
}

/** A list of such, of a length in a range. */
export function list(item: Check, least = 0, most = Number.POSITIVE_INFINITY): Check {
  return (value, path) => {
    if (!Array.isArray(value) || value.length < least || value.length > most) {
      fail(
        path,
        least === 0 ? 'a list' : `a list of ${least === most ? '' : 'at least '}${least}`,
        value,
      );
    }
    for (const [index, each] of value.entries()) item(each, `${path}[${index}]`);
  };
}

/** An object with just these fields. */
export function object(needed: Fields, optional: Fields = {}): Check {
  return (value, path) => {
    const fields = fieldsOf(value, path);
    const known: Fields = { ...needed, ...optional };
    for (const key of Object.keys(needed)) {
      if (!(key in fields)) throw new ScenarioError(`${path}: ${key} is missing`);
    }
    for (const [key, field] of Object.entries(fields)) {
      const check = Object.hasOwn(known, key) ? known[key] : undefined;
      if (check === undefined) {
        throw new ScenarioError(`${path}: no such key '${key}': ${Object.keys(known).join(', ')}`);
      }
      check(field, `${path}.${key}`);
    }
  };
}

/** An object whose keys may be anything. */
export function record(item: Check): Check {
  return (value, path) => {
    for (const [key, field] of Object.entries(fieldsOf(value, path))) item(field, `${path}.${key}`);
  };
}

/** An object that says by one field which of several it is. */
export function tagged(tag: string, cases: Readonly<Record<string, Check>>): Check {
  return (value, path) => {
    const name = fieldsOf(value, path)[tag];
    const check = Object.hasOwn(cases, String(name)) ? cases[String(name)] : undefined;
    if (check === undefined) fail(`${path}.${tag}`, Object.keys(cases).join(', '), name);
    check(value, path);
  };
}

/** The first of these whose first key the object has; what is no object is for the last. */
export function keyed(cases: Readonly<Record<string, Check>>, other: Check): Check {
  return (value, path) => {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    const key = isObject ? Object.keys(cases).find((name) => name in value) : undefined;
    if (key !== undefined) cases[key]!(value, path);
    else if (isObject) fail(path, `one of ${Object.keys(cases).join(', ')}`, value);
    else other(value, path);
  };
}

/** A list by one check, anything else by the other. */
export function listOr(whenList: Check, otherwise: Check): Check {
  return (value, path) => (Array.isArray(value) ? whenList : otherwise)(value, path);
}

function fieldsOf(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    fail(path, 'an object', value);
  }
  return value as Record<string, unknown>;
}
