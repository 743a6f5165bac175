/**
 * A guard in the database that it guards: the token is checked in the transaction of the write.
 *
 * Owns one table with a row for each resource, and the statements on it; any driver will do, with
 * one connection. The row is written before the write that it guards: until the transaction ends
 * no other one gets past it, so any number of processes on any machines may write.
 */
import { FenceError, StaleTokenError, storeFailure } from './fence-error.ts';
import { TOKEN_MAX } from './limits.ts';
import { checkResource, checkToken, shown, type Token } from './token.ts';
import type { TokenStore } from './token-store.ts';
import { Turns } from './turns.ts';

/** What statements are written in. */
export type SqlDialect = 'sqlite' | 'postgres';

/** A row, as drivers return it. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** Rows, bare or in `rows`. */
export type SqlResult = readonly SqlRow[] | { readonly rows: readonly SqlRow[] };

/**
 * One connection to a database; not a pool, whose statements could go to several.
 *
 * A `Client` of `pg` and a `PGlite` are one as they are; any SQLite driver is one in a line:
 * `{ query: (sql, parameters) => database.all(sql, parameters) }`.
 */
export interface SqlConnection {
  /** Runs one statement, with `?` (SQLite) or `$1` (PostgreSQL) for its parameters. */
  query(sql: string, parameters?: (string | number)[]): SqlResult | Promise<SqlResult>;
}

/** How a guard is made. */
export interface SqlFenceOptions {
  readonly connection: SqlConnection;
  readonly dialect: SqlDialect;
  /** Name of the table, `elock_fence` by default; with its schema if need be: `app.fence`. */
  readonly table?: string;
}

interface Statements {
  readonly create: string;
  readonly raise: string;
  readonly read: string;
}

const TABLE = /^[a-z_]\w{0,62}(?:\.[a-z_]\w{0,62})?$/i;
const BEGIN: Readonly<Record<SqlDialect, string>> = {
  // Readers that become writers fail in SQLite; and there is one writer at a time in any case.
  sqlite: 'BEGIN IMMEDIATE',
  // The default of a database may be another, in which an overtaken write fails by another name.
  postgres: 'BEGIN ISOLATION LEVEL READ COMMITTED',
};

/** Guards what is in a database; also remembers tokens for a `Fence`. */
export class SqlFence implements TokenStore {
  readonly #connection: SqlConnection;
  readonly #dialect: SqlDialect;
  readonly #statements: Statements;
  readonly #turns = new Turns('writes of this connection');

  /** @throws FenceError `BAD_RESOURCE` if the name of the table is none */
  constructor(options: SqlFenceOptions) {
    this.#connection = options.connection;
    this.#dialect = options.dialect;
    this.#statements = statements(quoted(options.table ?? 'elock_fence'), options.dialect);
  }

  /**
   * Makes the table, unless there is one.
   *
   * @throws FenceError `STORE_FAILED`
   */
  async createTable(): Promise<void> {
    await this.#turns.run(() => ask(this.#connection, this.#statements.create));
  }

  /**
   * Runs writes in a transaction that begins with the check; it is the connection's only one.
   *
   * @param write - does its work on this guard's connection, and awaits it; what it throws passes
   *   through, after the rollback
   * @throws StaleTokenError nothing was written
   * @throws FenceError `BAD_TOKEN`, `BAD_RESOURCE`, `LIMIT_REACHED`: nothing was written;
   *   `STORE_FAILED`: nor then, unless the commit itself was cut off
   */
  async transaction<T>(resource: string, token: Token, write: () => T | Promise<T>): Promise<T> {
    return this.#turns.run(async () => {
      await ask(this.#connection, BEGIN[this.#dialect]);
      try {
        await this.show(resource, token, this.#connection);
        const result = await write();
        await ask(this.#connection, 'COMMIT');
        return result;
      } catch (error) {
        await this.#rollBack();
        throw error;
      }
    });
  }

  /**
   * The check alone, as the first statement of a transaction of yours: roll back if it throws.
   *
   * @param within - the connection that the transaction is on
   * @throws StaleTokenError a newer token was seen
   * @throws FenceError `BAD_TOKEN`, `BAD_RESOURCE`, `STORE_FAILED`
   */
  async show(resource: string, token: Token, within: SqlConnection): Promise<void> {
    const newest = await this.#raise(within, resource, token);
    if (newest > token) throw new StaleTokenError(resource, token, newest);
  }

  /**
   * Remembers a token for a `Fence`, in a transaction of its own.
   *
   * @throws FenceError `BAD_TOKEN`, `BAD_RESOURCE`, `LIMIT_REACHED`, `STORE_FAILED`
   */
  async raise(resource: string, token: Token): Promise<Token> {
    return this.#turns.run(() => this.#raise(this.#connection, resource, token));
  }

  async #raise(connection: SqlConnection, resource: string, token: Token): Promise<Token> {
    const { raise, read } = this.#statements;
    checkToken(token);
    const raised = await ask(connection, raise, [checkResource(resource), token]);
    const [row] = raised.length > 0 ? raised : await ask(connection, read, [resource]);
    return tokenIn(row);
  }

  /** What failed is told, not what follows from it: there may be nothing to roll back any more. */
  async #rollBack(): Promise<void> {
    try {
      await ask(this.#connection, 'ROLLBACK');
    } catch {}
  }
}

function statements(table: string, dialect: SqlDialect): Statements {
  const [first, second] = dialect === 'postgres' ? ['$1', '$2'] : ['?', '?'];
  return {
    create:
      `CREATE TABLE IF NOT EXISTS ${table} (resource TEXT NOT NULL PRIMARY KEY, ` +
      `token BIGINT NOT NULL CHECK (token BETWEEN 1 AND ${TOKEN_MAX}))`,
    raise:
      `INSERT INTO ${table} AS present (resource, token) VALUES (${first}, ${second}) ` +
      'ON CONFLICT (resource) DO UPDATE SET token = excluded.token ' +
      'WHERE present.token <= excluded.token RETURNING token',
    read: `SELECT token FROM ${table} WHERE resource = ${first}`,
  };
}

function quoted(table: string): string {
  if (TABLE.test(table))
    return table
      .split('.')
      .map((part) => `"${part}"`)
      .join('.');
  const expected = 'expected the name of a table, such as elock_fence or app.elock_fence';
  throw new FenceError('BAD_RESOURCE', `${expected}; got ${shown(table)}`);
}

/** Runs one statement of ours. */
async function ask(
  connection: SqlConnection,
  sql: string,
  parameters: (string | number)[] = [],
): Promise<readonly SqlRow[]> {
  try {
    const result = await connection.query(sql, parameters);
    return 'rows' in result ? result.rows : result;
  } catch (cause) {
    throw storeFailure(`the database refuses '${sql}'`, cause);
  }
}

/** Drivers return a BIGINT as a number, a bigint, or digits. */
function tokenIn(row: SqlRow | undefined): Token {
  const token = Number(row?.['token']);
  if (Number.isSafeInteger(token) && token >= 1) return token;
  throw new FenceError('STORE_FAILED', 'the database has lost a token that it was just given');
}
