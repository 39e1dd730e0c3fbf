import type { FieldReader } from './fieldReader.js';
import { count, fields, text, truth, url } from './rules.js';

export type Fields = Readonly<Record<string, unknown>>;

const name = text(200);
const word = text(100);
const summary = text(20_000);

/** What the service says of a paper beyond what every source does; null where that is nothing. */
export function paperFacts(reader: FieldReader, paper: Fields, element: Fields): Fields | null {
  return present({
    submitter:
      person(reader, 'paper.submittedOnDailyBy', paper['submittedOnDailyBy']) ?? person(reader, 'submittedBy', element['submittedBy']),
    isAuthorParticipating: reader.take('isAuthorParticipating', element['isAuthorParticipating'], truth),
    numComments: reader.take('numComments', element['numComments'] ?? paper['numComments'], count),
    discussionId: reader.take('paper.discussionId', paper['discussionId'], word),
    aiSummary: reader.take('paper.ai_summary', paper['ai_summary'], summary),
    aiSummaryModel: reader.take('paper.ai_summary_model', paper['ai_summary_model'], name),
    githubRepoAddedBy: reader.take('paper.githubRepoAddedBy', paper['githubRepoAddedBy'], word),
    organization:
      organization(reader, 'paper.organization', paper['organization']) ?? organization(reader, 'organization', element['organization']),
    linkedModels: reader.take('paper.numTotalModels', paper['numTotalModels'], count),
    linkedDatasets: reader.take('paper.numTotalDatasets', paper['numTotalDatasets'], count),
    linkedSpaces: reader.take('paper.numTotalSpaces', paper['numTotalSpaces'], count),
    mediaUrls: mediaUrls(reader, 'paper.mediaUrls', paper['mediaUrls']) ?? mediaUrls(reader, 'mediaUrls', element['mediaUrls']),
    thumbnail: reader.take('thumbnail', element['thumbnail'] ?? paper['thumbnail'], url),
  });
}

function person(reader: FieldReader, field: string, received: unknown): Fields | null {
  const user = reader.take(field, received, fields) ?? {};
  return present({
    // Older answers have the name as `user`.
    name: reader.take(`${field}.name`, user['name'], name) ?? reader.take(`${field}.user`, user['user'], name),
    fullname: reader.take(`${field}.fullname`, user['fullname'], name),
  });
}

function organization(reader: FieldReader, field: string, received: unknown): Fields | null {
  const group = reader.take(field, received, fields) ?? {};
  return present({
    name: reader.take(`${field}.name`, group['name'], name),
    fullname: reader.take(`${field}.fullname`, group['fullname'], name),
  });
}

function mediaUrls(reader: FieldReader, field: string, received: unknown): readonly string[] | null {
  const urls = reader.takeEach(field, received, url).map(({ value }) => value);
  return urls.length === 0 ? null : urls;
}

function present(facts: Fields): Fields | null {
  const known = Object.entries(facts).filter(([, value]) => value !== null);
  return known.length === 0 ? null : Object.fromEntries(known);
}
