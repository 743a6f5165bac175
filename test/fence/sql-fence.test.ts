import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Database } from 'node-sqlite3-wasm';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Fence, type SqlConnection, SqlFence, type SqlRow } from '../../src/fence/index.ts';
import { temporaryDirectory } from '../adapters/temporary-directory.ts';
import { README } from '../readme-programs.ts';
import { refusal, refusalOf } from './refusal.ts';

const LARGEST = 9_007_199_254_740_991;
/** README's statement for a row that has its token beside it, and a row for it. */
const STATEMENT = /```sql\n(UPDATE report[^`]*)\n```/.exec(README)?.[1] ?? '';
const REPORT = [
  'CREATE TABLE report (name TEXT PRIMARY KEY, body TEXT, token BIGINT NOT NULL)',
  "INSERT INTO report VALUES ('daily', '', 1)",
];
/** Two equal tokens, an older and a newer one; and how many rows each of them changes. */
const REPORT_TOKENS = [2, 2, 1, 3];
const REPORT_CHANGES = [1, 1, 0, 1];

/** A database to guard: `note(name, text)` and the guard's own table. */
interface Guarded {
  readonly connection: SqlConnection;
  readonly fence: SqlFence;
  /** Writes a note. */
  write(name: string, text: string): Promise<void>;
  /** All notes. */
  notes(): Promise<readonly SqlRow[]>;
}

/** Any SQLite driver is a connection in a line. */
function openSqlite(file: string): SqlConnection {
  const database = new Database(file);
  onTestFinished(() => database.close());
  return { query: (sql, parameters) => database.all(sql, parameters) as SqlRow[] };
}

async function rowsOf(connection: SqlConnection, sql: string): Promise<readonly SqlRow[]> {
  const result = await connection.query(sql);
  return 'rows' in result ? result.rows : result;
}

async function guarded(connection: SqlConnection, fence: SqlFence): Promise<Guarded> {
  await connection.query('DROP TABLE IF EXISTS note');
  await connection.query('DROP TABLE IF EXISTS elock_fence');
  await connection.query('CREATE TABLE note (name TEXT PRIMARY KEY, text TEXT NOT NULL)');
  await fence.createTable();
  return {
    connection,
    fence,
    write: async (name, text) => {
      await connection.query(`INSERT INTO note VALUES ('${name}', '${text}')`);
    },
    notes: () => rowsOf(connection, 'SELECT name, text FROM note ORDER BY name'),
  };
}

function onSqlite(): Promise<Guarded> {
  const connection = openSqlite(join(temporaryDirectory(), 'notes.db'));
  return guarded(connection, new SqlFence({ connection, dialect: 'sqlite' }));
}

describe('PostgreSQL', () => {
  let postgres: PGlite;

  beforeAll(async () => {
    postgres = await PGlite.create();
    return () => postgres.close();
  });

  holds(() => guarded(postgres, new SqlFence({ connection: postgres, dialect: 'postgres' })));

  it('checks a token in a transaction of the caller', async () => {
    const { fence, notes } = await guarded(
      postgres,
      new SqlFence({ connection: postgres, dialect: 'postgres' }),
    );
    const writeUnder = (token: number): Promise<unknown> =>
      postgres.transaction(async (transaction) => {
        await fence.show('note', token, transaction);
        await transaction.query("INSERT INTO note VALUES ('at', $1)", [token]);
      });
    await writeUnder(5);
    expect((await refusalOf(writeUnder(4))).code).toBe('STALE_TOKEN');
    expect(await notes()).toEqual([{ name: 'at', text: '5' }]);
  });

  it('runs the statement of README for a row with a token', async () => {
    for (const sql of REPORT) await postgres.query(sql);
    let parameter = 0;
    const numbered = STATEMENT.replaceAll('?', () => `$${++parameter}`);
    const changes = [];
    for (const token of REPORT_TOKENS) {
      const parameters = [`by ${token}`, token, 'daily', token];
      changes.push((await postgres.query(numbered, parameters)).affectedRows);
    }
    expect(changes).toEqual(REPORT_CHANGES);
  });

  it('takes a table in a schema', async () => {
    await postgres.exec('CREATE SCHEMA IF NOT EXISTS app');
    const options = { connection: postgres, dialect: 'postgres', table: 'app.fence' } as const;
    const fence = new SqlFence(options);
    await fence.createTable();
    expect(await fence.raise('a', 2)).toBe(2);
    expect(await rowsOf(postgres, 'SELECT * FROM app.fence')).toEqual([
      { resource: 'a', token: 2 },
    ]);
  });
});

describe('SQLite', () => {
  holds(onSqlite);

  it('runs the statement of README for a row with a token', () => {
    const sqlite = new Database();
    onTestFinished(() => sqlite.close());
    for (const sql of REPORT) sqlite.run(sql);
    const changes = REPORT_TOKENS.map((token) => {
      return sqlite.run(STATEMENT, [`by ${token}`, token, 'daily', token]).changes;
    });
    expect(changes).toEqual(REPORT_CHANGES);
  });

  it('keeps other connections out until the write is done', async () => {
    const file = join(temporaryDirectory(), 'notes.db');
    const [a, b] = [openSqlite(file), openSqlite(file)];
    const ours = await guarded(a, new SqlFence({ connection: a, dialect: 'sqlite' }));
    const others = new SqlFence({ connection: b, dialect: 'sqlite' });
    await ours.fence.transaction('note', 5, async () => {
      const { code, message } = await refusalOf(others.transaction('note', 6, () => {}));
      expect(code).toBe('STORE_FAILED');
      expect(message).toContain('locked');
      await ours.write('first', 'written');
    });
    const late = others.transaction('note', 4, () => expect.unreachable());
    expect((await refusalOf(late)).code).toBe('STALE_TOKEN');
    expect(await ours.notes()).toHaveLength(1);
  });

  it('outlives the connection', async () => {
    const file = join(temporaryDirectory(), 'notes.db');
    const first = new SqlFence({ connection: openSqlite(file), dialect: 'sqlite' });
    await first.createTable();
    expect(await first.raise('a', 7)).toBe(7);
    const second = new SqlFence({ connection: openSqlite(file), dialect: 'sqlite' });
    await second.createTable();
    expect(await second.raise('a', 6)).toBe(7);
  });
});

/** What holds for a guard in any database. */
function holds(open: () => Promise<Guarded>): void {
  it('lets equal and newer tokens write, and returns what the write returned', async () => {
    const { fence, write, notes } = await open();
    expect(await fence.transaction('note', 3, () => write('a', 'first'))).toBeUndefined();
    expect(await fence.transaction('note', 3, () => 'again')).toBe('again');
    await fence.transaction('note', LARGEST, () => write('b', 'newer'));
    expect(await notes()).toEqual([
      { name: 'a', text: 'first' },
      { name: 'b', text: 'newer' },
    ]);
  });

  it('refuses an older token, and does not run its write', async () => {
    const { fence, notes } = await open();
    await fence.transaction('note', LARGEST, () => {});
    const late = fence.transaction('note', LARGEST - 1, () => expect.unreachable());
    await expect(late).rejects.toMatchObject({
      code: 'STALE_TOKEN',
      resource: 'note',
      token: LARGEST - 1,
      newest: LARGEST,
    });
    await fence.transaction('other', 1, () => {});
    expect(await notes()).toEqual([]);
  });

  it('takes back what a failing write has written, its token included', async () => {
    const { fence, write, notes } = await open();
    const failure = new Error('no idea');
    const failed = fence.transaction('note', 9, async () => {
      await write('a', 'half');
      throw failure;
    });
    await expect(failed).rejects.toBe(failure);
    expect(await notes()).toEqual([]);
    expect(await fence.transaction('note', 8, () => 'written')).toBe('written');
  });

  it('passes on an error of the database in a write, and goes on', async () => {
    const { fence, write, notes } = await open();
    const twice = fence.transaction('note', 1, async () => {
      await write('a', 'once');
      await write('a', 'twice');
    });
    await expect(twice).rejects.toThrow(/unique/i);
    await fence.transaction('note', 1, () => write('b', 'fine'));
    expect(await notes()).toEqual([{ name: 'b', text: 'fine' }]);
  });

  it('runs transactions one after the other, whoever asks at once', async () => {
    const { fence, connection } = await open();
    const tokens = Array.from({ length: 30 }, (_, index) => 1 + ((index * 7) % 30));
    let count = 0;
    const add = async (): Promise<void> => {
      const before = count;
      await connection.query('SELECT 1');
      count = before + 1;
    };
    const outcomes = await Promise.allSettled(
      tokens.map((token) => fence.transaction('count', token, add)),
    );
    const written = outcomes.filter(({ status }) => status === 'fulfilled').length;
    expect(count).toBe(written);
    expect(written).toBe(tokens.filter((_token, index) => isHighest(tokens, index)).length);
    expect(await fence.raise('count', 1)).toBe(30);
  });

  it('remembers tokens for a guard in memory', async () => {
    const { fence: store } = await open();
    await new Fence({ store }).show('a', 4);
    expect((await refusalOf(new Fence({ store }).show('a', 3))).code).toBe('STALE_TOKEN');
    expect(await store.raise('a', 4)).toBe(4);
  });

  it('takes any name', async () => {
    const { fence } = await open();
    const names = ["'; DROP TABLE note; --", 'ä', '"', '$1', '?', 'x'.repeat(1_024)];
    for (const [index, name] of names.entries()) await fence.raise(name, index + 2);
    const newest = [];
    for (const name of names) newest.push(await fence.raise(name, 1));
    expect(newest).toEqual(names.map((_name, index) => index + 2));
  });

  it('refuses bad tokens and names before it asks the database for anything else', async () => {
    const { fence } = await open();
    for (const token of [0, -1, 0.5, 2 ** 53]) {
      const { code } = await refusalOf(fence.transaction('a', token, () => expect.unreachable()));
      expect(code).toBe('BAD_TOKEN');
    }
    expect((await refusalOf(fence.raise('a\0b', 1))).code).toBe('BAD_RESOURCE');
    expect(await fence.raise('a', 1)).toBe(1);
  });

  it('says what the database refused', async () => {
    const { fence, connection } = await open();
    await connection.query('DROP TABLE elock_fence');
    const { code, message } = await refusalOf(fence.raise('a', 1));
    expect(code).toBe('STORE_FAILED');
    expect(message).toMatch(/the database refuses 'INSERT INTO "elock_fence".*: .+/);
  });
}

function isHighest(tokens: readonly number[], index: number): boolean {
  return tokens.slice(0, index).every((token) => token < tokens[index]!);
}

it.each(['', 'a b', 'a"b', 'a.b.c', '1a', 'x'.repeat(64), "a'; --"])(
  'a guard refuses %j, which is no name of a table',
  (table) => {
    const connection: SqlConnection = { query: () => [] };
    const made = refusal(() => new SqlFence({ connection, dialect: 'sqlite', table }));
    expect(made.code).toBe('BAD_RESOURCE');
  },
);

it('a guard reads tokens as digits, as numbers or as bigints, and refuses anything else', async () => {
  const raised = (token: unknown): Promise<number> =>
    new SqlFence({ connection: { query: () => [{ token }] }, dialect: 'sqlite' }).raise('a', 1);
  expect(await Promise.all(['7', 7, 7n].map(raised))).toEqual([7, 7, 7]);
  for (const token of [undefined, null, 'x', 0, 2 ** 53]) {
    expect((await refusalOf(raised(token))).code).toBe('STORE_FAILED');
  }
});

it('a guard tells that a commit failed, and rolls back', async () => {
  const asked: string[] = [];
  const connection: SqlConnection = {
    query: (sql) => {
      asked.push(sql.split(' ')[0]!);
      if (sql === 'COMMIT') throw new Error('connection lost');
      return [{ token: 1 }];
    },
  };
  const fence = new SqlFence({ connection, dialect: 'postgres' });
  expect((await refusalOf(fence.transaction('a', 1, () => {}))).code).toBe('STORE_FAILED');
  expect(asked).toEqual(['BEGIN', 'INSERT', 'COMMIT', 'ROLLBACK']);
});
