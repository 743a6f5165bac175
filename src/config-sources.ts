/**
 * Where options come from: flags over environment over file over default.
 *
 * Owns how a value is written in each place, and the errors about it, which say where the value
 * stood, what was expected and what came. Unknown names are errors, with the nearest known one.
 * Touches neither process nor disk: texts are handed in.
 */
import {
  CONFIG_KEYS,
  type Config,
  type ConfigKey,
  createConfig,
  OPTIONS,
  type OptionType,
} from './config.ts';
import { ElockError } from './errors.ts';

/** Environment variables that start so are the peer's. */
const PREFIX = 'ELOCK_';
/** Read by the command line itself, or given to what `elock lock` runs; no options of a peer. */
const OTHER_VARIABLES = [
  ...['DATA', 'CONFIG', 'NAME', 'TOKEN'],
  ...['PEER', 'PEER_TLS', 'PEER_TLS_CA', 'PEER_TLS_CERT', 'PEER_TLS_KEY'],
  ...['PEER_TLS_SERVERNAME', 'PEER_SECRET_FILE'],
].map((name) => PREFIX + name);
/** Parts items of a list where there is only text. */
const SEPARATOR = ',';

/** All that was given. */
export interface ConfigSources {
  /** By option; a list as a list. */
  readonly flags: Readonly<Partial<Record<ConfigKey, string | readonly string[]>>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `null`: there is no file. */
  readonly file: { readonly path: string; readonly text: string } | null;
}

/** Joins and checks what was given. */
export function readConfig(sources: ConfigSources): Config {
  return createConfig({
    ...(sources.file === null ? {} : fromFile(sources.file.path, sources.file.text)),
    ...fromEnvironment(sources.environment),
    ...fromFlags(sources.flags),
  });
}

/**
 * The environment variable of an option: `heartbeatMs` is `ELOCK_HEARTBEAT_MS`. A peer that runs
 * under `elock lock` must not take the lock's name for its cluster's.
 */
export function variableOf(key: ConfigKey): string {
  if (key === 'name') return `${PREFIX}CLUSTER_NAME`;
  return PREFIX + key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function fromFile(path: string, text: string): Partial<Config> {
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(parseObject(path, text))) {
    const key = CONFIG_KEYS.find((known) => known === name);
    if (key === undefined) throw unknown(`${path}: unknown key`, name, CONFIG_KEYS);
    given[key] = checked(`${path}: ${name}`, OPTIONS[key].type, value);
  }
  return given;
}

function parseObject(path: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ElockError('configuration', `${path} is no JSON: ${why}`, { cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new ElockError('configuration', `${path}: expected one JSON object, got ${show(value)}`);
}

function fromEnvironment(environment: ConfigSources['environment']): Partial<Config> {
  const given: Record<string, unknown> = {};
  const known = new Map(CONFIG_KEYS.map((key) => [variableOf(key), key]));
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || text === undefined || OTHER_VARIABLES.includes(name)) continue;
    const key = known.get(name);
    if (key === undefined) {
      throw unknown('unknown environment variable', name, [...known.keys(), ...OTHER_VARIABLES]);
    }
    const { type } = OPTIONS[key];
    given[key] = checked(name, type, fromText(type, text));
  }
  return given;
}

function fromFlags(flags: ConfigSources['flags']): Partial<Config> {
  const given: Record<string, unknown> = {};
  for (const key of CONFIG_KEYS) {
    const value = flags[key];
    if (value === undefined) continue;
    const { type } = OPTIONS[key];
    given[key] = checked(key, type, typeof value === 'string' ? fromText(type, value) : value);
  }
  return given;
}

/** What a text stands for; a text that stands for nothing stays one, and fails the check. */
function fromText(type: OptionType, text: string): unknown {
  switch (type.kind) {
    case 'integer':
      return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
    case 'flag':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'list':
      return text.split(SEPARATOR).filter((item) => item !== '');
    default:
      return text;
  }
}

function checked(where: string, type: OptionType, value: unknown): unknown {
  const expected = mismatch(type, value);
  if (expected === null) return value;
  const got = type.kind === 'text' && type.secret ? 'something else' : show(value);
  throw new ElockError('configuration', `${where}: expected ${expected}, got ${got}`);
}

/** What was expected instead; `null`: the value is good. */
function mismatch(type: OptionType, value: unknown): string | null {
  switch (type.kind) {
    case 'integer': {
      const { min, max } = type;
      const good = Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
      return good ? null : `an integer from ${min} to ${max}`;
    }
    case 'flag':
      return typeof value === 'boolean' ? null : 'true or false';
    case 'choice':
      return type.choices.some((choice) => choice === value)
        ? null
        : `one of ${type.choices.join(', ')}`;
    case 'text':
      return typeof value === 'string' && type.pattern.test(value) ? null : type.expected;
    case 'list': {
      const good = (item: unknown) => typeof item === 'string' && type.pattern.test(item);
      return Array.isArray(value) && value.every(good) ? null : `a list, each ${type.expected}`;
    }
  }
}

/** The option of that name. */
export function configKeyOf(name: string): ConfigKey {
  const key = CONFIG_KEYS.find((known) => known === name);
  if (key === undefined) throw unknown('unknown option', name, CONFIG_KEYS);
  return key;
}

function unknown(what: string, name: string, known: readonly string[]): ElockError {
  const nearest = known.toSorted((a, b) => distance(name, a) - distance(name, b))[0];
  return new ElockError('configuration', `${what} ${show(name)}; the nearest known is ${nearest}`);
}

/** How many letters to add, drop or change to get from one name to the other (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= to.length; at += 1) {
      const change = row[at - 1]! + (letter.toLowerCase() === to[at - 1]!.toLowerCase() ? 0 : 1);
      next.push(Math.min(change, row[at]! + 1, next[at - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
