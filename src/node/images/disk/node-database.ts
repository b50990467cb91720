import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Database, SqlRow, SqlValue } from '../../../pure/store/database.ts';
import { imagesError, messageOf } from '../errors.ts';

/** The store's database by node:sqlite, with prepared statements kept. */
export class NodeDatabase implements Database {
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    this.#connection = this.#guard(() => new DatabaseSync(path, { enableForeignKeyConstraints: false }));
  }

  query(sql: string, params: readonly SqlValue[]): readonly SqlRow[] {
    return this.#guard(() =>
      this.#prepare(sql).all(...(params as SQLInputValue[])),
    ) as unknown as readonly SqlRow[];
  }

  [Symbol.dispose](): void {
    this.#statements.clear();
    this.#connection.close();
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#connection.prepare(sql);
    statement.setReturnArrays(true);
    this.#statements.set(sql, statement);
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      const text = `The database ${this.#path} failed: ${messageOf(error)}`;
      throw imagesError('STORE_DATABASE_FAILED', text, { cause: error });
    }
  }
}
