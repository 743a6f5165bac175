/**
 * `elock locks`, `elock info`, `elock stats` and `elock peers`: what any peer tells of the cluster.
 *
 * Owns what is printed: a table for people, one line of JSON for programs. Changes nothing,
 * and begins no session.
 */
import process from 'node:process';
import type { Command } from 'commander';
import { ElockError } from '../errors.ts';
import { askForList } from './ask.ts';
import { addPeerOptions, type ClientFlags, peersFrom } from './peers-option.ts';
import {
  nameFromWire,
  nameToWire,
  type Row,
  readPairs,
  record,
  table,
  type Value,
} from './rows.ts';

/** As commander gives them. */
interface AdminFlags extends ClientFlags {
  readonly json: boolean;
}

/** What is known of one other peer. */
type ListedPeer = Row & { readonly id: string };

/** What a peer says of itself; of one that did not yet, nothing is shown. */
const ANNOUNCED = ['epoch', 'version', 'quorum', 'votersReached', 'disk', 'clients', 'text'];

/** Adds the subcommands. */
export function addAdmin(program: Command): void {
  asking(program.command('locks [prefix]'))
    .description('List the locks whose names begin with PREFIX.')
    .action(showLocks);
  asking(program.command('info <name>')).description('Show how one lock stands.').action(showInfo);
  asking(program.command('stats')).description('Show what a peer counts.').action(showStats);
  asking(program.command('peers'))
    .description('List the peers, as seen from the one that is asked.')
    .action(showPeers);
}

function asking(command: Command): Command {
  return addPeerOptions(command).option('--json', 'print one line of JSON', false);
}

async function showLocks(prefix: string | undefined, flags: AdminFlags): Promise<void> {
  const asked = prefix === undefined || prefix === '' ? 'locks' : `locks ${word(prefix)}`;
  const { rows, text } = await ask(flags, asked);
  const complete = !text.includes('incomplete');
  const locks: readonly Row[] = rows.map((row) => {
    const [, name = '', ...pairs] = row.split(' ');
    return { name: nameFromWire(name), ...readPairs(pairs) };
  });
  if (flags.json) return print({ locks, complete });
  const keys = ['name', 'state', 'token', 'heldMs', 'waiters', 'peer', 'source'];
  process.stdout.write(columns(keys, locks));
  if (!complete) process.stderr.write('elock: there are more; ask with a longer PREFIX\n');
}

async function showInfo(name: string, flags: AdminFlags): Promise<void> {
  const { rows } = await ask(flags, `info ${word(name)}`);
  const pairs = rows.map((row) => row.split(' ').slice(1));
  const info = { ...readPairs(pairs.flat()), name };
  if (flags.json) print(info);
  else process.stdout.write(record(info));
}

async function showStats(flags: AdminFlags): Promise<void> {
  const { rows } = await ask(flags, 'stats');
  const stats = readPairs(rows.flatMap((row) => row.split(' ').slice(1)));
  if (flags.json) print(stats);
  else process.stdout.write(record(stats));
}

async function showPeers(flags: AdminFlags): Promise<void> {
  const { rows } = await ask(flags, 'peers');
  const words = rows.map((row) => row.split(' '));
  const listed = words.filter(([kind]) => kind === 'PEER').map(readPeer);
  const agreed = readPairs(
    words.filter(([kind]) => kind !== 'PEER').flatMap(([key = '', n = '']) => [lower(key), n]),
  );
  if (flags.json) {
    print({ peers: listed.map(({ peer, addresses }) => ({ ...peer, addresses })), ...agreed });
    return;
  }
  const keys = ['id', 'voter', 'self', 'reachable', 'heardMs', ...ANNOUNCED, 'addresses'];
  const shown = listed.map(({ peer, addresses }) => ({ ...peer, addresses: addresses.join(' ') }));
  process.stdout.write(`${columns(keys, shown)}\n${record(agreed)}`);
}

/** The addresses come last, as many as there are. */
function readPeer(words: readonly string[]): { peer: ListedPeer; addresses: readonly string[] } {
  const [, id = '', ...rest] = words;
  const at = rest.indexOf('addresses');
  const pairs = at < 0 ? rest : rest.slice(0, at);
  return {
    peer: { id, ...readPairs(pairs) },
    addresses: at < 0 ? [] : rest.slice(at + 1).filter((address) => address !== 'none'),
  };
}

async function ask(flags: AdminFlags, line: string) {
  return askForList(peersFrom(flags, process.env), line);
}

/** A word of a line: a peer would take more for a wrong number of words, or for two commands. */
function word(text: string): string {
  if (text !== '' && !/[ \r\n]/.test(text)) return nameToWire(text);
  throw new ElockError('usage', `expected a name without spaces and line ends; got '${text}'`);
}

function lower(key: string): string {
  return key.toLowerCase();
}

function columns(keys: readonly string[], rows: readonly Row[]): string {
  const heading = keys.map((key) => key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase());
  return table(
    heading,
    rows.map((row) => keys.map((key): Value => row[key] ?? null)),
  );
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
