import { describe, expect, test } from '@jest/globals';
import { receive, sseClient, subscribed, until as untilTold, wsClient } from '../../support/liveClients.js';
import { until } from '../../support/fakeRunner.js';
import type { ReceivedMail } from '../../support/mailServer.js';
import { ANONYMOUS, bad, missing, nobodys, sql, titlesOf, type Name, type Walk } from './walk.js';

const VOTES = 'subscription ($paperId: ID!) { paperVotes(paperId: $paperId) { paper { upvoteCount viewerHasUpvoted } } }';
const COMMENTS = 'subscription ($paperId: ID!) { commentAdded(paperId: $paperId) { comment { bodyMarkdown author { username } parent { author { username } } } } }';
const LISTED = 'subscription ($tags: TagCondition) { paperListed(tags: $tags) { paper { title } } }';
const NOTIFIED = 'subscription { notificationAdded { unreadNotificationCount notification { kind text comment { bodyMarkdown } } } }';

export function subscribing(walk: () => Walk): void {
  describe('Friday: subscriptions', () => {
    test('tell of votes, comments, papers and notifications, over WebSocket and as server-sent events', async () => {
      const { server } = walk();
      const paperId = walk().kept("Ben's paper");
      const clients = [wsClient(server, walk().person('ada').token), sseClient(server), wsClient(server), sseClient(server, walk().person('cleo').token)] as const;
      const [adas, anyones, others, cleos] = clients;
      try {
        const [inbox, comments, papers, anyVotes, ownVotes] = [
          await subscribed(server, adas, NOTIFIED), await subscribed(server, anyones, COMMENTS, { paperId }), await subscribed(server, others, LISTED, { tags: { any: ['graphs'] } }),
          await subscribed(server, anyones, VOTES, { paperId }), await subscribed(server, cleos, VOTES, { paperId }),
        ];
        await walk().ask('ben', 'mutation ($paperId: ID!, $parentId: ID!) { addComment(input: { paperId: $paperId, parentId: $parentId, body: "The second one." }) { comment { id } } }', { paperId, parentId: walk().kept("Ada's comment") });
        expect(await inbox.until(1)).toEqual([{ data: { notificationAdded: { unreadNotificationCount: 2, notification: { kind: 'REPLY', text: 'Ben Reads replied to your comment on “Otters at Rest”.', comment: { bodyMarkdown: 'The second one.' } } } } }]);
        expect(await comments.until(1)).toEqual([{ data: { commentAdded: { comment: { bodyMarkdown: 'The second one.', author: { username: 'ben' }, parent: { author: { username: 'ada' } } } } } }]);
        await walk().ask('ada', 'mutation ($paperId: ID!) { upvotePaper(input: { paperId: $paperId }) { paper { id } } }', { paperId });
        expect(await anyVotes.until(1)).toEqual([{ data: { paperVotes: { paper: { upvoteCount: 2, viewerHasUpvoted: false } } } }]);
        expect(await ownVotes.until(1)).toEqual([{ data: { paperVotes: { paper: { upvoteCount: 2, viewerHasUpvoted: true } } } }]);
        for (const [title, tags] of [['Otters, Again', []], ['Graphs of Graphs', ['graphs']]] as const) {
          const { submitPaper } = await walk().ask('cora', 'mutation ($title: String!, $tags: [String!]!) { submitPaper(input: { title: $title, tags: $tags, authors: ["P. Roth"] }) { paper { id } } }', { title, tags });
          walk().keep(title, submitPaper.paper.id);
        }
        expect(await papers.until(1)).toEqual([{ data: { paperListed: { paper: { title: 'Graphs of Graphs' } } } }]);
        expect([inbox.answers.length, comments.answers.length, papers.answers.length]).toEqual([1, 1, 1]);
      } finally {
        for (const client of clients) await client.dispose();
      }
      await untilTold(() => server.services.live.subscriberCount === 0);
    });

    test.each(['ws', 'sse'] as const)('to what is not there, or without the viewer that they are for, are refused (%s)', async (way) => {
      const client = { ws: wsClient, sse: sseClient }[way](walk().server);
      try {
        for (const [document, variables, refusal] of [[VOTES, { paperId: nobodys('Paper') }, missing('paperId')], [COMMENTS, { paperId: walk().person('ada').id }, bad('paperId')], [NOTIFIED, {}, ANONYMOUS]] as const) {
          const received = receive(client, document, variables);
          const errors = (await received.ended) ?? received.answers[0].errors;
          expect(errors).toMatchObject([{ extensions: refusal }]);
        }
      } finally {
        await client.dispose();
      }
    });
  });
}

const INBOX = 'query ($filter: NotificationFilter, $first: Int) { unreadNotificationCount notifications(filter: $filter, first: $first) { totalCount nodes { id kind isRead text actor { username } } } }';
const MARK = 'mutation ($input: MarkNotificationsReadInput!) { markNotificationsRead(input: $input) { unreadNotificationCount } }';

export function readingTheInbox(walk: () => Walk): void {
  const inbox = (name: Name, variables: Record<string, unknown> = {}): Promise<any> => walk().ask(name, INBOX, variables);

  describe('Friday: the inbox', () => {
    test('has what concerns its reader, once, the latest first', async () => {
      const { unreadNotificationCount, notifications } = await inbox('ben');
      expect([unreadNotificationCount, notifications.nodes.map(({ kind, isRead, actor }: any) => [kind, isRead, actor.username])]).toEqual([3, [['NEW_FOLLOWER', false, 'ada'], ['COMMENT', false, 'cleo'], ['COMMENT', false, 'ada']]]);
      // The edit brought Cleo a mention; what she said in haste, and what Ben replied to it, tells nobody any more.
      expect((await inbox('cleo')).notifications.nodes.map(({ kind, text }: any) => [kind, text])).toEqual([['MENTION', 'Ada Reads mentioned you in a comment on “Otters at Rest”.'], ['CLAIM_CONFIRMED', expect.stringContaining('Pia Roth')]]);
      expect((await inbox('ada')).notifications.nodes.map(({ kind }: any) => kind)).toEqual(['REPLY', 'REPLY']);
    });

    test('is read one by one, or up to one', async () => {
      const [follower, , first] = (await inbox('ben')).notifications.nodes;
      for (let turn = 1; turn <= 2; turn += 1) expect(await walk().ask('ben', MARK, { input: { ids: [follower.id] } })).toEqual({ markNotificationsRead: { unreadNotificationCount: 2 } });
      expect((await inbox('ben', { filter: { isUnread: true } })).notifications).toMatchObject({ totalCount: 2, nodes: [{ kind: 'COMMENT' }, { kind: 'COMMENT' }] });
      expect(await walk().ask('ben', MARK, { input: { upTo: first.id } })).toEqual({ markNotificationsRead: { unreadNotificationCount: 1 } });
      walk().keep("Ben's notification", first.id);
    });

    test("is nobody else's", async () => {
      expect(await walk().refused('ada', MARK, { input: { upTo: walk().kept("Ben's notification") } })).toEqual(missing('upTo'));
      expect(await walk().ask('ada', 'query ($id: ID!) { node(id: $id) { id } }', { id: walk().kept("Ben's notification") })).toEqual({ node: null });
      expect(await walk().refused('ben', MARK, { input: { upTo: walk().paper.sparse } })).toEqual(bad('upTo'));
      expect(await walk().refused('ben', MARK, { input: {} })).toEqual(bad('input'));
      expect(await walk().refused('ben', INBOX, { first: 101 })).toEqual(bad('first'));
      for (const document of ['{ notifications { totalCount } }', '{ unreadNotificationCount }']) expect(await walk().refused(null, document)).toEqual(ANONYMOUS);
    });
  });
}

const SUBSCRIBE = 'mutation ($input: SubscribeToDigestInput!) { subscribeToDigest(input: $input) { isConfirmationSent subscription { state content hour } } }';
const OWN = '{ digestSubscription { state email } }';
const PREVIEW = 'query ($content: DigestContent) { digestPreview(content: $content) { subject text html picks { reason paper { title } } } }';
const ADDRESS = 'ada@mail.example';

export function digests(walk: () => Walk): void {
  const mailsTo = (): ReceivedMail[] => walk().mails.to(ADDRESS);

  describe('Saturday: a digest by mail', () => {
    test('is wanted: the address is asked, and gets nothing before it says yes', async () => {
      const input = { email: 'ada@MAIL.example', timeZone: 'UTC', content: 'TRENDING', hour: 7 };
      expect((await walk().ask('ada', SUBSCRIBE, { input })).subscribeToDigest).toEqual({ isConfirmationSent: true, subscription: { state: 'PENDING', content: 'TRENDING', hour: 7 } });
      await until(() => mailsTo().length === 1, 'the address is asked');
      const link = /https:\/\/papers\.example\/digest\/confirm\S+/.exec(mailsTo()[0]!.text)![0];
      // Programs that look at links do not confirm: the page has a button.
      expect(await (await walk().fetch(link)).text()).toContain('<form method="post">');
      expect((await walk().ask('ada', OWN)).digestSubscription).toEqual({ state: 'PENDING', email: ADDRESS });
      expect(await (await walk().fetch(link, { method: 'POST' })).text()).toContain('Confirmed');
      expect((await walk().ask('ada', OWN)).digestSubscription.state).toBe('ACTIVE');
    });

    test('is sent as its preview showed it', async () => {
      const { digestPreview } = await walk().ask('ada', PREVIEW);
      expect(digestPreview.picks.map(({ paper }: any) => paper.title)).toEqual(['Otters at Rest', 'Graphs of Graphs', 'Otters, Again', 'Graphs of Otters']);
      expect(digestPreview.picks[0].reason).toMatch(/^Upvoted by 2 readers, listed on \d+ \w+\.$/);
      expect((await walk().ask('ada', PREVIEW, { content: 'PERSONAL' })).digestPreview.subject).toMatch(/^Papers for you/);
      await walk().server.database.rows(sql`UPDATE digest_subscriptions SET next_due_at = now() - interval '1 s'`);
      walk().server.services.digestSender.wake();
      await until(() => mailsTo().length === 2, 'the digest is sent');
      const digest = mailsTo()[1]!;
      expect([digest.headers.get('subject'), digest.text.trimEnd(), digest.html.trimEnd()]).toEqual([digestPreview.subject, digestPreview.text.trimEnd(), digestPreview.html.trimEnd()]);
      expect(digest.headers.get('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
      // What was shown does not come again.
      expect((await walk().ask('ada', PREVIEW)).digestPreview).toBeNull();
    });

    test('ends by one click without sign-in', async () => {
      const link = /<(.*)>/.exec(mailsTo()[1]!.headers.get('list-unsubscribe')!)![1]!;
      for (let turn = 1; turn <= 2; turn += 1) {
        const answer = await walk().fetch(link, { method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) });
        expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('Unsubscribed')]);
        expect((await walk().ask('ada', OWN)).digestSubscription).toBeNull();
      }
    });

    test('refuses addresses, zones and hours that are none, tokens that do not hold, and who is not signed in', async () => {
      const right = { email: 'ben@mail.example', timeZone: 'UTC' };
      for (const [field, value] of [['email', 'ben'], ['timeZone', 'Berlin'], ['hour', 24], ['maxPapers', 0], ['weekday', 'MONDAY']] as const) expect(await walk().refused('ben', SUBSCRIBE, { input: { ...right, [field]: value } })).toEqual(bad(field));
      for (const [document, variables] of [[SUBSCRIBE, { input: right }], [PREVIEW, {}], [OWN, {}]] as const) expect(await walk().refused(null, document, variables)).toEqual(ANONYMOUS);
      expect(await walk().refused(null, 'mutation { confirmDigest(input: { token: "none" }) { confirmedAt } }')).toEqual(missing('token'));
      expect(await walk().refused('ben', 'mutation { updateDigest(input: { hour: 3 }) { subscription { hour } } }')).toEqual({ code: 'NOT_FOUND' });
      expect((await walk().fetch('/digest/unsubscribe?token=none', { method: 'POST' })).status).toBe(404);
      expect(walk().mails.to(right.email)).toEqual([]);
      expect(titlesOf((await walk().ask('ada', '{ papers(first: 1) { nodes { title } } }')).papers)).toEqual(['Graphs of Graphs']);
    });
  });
}
