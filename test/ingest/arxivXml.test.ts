import { expect, test } from '@jest/globals';
import { HttpError } from '../../src/ingest/http/httpClient.js';
import { parseXml } from '../../src/ingest/arxiv/xml.js';
import { atomFeed, inventedPapers } from './arxivFeeds.js';

const FEED = atomFeed(inventedPapers(2), 2);

function broken(text: string): string {
  try {
    parseXml(text, 'feed');
  } catch (error) {
    if (error instanceof HttpError) return error.message;
    throw error;
  }
  return 'taken';
}

test('a document that breaks off anywhere is broken', () => {
  const taken = Array.from(FEED, (_character, index) => index).filter((length) => broken(FEED.slice(0, length)) === 'taken');
  expect(taken).toEqual([]);
  expect(broken(FEED)).toBe('taken');
});

test.each([
  ['a part left out', FEED.replace('</entry>', ''), /^XML that is not well-formed in line \d+: /],
  ['a stray &', FEED.replace('On ', 'On & '), /^XML that is not well-formed in line \d+: /],
  ['another root', '<html><body>Sorry</body></html>', /^XML without the root element feed$/],
  ['JSON', '{"feed": []}', /^XML that is not well-formed in line 1: /],
  ['a hundred elements in each other', `<feed>${'<a>'.repeat(200)}${'</a>'.repeat(200)}</feed>`, /^XML that cannot be read: /],
])('%s is broken', (_name, text, message) => {
  expect(broken(text)).toMatch(message);
});

test.each(['<!DOCTYPE feed [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]>', '<!-- long --> <!doctype feed SYSTEM "http://example.org/x.dtd">'])('%s is refused', (type) => {
  expect(broken(FEED.replace('?>', `?>${type}`))).toBe('a document type where plain XML must be');
});

test('a document type within a text is a text', () => {
  expect(parseXml('<feed><t><![CDATA[<!DOCTYPE html>]]></t></feed>', 'feed').textOf('t')).toBe('<!DOCTYPE html>');
});

test('texts stay texts, with entities, CDATA and single spaces', () => {
  const feed = parseXml('<feed><t>0704.0010</t><t> a &amp;&#233;\n <![CDATA[<x> &amp;]]> b</t><t>&amp;lt;</t><t/></feed>', 'feed');
  expect(feed.children('t').map(({ text }) => text)).toEqual(['0704.0010', 'a &é <x> &amp; b', '&lt;', null]);
});
