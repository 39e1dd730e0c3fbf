import { describe, expect, test } from '@jest/globals';
import { signUp } from '../../support/fullLife.js';
import { ANONYMOUS, PASSWORD, bad, conflict, missing, nobodys, SUNDAY, titlesOf, type Name, type Walk } from './walk.js';

const REPORT = 'mutation ($paperId: ID, $commentId: ID, $reason: ReportReason! = SPAM, $note: String) { report(input: { paperId: $paperId, commentId: $commentId, reason: $reason, note: $note }) { isNew report { id state } } }';
const REPORTS = 'query ($state: ReportState, $first: Int) { reports(state: $state, first: $first) { nodes { id reason note state reporter { username } object { __typename ... on Paper { title } } } } }';
const RESOLVE = 'mutation ($id: ID!, $resolution: ReportResolution!) { resolveReport(input: { reportId: $id, resolution: $resolution }) { report { state resolver { username } } } }';
const HIDE = 'mutation ($id: ID!, $reason: String!) { hidePaper(input: { paperId: $id, reason: $reason }) { paper { isHidden } } }';
const RESTORE = 'mutation ($id: ID!) { restorePaper(input: { paperId: $id }) { paper { isHidden upvoteCount } } }';
const HIDE_COMMENT = 'mutation ($id: ID!, $reason: String!) { hideComment(input: { commentId: $id, reason: $reason }) { comment { isHidden } } }';
const RESTORE_COMMENT = 'mutation ($id: ID!) { restoreComment(input: { commentId: $id }) { comment { isHidden } } }';
const UPVOTE = 'mutation ($id: ID!) { upvotePaper(input: { paperId: $id }) { paper { upvoteCount } } }';
const TREND = 'query ($id: ID!) { paper(id: $id) { upvoteCount trendingScore flaggedUpvoteCount } }';
const FLAGGED = 'query ($id: ID!) { flaggedVotes(filter: { paper: $id }) { nodes { why user { username } } } }';
const judgement = (verb: 'clear' | 'confirm'): string => `mutation ($id: ID!, $userIds: [ID!]) { judged: ${verb}FlaggedVotes(input: { paperId: $id, userIds: $userIds }) { voteCount } }`;
const FORBIDDEN = { code: 'FORBIDDEN' };

export function moderating(walk: () => Walk): void {
  const week = async (name: Name | null): Promise<string[]> => titlesOf((await walk().ask(name, `{ feed(date: "${SUNDAY}", period: WEEK) { papers { nodes { title } } } }`)).feed.papers);
  const ADVERT = 'Cheap Papers, Written Fast';

  describe('Saturday: curators keep house', () => {
    test('Cleo reports an advertisement, and may say so again', async () => {
      const variables = { paperId: walk().paper.advert, note: 'No paper at all.' };
      const { isNew, report } = (await walk().ask('cleo', REPORT, variables)).report;
      expect([isNew, report.state]).toEqual([true, 'OPEN']);
      walk().keep("Cleo's report", report.id);
      expect((await walk().ask('cleo', REPORT, variables)).report).toEqual({ isNew: false, report });
      expect(await walk().refused(null, REPORT, variables)).toEqual(ANONYMOUS);
      expect(await walk().refused('cleo', REPORT, {})).toEqual(bad('paperId'));
      expect(await walk().refused('cleo', REPORT, { paperId: walk().kept("Ada's comment") })).toEqual(bad('paperId'));
      expect(await walk().refused('cleo', REPORT, { commentId: nobodys('Comment') })).toEqual(missing('commentId'));
    });

    test('Cora reads reports, which readers may not', async () => {
      expect((await walk().ask('cora', REPORTS, { state: 'OPEN' })).reports.nodes).toEqual([{ id: walk().kept("Cleo's report"), reason: 'SPAM', note: 'No paper at all.', state: 'OPEN', reporter: { username: 'cleo' }, object: { __typename: 'Paper', title: ADVERT } }]);
      expect(await walk().refused('cleo', REPORTS)).toEqual(FORBIDDEN);
      expect(await walk().refused(null, REPORTS)).toEqual(ANONYMOUS);
      expect(await walk().refused('cora', REPORTS, { first: 101 })).toEqual(bad('first'));
    });

    test('she hides it: it is nowhere any more, but for her', async () => {
      await walk().ask('ben', UPVOTE, { id: walk().paper.advert });
      const variables = { id: walk().paper.advert, reason: 'an advertisement' };
      expect(await walk().refused('ben', HIDE, variables)).toEqual(FORBIDDEN);
      expect(await walk().refused('cora', HIDE, { ...variables, reason: '' })).toEqual(bad('reason'));
      for (let turn = 1; turn <= 2; turn += 1) expect(await walk().ask('cora', HIDE, variables)).toEqual({ hidePaper: { paper: { isHidden: true } } });
      for (const name of ['ada', 'cora', null] as const) expect(await week(name)).not.toContain(ADVERT);
      const READ = 'query ($id: ID!) { paper(id: $id) { isHidden } search(query: "written") { totalCount } recommendations(first: 100) { nodes { title } } }';
      for (const [name, paper] of [['ada', null], ['ben', null], ['cora', { isHidden: true }]] as const) {
        const answer = await walk().ask(name, READ, { id: walk().paper.advert });
        expect([name, answer.paper, answer.search.totalCount, titlesOf(answer.recommendations).includes(ADVERT)]).toEqual([name, paper, 0, false]);
      }
      expect(await walk().refused('ada', UPVOTE, { id: walk().paper.advert })).toEqual(missing('paperId'));
    });

    test('she may put it back, with its votes', async () => {
      expect(await walk().ask('cora', RESTORE, { id: walk().paper.advert })).toEqual({ restorePaper: { paper: { isHidden: false, upvoteCount: 1 } } });
      expect(await week('ada')).toContain(ADVERT);
      await walk().ask('cora', HIDE, { id: walk().paper.advert, reason: 'an advertisement all the same' });
      for (let turn = 1; turn <= 2; turn += 1) expect((await walk().ask('cora', RESOLVE, { id: walk().kept("Cleo's report"), resolution: 'ACTED' })).resolveReport.report).toEqual({ state: 'ACTED', resolver: { username: 'cora' } });
      expect(await walk().refused('cora', RESOLVE, { id: walk().kept("Cleo's report"), resolution: 'DISMISSED' })).toEqual(conflict('resolution'));
      expect(await walk().refused('cora', RESOLVE, { id: nobodys('Report'), resolution: 'ACTED' })).toEqual(missing('reportId'));
    });

    test('a hidden comment is told to its author and curators alone', async () => {
      const id = walk().kept("Ben's reply");
      await walk().ask('cora', HIDE_COMMENT, { id, reason: 'rude' });
      for (const [name, bodyMarkdown] of [['ada', null], [null, null], ['ben', 'Which one?'], ['cora', 'Which one?']] as const) {
        expect(await walk().ask(name, 'query ($id: ID!) { comment(id: $id) { isHidden bodyMarkdown } }', { id })).toEqual({ comment: { isHidden: true, bodyMarkdown } });
      }
      expect(await walk().refused('ben', RESTORE_COMMENT, { id })).toEqual(FORBIDDEN);
      expect(await walk().ask('cora', RESTORE_COMMENT, { id })).toEqual({ restoreComment: { comment: { isHidden: false } } });
    });

    test('of duplicates one stays: no vote is lost, and all names lead to it', async () => {
      const [keepId, duplicateId] = [walk().paper.molecules, walk().paper.twin];
      const MERGE = 'mutation ($keepId: ID!, $duplicateId: ID!) { mergePapers(input: { keepId: $keepId, duplicateId: $duplicateId }) { paper { id upvoteCount upvotes { nodes { username } } } } }';
      expect(await walk().refused('ben', MERGE, { keepId, duplicateId })).toEqual(FORBIDDEN);
      expect(await walk().refused('cora', MERGE, { keepId, duplicateId: keepId })).toEqual(bad('duplicateId'));
      expect(await walk().refused('cora', MERGE, { keepId, duplicateId: walk().paper.advert })).toEqual(conflict('duplicateId'));
      // Ben and Cleo voted for the one, Cleo for the other as well.
      for (let turn = 1; turn <= 2; turn += 1) expect((await walk().ask('cora', MERGE, { keepId, duplicateId })).mergePapers.paper).toEqual({ id: keepId, upvoteCount: 2, upvotes: { nodes: expect.arrayContaining([{ username: 'ben' }, { username: 'cleo' }]) } });
      expect(await walk().ask(null, 'query ($id: ID!) { paper(id: $id) { id } other: paper(arxivId: "2503.00008") { id } node(id: $id) { id } }', { id: duplicateId })).toEqual({ paper: { id: keepId }, other: { id: keepId }, node: { id: keepId } });
      expect(await week(null)).toHaveLength(6);
    });

    test('of tags and authors likewise', async () => {
      const { createTag } = await walk().ask('cora', 'mutation { createTag(input: { name: "Graph networks", kind: METHOD }) { tag { id slug } } }');
      expect(createTag.tag.slug).toBe('graph-networks');
      const { tag } = await walk().ask(null, '{ tag(slug: "graphs") { id } }');
      const MERGE_TAGS = 'mutation ($keepId: ID!, $duplicateId: ID!) { mergeTags(input: { keepId: $keepId, duplicateId: $duplicateId }) { tag { slug aliases } } }';
      expect((await walk().ask('cora', MERGE_TAGS, { keepId: tag.id, duplicateId: createTag.tag.id })).mergeTags.tag).toEqual({ slug: 'graphs', aliases: ['graph-networks'] });
      expect((await walk().ask('ada', '{ tag(slug: "graph-networks") { slug viewerFollows } }')).tag).toEqual({ slug: 'graphs', viewerFollows: true });
      expect(await walk().refused('cora', MERGE_TAGS, { keepId: tag.id, duplicateId: walk().paper.sparse })).toEqual(bad('duplicateId'));
      const { one, other } = await walk().ask(null, '{ one: authors(prefix: "pia roth") { nodes { id } } other: authors(prefix: "p. roth") { nodes { id } } }');
      const { author } = (await walk().ask('cora', 'mutation ($keepId: ID!, $duplicateId: ID!) { mergeAuthors(input: { keepId: $keepId, duplicateId: $duplicateId }) { author { name paperCount } } }', { keepId: one.nodes[0].id, duplicateId: other.nodes[0].id })).mergeAuthors;
      expect(author).toEqual({ name: 'Pia Roth', paperCount: 5 });
      expect(await walk().ask(null, 'query ($id: ID!) { author(id: $id) { name } }', { id: other.nodes[0].id })).toEqual({ author: { name: 'Pia Roth' } });
      expect(await walk().refused('cora', 'mutation ($id: ID!) { addTagAlias(input: { tagId: $id, alias: "attention" }) { tag { id } } }', { id: tag.id })).toEqual(conflict('alias'));
    });

    test('votes that come in a burst from new accounts are flagged: they are shown, and make no trend', async () => {
      const id = walk().paper.before;
      const { trendingScore } = (await walk().ask(null, TREND, { id })).paper;
      const guests = await Promise.all(Array.from({ length: 5 }, (_, n) => signUp(walk().server, `guest-${n + 1}`, null)));
      for (const { token } of guests) await walk().server.query(UPVOTE, { token, variables: { id } });
      expect(await walk().ask(null, TREND, { id })).toEqual({ paper: { upvoteCount: 5, trendingScore, flaggedUpvoteCount: null } });
      expect((await walk().ask('cora', TREND, { id })).paper.flaggedUpvoteCount).toBe(5);
      const { flaggedVotes } = await walk().ask('cora', FLAGGED, { id });
      expect(flaggedVotes.nodes.map(({ user }: any) => user.username).sort()).toEqual(['guest-1', 'guest-2', 'guest-3', 'guest-4', 'guest-5']);
      expect(flaggedVotes.nodes[0].why).toMatch(/account/);
      for (const name of ['ben', 'cleo'] as const) expect(await walk().refused(name, FLAGGED, { id })).toEqual(FORBIDDEN);
      walk().keep('a guest', guests[0]!.id);
    });

    test('Cora clears one of them, which counts from then on, and removes the others for good', async () => {
      const id = walk().paper.before;
      const { trendingScore } = (await walk().ask(null, TREND, { id })).paper;
      expect(await walk().refused('ben', judgement('clear'), { id })).toEqual(FORBIDDEN);
      expect(await walk().refused('cora', judgement('clear'), { id: nobodys('Paper') })).toEqual(missing('paperId'));
      for (const voteCount of [1, 0]) expect((await walk().ask('cora', judgement('clear'), { id, userIds: [walk().kept('a guest')] })).judged.voteCount).toBe(voteCount);
      const cleared = (await walk().ask('cora', TREND, { id })).paper;
      expect([cleared.upvoteCount, cleared.flaggedUpvoteCount, cleared.trendingScore > trendingScore]).toEqual([5, 4, true]);
      for (const voteCount of [4, 0]) expect((await walk().ask('cora', judgement('confirm'), { id })).judged.voteCount).toBe(voteCount);
      expect(await walk().ask('cora', TREND, { id })).toEqual({ paper: { upvoteCount: 1, flaggedUpvoteCount: 0, trendingScore: cleared.trendingScore } });
      const second = await walk().server.query('mutation { signIn(input: { username: "guest-2", password: "PASSWORD" }) { token } }'.replace('PASSWORD', PASSWORD));
      expect((await walk().server.error(UPVOTE, { token: second.signIn.token, variables: { id } })).extensions).toEqual(conflict('paperId'));
    });

    test('all of it stands in the audit log, which is for admins', async () => {
      const LOG = 'query ($filter: AuditLogFilter, $first: Int = 100) { auditLog(filter: $filter, first: $first) { nodes { action objectType objectId details actor { username } } } }';
      const { nodes } = (await walk().ask('admin', LOG)).auditLog;
      expect(nodes.map(({ action, objectType, actor }: any) => `${actor.username} ${action} ${objectType}`)).toEqual([
        'cora CONFIRM_VOTES Paper', 'cora CLEAR_VOTES Paper', 'cora MERGE Author', 'cora MERGE Tag', 'cora CREATE_TAG Tag', 'cora MERGE Paper', 'cora RESTORE Comment', 'cora HIDE Comment', 'cora RESOLVE_REPORT Report', 'cora HIDE Paper', 'cora RESTORE Paper', 'cora HIDE Paper', 'cora RESOLVE_CLAIM AuthorshipClaim', 'admin SET_ROLE User',
      ]);
      expect((await walk().ask('admin', LOG, { filter: { action: 'HIDE', actor: walk().person('cora').id } })).auditLog.nodes.map(({ objectId, details }: any) => [objectId, details.reason])).toEqual([
        [walk().kept("Ben's reply"), 'rude'], [walk().paper.advert, 'an advertisement all the same'], [walk().paper.advert, 'an advertisement'],
      ]);
      for (const name of ['ada', 'cora'] as const) expect(await walk().refused(name, LOG)).toEqual(FORBIDDEN);
      expect(await walk().refused(null, LOG)).toEqual(ANONYMOUS);
      expect(await walk().refused('admin', LOG, { filter: { actor: walk().paper.sparse } })).toEqual(bad('filter.actor'));
      expect(await walk().refused('admin', LOG, { first: 0 })).toEqual(bad('first'));
    });
  });
}
