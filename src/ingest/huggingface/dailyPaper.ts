import { slugOf } from '../../tags/slug.js';
import { MAX_AUTHORS, type RawRepo, type RawTag } from '../../submissions/paperRecord.js';
import type { Fault, Item } from '../source.js';
import { FieldReader } from './fieldReader.js';
import { paperFacts, type Fields } from './paperFacts.js';
import { arxivId, count, dayUntil, fields, repoUrl, tagName, text, url } from './rules.js';

const title = text(500);
const abstract = text(20_000);
const authorName = text(200);

/** An element of a feed, or the answer to one paper's address, which is the element's `paper` alone. */
export function dailyPaperItem(answer: unknown, { place, now }: { place: string; now: Date }): Item {
  const reader = new FieldReader();
  const entry = reader.take('item', answer, fields);
  if (entry === null) return rejection(place, null, { field: 'item', rule: fields.rule, received: answer });
  const isElement = 'paper' in entry;
  const paper = isElement ? (reader.take('paper', entry['paper'], fields) ?? {}) : entry;
  // An element has its title and summary twice.
  const titleOf = reader.take('paper.title', paper['title'], title) ?? reader.take('title', entry['title'], title);
  const id = reader.take('paper.id', paper['id'], arxivId);
  if (id === null) return rejection(place, titleOf, { field: 'paper.id', rule: arxivId.rule, received: paper['id'] });
  if (titleOf === null) return rejection(place, null, { field: 'paper.title', rule: title.rule, received: paper['title'] });
  const day = dayUntil(now);
  const record = {
    externalId: id,
    arxivId: id,
    title: titleOf,
    abstract: reader.take('paper.summary', paper['summary'], abstract) ?? reader.take('summary', entry['summary'], abstract),
    publishedOn: reader.take('paper.publishedAt', paper['publishedAt'], day),
    // The instant of an element is the feed's; a paper's alone is arXiv's.
    listedOn:
      reader.take('paper.submittedOnDailyAt', paper['submittedOnDailyAt'], day) ??
      (isElement ? reader.take('publishedAt', entry['publishedAt'], day) : null),
    withdrawnOn: reader.take('paper.withdrawnAt', paper['withdrawnAt'], day),
    authors: authorsOf(reader, paper['authors']),
    namedTags: keywordsOf(reader, paper['ai_keywords']),
    repos: reposOf(reader, paper),
    projectUrl: reader.take('paper.projectPage', paper['projectPage'], url),
    originUpvoteCount: reader.take('paper.upvotes', paper['upvotes'], count),
    facts: paperFacts(reader, paper, isElement ? entry : {}),
  };
  return { kind: 'PAPER', place, record, ...(reader.faults.length === 0 ? {} : { leftOut: reader.faults }) };
}

function rejection(place: string, titleOf: string | null, fault: Fault): Item {
  return { kind: 'REJECT', place, title: titleOf, fault };
}

function authorsOf(reader: FieldReader, received: unknown): string[] {
  const names = reader.takeEach('paper.authors', received, fields).flatMap(({ value: author, field }) => {
    if (author['hidden'] === true) return [];
    const name = reader.take(`${field}.name`, author['name'], authorName);
    return name === null ? [] : [name];
  });
  if (names.length > MAX_AUTHORS) {
    reader.leaveOut({ field: 'paper.authors', rule: `must have at most ${MAX_AUTHORS} items`, received: names.length });
  }
  return names.slice(0, MAX_AUTHORS);
}

/** Each keyword once: those with one slug are one tag. */
function keywordsOf(reader: FieldReader, received: unknown): RawTag[] {
  const names = new Map<string, string>();
  for (const { value: name } of reader.takeEach('paper.ai_keywords', received, tagName)) {
    if (!names.has(slugOf(name))) names.set(slugOf(name), name);
  }
  return [...names.values()].map((name) => ({ name, kind: 'KEYWORD', weight: 1 }));
}

function reposOf(reader: FieldReader, paper: Fields): RawRepo[] {
  const address = reader.take('paper.githubRepo', paper['githubRepo'], repoUrl);
  const stars = reader.take('paper.githubStars', paper['githubStars'], count);
  return address === null ? [] : [{ url: address, isOfficial: null, stars }];
}
