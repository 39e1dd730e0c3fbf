import { sql, type Sql } from '../database/database.js';
import { toGlobalId } from '../graphql/globalId.js';

/** An account that is gone, by what others may have been told of it. */
export interface GoneAccount {
  readonly id: number;
  readonly username: string;
  readonly displayName: string | null;
}

// Whole values alone, as whoever signs up chooses a name: "id" is a field of most answers, and a word of the schema in all of a kind.
// An answer may call its fields as it likes, and may have what jsonb has not, so it is looked through as a text: a string in it is a
// value where it stands behind one of [ : , and before one of , ] }. What is found by chance is made anew.
/** Whether the column `answer` tells of the account; `words` are those that any answer may have. */
export function answerTellsOf({ id, username, displayName }: GoneAccount, words: ReadonlySet<string>): Sql {
  const names = [toGlobalId('User', id), username, displayName].filter((name) => name !== null && !words.has(name));
  const values = names.map((name) => JSON.stringify(name).replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return sql`coalesce(answer ~ ${String.raw`(?:\[|:|,)(?:${values.join('|')})(?:,|\]|\})`}, false)`;
}

// These cannot be made anew. They are rows of our statements, so a name stands where names do, and not where a title or a tag has it.
/** Whether the column `results` tells of the account. */
export function resultsTellOf({ id, username, displayName }: GoneAccount): Sql {
  const names = JSON.stringify({ id: toGlobalId('User', id), username, displayName: displayName ?? username });
  return sql`coalesce(jsonb_path_exists(results, 'strict $.** ? (@ == $id || @.username == $username || @.displayName == $displayName)', ${names}::text::jsonb), false)`;
}
