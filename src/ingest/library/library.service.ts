import type { Database } from '../../database/database.js';
import { badInput, DomainError } from '../../errors.js';
import { rejectOf } from '../batchOutcome.js';
import type { Reject } from '../itemChecks.js';
import { SourceError } from '../source.js';
import type { Vote, VoteWriter } from '../voteWriter.js';
import { parseLibraryApart } from './libraryApart.js';
import type { LibraryFormat } from './library.js';
import type { LibraryEntry } from './libraryEntry.js';

/** What became of the entries of a library. */
export interface LibraryOutcome {
  readonly upvoted: number;
  readonly unchanged: number;
  readonly rejects: readonly Reject[];
}

const MAX_CHARACTERS = 250_000;
const MAX_ENTRIES = 1000;
/** Its name as a source: what the command line imports as a library is found by the same names. */
const SOURCE = 'library';

/** Readers' own libraries, which become their votes. */
export class LibraryService {
  constructor(
    private readonly database: Database,
    private readonly votes: VoteWriter,
  ) {}

  /** Upvotes the papers of a library for a reader, in one transaction; those that are not here are rejects. Throws BAD_USER_INPUT. */
  async import(reader: string, content: string, format: LibraryFormat | null): Promise<LibraryOutcome> {
    if (content.trim() === '' || content.length > MAX_CHARACTERS) {
      throw badInput('content', `must have 1 to ${MAX_CHARACTERS} characters`, content.length);
    }
    const entries = await entriesOf(content, format);
    if (entries.length > MAX_ENTRIES) throw badInput('content', `must have at most ${MAX_ENTRIES} entries`, entries.length);
    const now = new Date();
    const places = new Map(entries.map(({ place }, index) => [place, index]));
    const unread = entries.flatMap((entry) =>
      entry.kind === 'REJECT' ? [rejectOf(entry, badInput(entry.fault.field, entry.fault.rule, entry.fault.received), true)] : [],
    );
    const votes = entries.flatMap((entry): Vote[] =>
      entry.kind === 'PAPER' ? [{ kind: 'VOTE', place: entry.place, reader, isSimulated: false, paper: entry.key, at: null }] : [],
    );
    const { added, unchanged, rejects } = await this.database.bulkTransaction((transaction) =>
      this.votes.write(transaction, { source: SOURCE, ranks: new Map(), now }, votes),
    );
    const inOrder = [...unread, ...rejects].sort((one, other) => (places.get(one.place) ?? 0) - (places.get(other.place) ?? 0));
    return { upvoted: added, unchanged, rejects: inOrder };
  }
}

async function entriesOf(content: string, format: LibraryFormat | null): Promise<LibraryEntry[]> {
  try {
    return await parseLibraryApart(content, format);
  } catch (error) {
    if (error instanceof SourceError) throw new DomainError('BAD_USER_INPUT', `content: ${error.message}`, 'content');
    throw error;
  }
}
