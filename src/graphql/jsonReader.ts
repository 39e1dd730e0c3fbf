import type { Database, Statement } from '../database/database.js';
import type { Listing } from '../database/lists.js';
import type { NodeType } from './globalId.js';
import { connectionStatement, objectStatement, valuesFor, type ListSource, type RowSource, type Writing, type Written } from './jsonStatement.js';
import type { Asker } from './planner.js';
import type { Selected } from './selection.js';

/** A list to write. `name` tells apart the lists that one selection may be asked of; empty where there is one. */
export interface ListToWrite {
  readonly type: NodeType;
  readonly name: string;
  readonly listing: () => Listing;
  readonly edge?: ListSource['edge'];
}

/** Reads what is asked of rows as JSON that the database writes. */
export class JsonReader {
  /** Composing a page's statement takes 50 µs, and most selections come again. */
  private readonly statements = new WeakMap<Selected, { readonly name: string; readonly statement: Statement }>();

  constructor(
    private readonly database: Database,
    private readonly writing: Writing,
  ) {}

  /** The object; null where there is no such row. */
  object(selected: Selected, source: RowSource): (asker: Asker) => Promise<string> {
    return this.reading(objectStatement(this.writing, selected, source));
  }

  /** The connection. Throws before anything is read, where it cannot be written. */
  connection(selected: Selected, { type, name, listing, edge = {} }: ListToWrite): (asker: Asker) => Promise<string> {
    const known = this.statements.get(selected);
    if (known?.name === name) return this.reading(known.statement);
    const { from, ...list } = listing();
    const statement = connectionStatement(this.writing, selected, { ...list, type, from: from.text, edge });
    this.statements.set(selected, { name, statement });
    return this.reading(statement);
  }

  private reading(statement: Statement): (asker: Asker) => Promise<string> {
    return async (asker) => {
      const [row] = await this.database.rows<Written>({ text: statement.text, values: valuesFor(asker.tokenHash, statement) }, asker.record ?? undefined);
      if (row === undefined) throw new Error('a statement that always has a row gave none');
      if (row.viewer !== null) {
        asker.isKnown = true;
        asker.viewerId = row.viewer;
      }
      return row.json ?? 'null';
    };
  }
}
