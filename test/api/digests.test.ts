import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { until } from '../support/fakeRunner.js';
import { MailServer, type ReceivedMail } from '../support/mailServer.js';
import { seedPapers, seedReader, seedUpvotes, type Reader, type SeededPaper } from '../support/seed.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

const FIELDS = 'email frequency content timeZone hour weekday maxPapers state confirmedAt nextDueAt lastSentAt';
const SUBSCRIBE = `mutation ($input: SubscribeToDigestInput!) { subscribeToDigest(input: $input) { isConfirmationSent subscription { ${FIELDS} } } }`;
const UPDATE = `mutation ($input: UpdateDigestInput!) { updateDigest(input: $input) { subscription { ${FIELDS} } } }`;
const CONFIRM = `mutation ($token: String!) { confirmDigest(input: { token: $token }) { confirmedAt subscription { email state } } }`;
const UNSUBSCRIBE = 'mutation { unsubscribeFromDigest { wasSubscribed } }';
const OWN = `{ digestSubscription { ${FIELDS} } }`;
const PREVIEW = `query ($frequency: DigestFrequency, $content: DigestContent) { digestPreview(frequency: $frequency, content: $content) { subject text html picks { reason paper { title } } } }`;

const DAY_MS = 86_400_000;
const today = new Date().toISOString().slice(0, 10);
const yesterday = new Date(Date.now() - DAY_MS).toISOString().slice(0, 10);

let mails: MailServer;
let server: TestServer;
let papers: SeededPaper[];

beforeAll(async () => {
  mails = await new MailServer().listen();
  server = await startTestServer({ mail: { smtpUrl: mails.url, from: 'Daily Papers <daily@papers.example>' } });
  const records = Array.from({ length: 6 }, (_, n) => ({ title: `Paper ${n} <b>&"bold"</b>`, listedOn: '2020-01-01', authors: ['Ada', 'Ben', 'Cy', 'Di', 'Ed'], tags: [{ slug: 'vision', weight: 1 }], ...(n === 0 && { arxivId: '2412.01234' }), ...(n === 1 && { projectUrl: 'https://project.example/?a=1&b="2"' }) }));
  papers = await seedPapers(server, records);
  // Seeds are as of a day of the past.
  await server.database.rows(sql`UPDATE papers SET listed_at = ${yesterday}::text::date WHERE id = ANY (${papers.slice(0, 5).map(({ rowId }) => rowId)}::int4[])`);
  const voters = [await seedReader(server), await seedReader(server)];
  await seedUpvotes(server, [[voters[0]!, papers[2]!], [voters[1]!, papers[2]!], [voters[0]!, papers[1]!]]);
});
afterEach(() => { mails.mishaps.clear(); });
afterAll(async () => {
  await server.stop();
  await mails.close();
});

const addressOf = (reader: Reader): string => `${reader.username}@mail.example`;
const linkIn = ({ text }: ReceivedMail): URL => new URL(/https:\/\/papers\.example\/digest\/\S+/.exec(text)![0]);
const local = (link: URL): string => `${new URL(server.url).origin}${link.pathname}${link.search}`;

async function subscribed(input: Record<string, unknown> = {}): Promise<Reader> {
  const reader = await seedReader(server);
  await server.query(SUBSCRIBE, { token: reader.token, variables: { input: { email: addressOf(reader), timeZone: 'UTC', content: 'TRENDING', ...input } } });
  await until(() => mails.to(addressOf(reader)).length === 1, 'the address is asked');
  const token = linkIn(mails.to(addressOf(reader))[0]!).searchParams.get('token');
  expect((await server.query(CONFIRM, { variables: { token } })).confirmDigest.subscription).toBeNull();
  return reader;
}

/** Makes the digest due, of today, and looks for it. */
async function makeDue(reader: Reader, on: TestServer = server): Promise<void> {
  await server.database.rows(sql`UPDATE digest_subscriptions SET next_due_at = now() - interval '1 s' WHERE user_id = ${reader.rowId}`);
  on.services.digestSender.wake();
}

/** Lets what was put off be tried now. */
async function tryAgain(reader: Reader): Promise<void> {
  await server.database.rows(sql`
    UPDATE digest_mails m SET due_at = now() - interval '1 s' FROM digest_subscriptions s WHERE s.id = m.subscription_id AND s.user_id = ${reader.rowId} AND m.state = 'QUEUED'`);
  server.services.digestSender.wake();
}

async function statesOf(reader: Reader): Promise<{ state: string; attempts: number; error: string | null }[]> {
  return server.database.rows(sql`
    SELECT m.state::text AS state, attempt_count AS attempts, error FROM digest_mails m JOIN digest_subscriptions s ON s.id = m.subscription_id
    WHERE s.user_id = ${reader.rowId} AND kind = 'DIGEST' ORDER BY m.id`);
}

async function untilState(reader: Reader, state: string, attempts = 1): Promise<void> {
  await until(async () => (await statesOf(reader)).some((mail) => mail.state === state && mail.attempts === attempts), `the digest is ${state} after ${attempts} attempts`);
}

describe('subscribing', () => {
  test('asks the address, which gets nothing else before it is confirmed', async () => {
    const reader = await seedReader(server);
    const input = { email: `${reader.username}@MAIL.Example`, timeZone: 'Europe/Berlin', frequency: 'WEEKLY', hour: 7, maxPapers: 3 };
    const { subscribeToDigest } = await server.query(SUBSCRIBE, { token: reader.token, variables: { input } });
    const pending = { email: addressOf(reader), timeZone: 'Europe/Berlin', frequency: 'WEEKLY', content: 'PERSONAL', hour: 7, weekday: 'MONDAY', maxPapers: 3, state: 'PENDING', confirmedAt: null, nextDueAt: null, lastSentAt: null };
    expect(subscribeToDigest).toEqual({ isConfirmationSent: true, subscription: pending });
    await until(() => mails.to(addressOf(reader)).length === 1, 'the address is asked');
    const [mail] = mails.to(addressOf(reader));
    expect(mail!.text).toContain(`The reader ${reader.username} asked for a weekly digest`);
    expect(mail!.headers.get('subject')).toBe('Confirm your digest of papers');
    expect(mail!.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail!.headers.has('list-unsubscribe')).toBe(false);
    expect(mail!.html).toContain(linkIn(mail!).href);
    await expect(makeDue(reader)).rejects.toThrow(/digest_subscriptions_due_when_active/);
    expect((await server.query(OWN, { token: reader.token })).digestSubscription).toEqual(pending);
    const other = await seedReader(server);
    expect((await server.query(OWN, { token: other.token })).digestSubscription).toBeNull();

    const page = await fetch(local(linkIn(mail!)));
    expect([page.status, page.headers.get('cache-control'), page.headers.get('referrer-policy')]).toEqual([200, 'no-store', 'no-referrer']);
    expect(await page.text()).toContain('<form method="post">');
    expect((await server.query(OWN, { token: reader.token })).digestSubscription.state).toBe('PENDING');
    const pressed = await fetch(local(linkIn(mail!)), { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    expect([pressed.status, await pressed.text()]).toEqual([200, expect.stringContaining('Confirmed')]);
    const { digestSubscription: active } = await server.query(OWN, { token: reader.token });
    expect(active).toMatchObject({ state: 'ACTIVE', nextDueAt: expect.any(String) });
    expect(new Date(active.nextDueAt).getTime() - Date.now()).toBeLessThanOrEqual(7 * DAY_MS);
    expect(new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', weekday: 'long', hour: '2-digit' }).format(new Date(active.nextDueAt))).toBe('Monday, 07');
    // Again: nothing changes, by the mutation as by the page.
    const token = linkIn(mail!).searchParams.get('token');
    expect((await server.query(CONFIRM, { token: reader.token, variables: { token } })).confirmDigest).toEqual({ confirmedAt: active.confirmedAt, subscription: { email: addressOf(reader), state: 'ACTIVE' } });
    expect((await server.query(SUBSCRIBE, { token: reader.token, variables: { input } })).subscribeToDigest).toEqual({ isConfirmationSent: false, subscription: active });
  });

  test('refuses what breaks a rule, and naming it', async () => {
    const reader = await seedReader(server);
    const right = { email: 'ada@papers.example', timeZone: 'UTC' };
    const wrong: [string, unknown][] = [['email', 'ada'], ['email', 'ada@localhost'], ['email', 'a b@c.de'], ['email', 'a@b.de\r\nBcc: c@d.ef'], ['email', `${'a'.repeat(65)}@b.de`], ['email', 'a@[127.0.0.1]'], ['timeZone', 'Berlin'], ['timeZone', '+01:00'], ['timeZone', ''], ['hour', 24], ['hour', -1], ['maxPapers', 0], ['maxPapers', 21], ['weekday', 'MONDAY']];
    for (const [field, value] of wrong) {
      const error = await server.error(SUBSCRIBE, { token: reader.token, variables: { input: { ...right, [field]: value } } });
      expect([error.extensions, error.message]).toEqual([{ code: 'BAD_USER_INPUT', field }, expect.stringMatching(new RegExp(`^${field} must .*, received `))]);
    }
    for (const [document, variables] of [[SUBSCRIBE, { input: right }], [UPDATE, { input: {} }], [UNSUBSCRIBE, {}], [OWN, {}], [PREVIEW, {}]] as const) expect((await server.error(document, { variables })).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    expect((await server.error(UPDATE, { token: reader.token, variables: { input: { hour: 3 } } })).extensions).toEqual({ code: 'NOT_FOUND' });
    for (const token of ['', 'x'.repeat(43)]) expect((await server.error(CONFIRM, { variables: { token } })).extensions).toEqual({ code: 'NOT_FOUND', field: 'token' });
    for (const path of ['confirm', 'unsubscribe', 'confirm?token=x', `confirm?token=${'x'.repeat(42)}<`]) expect((await fetch(`${new URL(server.url).origin}/digest/${path}`)).status).toBe(404);
    expect(mails.to(right.email)).toEqual([]);
  });

  test('asks an address once in ten minutes and five times a day, whoever wants it and however many at once', async () => {
    const email = 'wanted@mail.example';
    const asking = async (token: string): Promise<any> => server.send(SUBSCRIBE, { token, variables: { input: { email, timeZone: 'UTC' } } });
    const all = await Promise.all(Array.from({ length: 5 }, async () => seedReader(server)));
    const answers = await Promise.all(all.map(({ token }) => asking(token)));
    expect(answers.filter(({ errors }) => errors.length === 0)).toHaveLength(1);
    const [refused] = answers.flatMap(({ errors }) => errors);
    expect(refused.extensions).toEqual({ code: 'RATE_LIMITED', retryAfter: expect.any(Number) });
    expect([refused.extensions.retryAfter > 590, refused.extensions.retryAfter <= 600]).toEqual([true, true]);
    const later = async (): Promise<unknown> => server.database.rows(sql`UPDATE digest_requests SET requested_at = requested_at - interval '11 minutes'`);
    for (let turn = 2; turn <= 5; turn += 1) {
      await later();
      expect((await asking(all[turn - 1]!.token)).errors).toEqual([]);
    }
    await later();
    const { errors } = await asking(all[0]!.token);
    expect(errors[0].extensions).toMatchObject({ code: 'RATE_LIMITED' });
    expect(errors[0].extensions.retryAfter).toBeGreaterThan(80_000);
    await until(() => mails.to(email).length === 5, 'five mails came');
    // Leaving and coming back is no way around it, nor is deleting the account.
    await server.database.prisma.user.deleteMany({ where: { id: { in: all.slice(1).map(({ rowId }) => rowId) } } });
    expect((await asking(all[0]!.token)).errors[0].extensions.code).toBe('RATE_LIMITED');
    // A link holds for two days, and only the last one.
    const token = linkIn(mails.to(email).at(-1)!).searchParams.get('token');
    await server.database.rows(sql`UPDATE digest_subscriptions SET confirm_expires_at = now() - interval '1 s' WHERE email = ${email}`);
    expect((await server.error(CONFIRM, { variables: { token } })).extensions.code).toBe('NOT_FOUND');
  });

  test('may be changed, ended and begun again; another address is asked anew and the one before gets nothing', async () => {
    const reader = await subscribed();
    const { updateDigest } = await server.query(UPDATE, { token: reader.token, variables: { input: { frequency: 'WEEKLY', weekday: 'SUNDAY', hour: 0, timeZone: 'America/New_York', content: 'PERSONAL', maxPapers: 20 } } });
    expect(updateDigest.subscription).toMatchObject({ frequency: 'WEEKLY', weekday: 'SUNDAY', hour: 0, timeZone: 'America/New_York', content: 'PERSONAL', maxPapers: 20, state: 'ACTIVE' });
    expect((await server.query(UPDATE, { token: reader.token, variables: { input: { frequency: 'DAILY' } } })).updateDigest.subscription).toMatchObject({ weekday: null, hour: 0, timeZone: 'America/New_York' });
    const { subscription } = (await server.query(SUBSCRIBE, { token: reader.token, variables: { input: { email: `new-${addressOf(reader)}`, timeZone: 'UTC' } } })).subscribeToDigest;
    expect(subscription).toMatchObject({ state: 'PENDING', nextDueAt: null, confirmedAt: null });
    for (const wasSubscribed of [true, false]) expect((await server.query(UNSUBSCRIBE, { token: reader.token })).unsubscribeFromDigest).toEqual({ wasSubscribed });
    expect(await server.database.rows(sql`SELECT id FROM digest_subscriptions WHERE email LIKE ${`%${reader.username}%`}`)).toEqual([]);
  });
});

describe('a digest', () => {
  test('shows the papers of two days by trend, without what its reader dismissed, in two parts that say the same', async () => {
    const reader = await subscribed({ maxPapers: 3 });
    await server.services.dismissals.add(reader.rowId, papers[1]!.rowId);
    const { digestPreview } = await server.query(PREVIEW, { token: reader.token });
    expect(digestPreview.picks.map(({ paper }: any) => paper.title)).toEqual([expect.stringContaining('Paper 2'), expect.stringContaining('Paper 4'), expect.stringContaining('Paper 3')]);
    expect(digestPreview.picks[0].reason).toMatch(/^Upvoted by 2 readers, listed on \d+ \w+\.$/);
    await makeDue(reader);
    await untilState(reader, 'SENT');
    const mail = mails.to(addressOf(reader))[1]!;
    expect(mail.headers.get('subject')).toBe(digestPreview.subject);
    expect(mail.text.trimEnd()).toBe(digestPreview.text.trimEnd());
    expect(mail.html.trimEnd()).toBe(digestPreview.html.trimEnd());
    const title = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(new Date());
    expect(digestPreview.subject).toBe(`Trending papers: ${title}`);
    expect(mail.html).toContain('Paper 2 &#60;b&#62;&#38;&#34;bold&#34;&#60;/b&#62;');
    expect(mail.text).toContain('  Ada, Ben, Cy and 2 others\n');
    const unsubscribe = linkIn({ ...mail, text: mail.text });
    expect(Object.fromEntries(mail.headers)).toMatchObject({
      from: 'Daily Papers <daily@papers.example>',
      to: addressOf(reader),
      'list-id': 'Daily Papers <digest.papers.example>',
      'list-unsubscribe': `<${unsubscribe.href}>`,
      'list-unsubscribe-post': 'List-Unsubscribe=One-Click',
      'auto-submitted': 'auto-generated',
      precedence: 'bulk',
      'message-id': expect.stringMatching(new RegExp(`^<digest\\.\\d+\\.${today}@papers\\.example>$`)),
      date: expect.stringMatching(/^\w{3}, \d\d \w{3} \d{4} /),
      'content-type': expect.stringMatching(/^multipart\/alternative;/),
    });
    // What was shown does not come again, and of a day there is one.
    const { digestPreview: next } = await server.query(PREVIEW, { token: reader.token });
    expect(next.picks.map(({ paper }: any) => paper.title)).toEqual([expect.stringContaining('Paper 0')]);
    expect(next.text).toContain('https://arxiv.org/abs/2412.01234');
    await makeDue(reader);
    await until(async () => (await server.query(OWN, { token: reader.token })).digestSubscription.nextDueAt > new Date().toISOString(), 'it is due tomorrow');
    expect((await statesOf(reader)).length).toBe(1);
    expect((await server.query(OWN, { token: reader.token })).digestSubscription.lastSentAt).not.toBeNull();
  });

  test('for a reader says why', async () => {
    const reader = await subscribed({ content: 'PERSONAL', maxPapers: 2 });
    await seedUpvotes(server, [[reader, papers[5]!]]);
    const { digestPreview } = await server.query(PREVIEW, { token: reader.token });
    const { recommendations } = await server.query('{ recommendations(first: 2) { edges { summary node { title } } } }', { token: reader.token });
    expect(digestPreview.picks).toEqual(recommendations.edges.map(({ summary, node }: any) => ({ reason: summary, paper: node })));
    expect(digestPreview.subject).toMatch(/^Papers for you: /);
    expect((await server.query(PREVIEW, { token: reader.token, variables: { frequency: 'WEEKLY', content: 'TRENDING' } })).digestPreview.subject).toMatch(/^Trending papers: the week to /);
    await makeDue(reader);
    await untilState(reader, 'SENT');
    for (const { reason } of digestPreview.picks) expect(mails.to(addressOf(reader))[1]!.text.replace(/\s+/g, ' ')).toContain(reason);
    // Whoever has no digest may look at one.
    const { token } = await seedReader(server);
    expect((await server.query(PREVIEW, { token })).digestPreview).toMatchObject({ subject: expect.stringMatching(/^Papers for you/), html: expect.not.stringContaining('/digest/unsubscribe') });
  });

  test('is ended by one click: GET asks, POST does it, without sign-in and as often as one likes', async () => {
    const reader = await subscribed();
    await makeDue(reader);
    await untilState(reader, 'SENT');
    const link = local(new URL(/<(.*)>/.exec(mails.to(addressOf(reader))[1]!.headers.get('list-unsubscribe')!)![1]!));
    expect(await (await fetch(link)).text()).toContain('<form method="post">');
    expect((await server.query(OWN, { token: reader.token })).digestSubscription.state).toBe('ACTIVE');
    const form = new FormData();
    form.append('List-Unsubscribe', 'One-Click');
    for (const body of [new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }), form]) {
      const answer = await fetch(link, { method: 'POST', body });
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('Unsubscribed')]);
      expect((await server.query(OWN, { token: reader.token })).digestSubscription).toBeNull();
    }
  });

  test('that would be empty is not sent', async () => {
    const reader = await subscribed();
    for (const { rowId } of papers) await server.services.dismissals.add(reader.rowId, rowId);
    expect((await server.query(PREVIEW, { token: reader.token })).digestPreview).toBeNull();
    await makeDue(reader);
    await untilState(reader, 'EMPTY');
    expect(mails.to(addressOf(reader))).toHaveLength(1);
  });

  test('ends with its reader’s account', async () => {
    const reader = await subscribed();
    await makeDue(reader);
    await untilState(reader, 'SENT');
    await server.database.prisma.user.delete({ where: { id: reader.rowId } });
    const left = await server.database.rows(sql`
      SELECT (SELECT count(*)::int4 FROM digest_subscriptions WHERE email = ${addressOf(reader)}) AS subscriptions,
        (SELECT count(*)::int4 FROM digest_mails m WHERE NOT EXISTS (SELECT FROM digest_subscriptions s WHERE s.id = m.subscription_id)) AS mails,
        (SELECT count(*)::int4 FROM digest_requests WHERE user_id = ${reader.rowId}) AS requests`);
    expect(left).toEqual([{ subscriptions: 0, mails: 0, requests: 0 }]);
  });
});

describe('a mail server', () => {
  test.each(['RCPT_450', 'DATA_451', 'CUT_BEFORE_DATA'] as const)('that does not take a mail now (%s) is asked again later', async (mishap) => {
    const reader = await subscribed();
    mails.mishaps.set(addressOf(reader), mishap);
    await makeDue(reader);
    await untilState(reader, 'QUEUED');
    expect(mails.to(addressOf(reader))).toHaveLength(1);
    expect(await statesOf(reader)).toEqual([{ state: 'QUEUED', attempts: 1, error: expect.any(String) }]);
    await tryAgain(reader);
    await untilState(reader, 'SENT', 2);
    expect(mails.to(addressOf(reader))).toHaveLength(2);
  });

  test.each(['CUT_IN_DATA', 'CUT_AFTER_DATA'] as const)('that ends amid a mail (%s) is not given it again', async (mishap) => {
    const reader = await subscribed();
    mails.mishaps.set(addressOf(reader), mishap);
    await makeDue(reader);
    await untilState(reader, 'UNCERTAIN');
    await tryAgain(reader);
    await makeDue(reader);
    await until(async () => (await server.query(OWN, { token: reader.token })).digestSubscription.nextDueAt > new Date().toISOString(), 'it was looked at');
    expect(mails.to(addressOf(reader))).toHaveLength(mishap === 'CUT_IN_DATA' ? 1 : 2);
    expect(await statesOf(reader)).toHaveLength(1);
  });

  test('that refuses an address for good, three digests in a row, ends them until it is confirmed again', async () => {
    const reader = await subscribed();
    for (const mishap of ['RCPT_550', 'DATA_554', 'RCPT_550'] as const) {
      expect((await server.query(OWN, { token: reader.token })).digestSubscription.state).toBe('ACTIVE');
      mails.mishaps.set(addressOf(reader), mishap);
      const failed = (await statesOf(reader)).length;
      await server.database.rows(sql`UPDATE digest_mails SET period = period || ' before' WHERE kind = 'DIGEST'`);
      await makeDue(reader);
      await until(async () => (await statesOf(reader)).filter(({ state }) => state === 'FAILED').length === failed + 1, 'it failed');
    }
    await until(async () => (await server.query(OWN, { token: reader.token })).digestSubscription.state === 'BOUNCING', 'it is over');
    expect((await server.query(OWN, { token: reader.token })).digestSubscription).toMatchObject({ nextDueAt: null });
    expect((await server.error(SUBSCRIBE, { token: reader.token, variables: { input: { email: addressOf(reader), timeZone: 'UTC' } } })).extensions.code).toBe('RATE_LIMITED');
  });

  test('that is not there is asked six times in all', async () => {
    const reader = await subscribed();
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      mails.mishaps.set(addressOf(reader), 'RCPT_450');
      if (attempt === 1) await makeDue(reader);
      else await tryAgain(reader);
      await untilState(reader, attempt === 6 ? 'FAILED' : 'QUEUED', attempt);
    }
    expect((await server.query(OWN, { token: reader.token })).digestSubscription.state).toBe('ACTIVE');
  });
});

describe('servers on one database', () => {
  test('send each digest once', async () => {
    const beside = await startBeside(server, { mail: { smtpUrl: mails.url, from: 'Daily Papers <daily@papers.example>' } });
    try {
      const all = [];
      for (let n = 0; n < 12; n += 1) all.push(await subscribed());
      await server.database.rows(sql`UPDATE digest_subscriptions SET next_due_at = now() - interval '1 s' WHERE user_id = ANY (${all.map(({ rowId }) => rowId)}::int4[])`);
      for (const one of [server, beside]) one.services.digestSender.wake();
      for (const reader of all) await untilState(reader, 'SENT');
      for (const reader of all) expect(mails.to(addressOf(reader))).toHaveLength(2);
    } finally {
      await beside.stop();
    }
  });

  test('go on with what others have left before the mail server had it, and leave what it may have', async () => {
    const [early, late] = [await subscribed(), await subscribed()];
    const leave = async ({ rowId }: Reader, handedOver: boolean): Promise<unknown> => server.database.rows(sql`
      INSERT INTO digest_mails (subscription_id, kind, period, period_end, state, due_at, active_at, executor, attempt_count, handed_over_at)
      SELECT id, 'DIGEST', ${today}, now(), 'SENDING', now(), now() - interval '61 s', 'gone', 1, CASE WHEN ${handedOver}::boolean THEN now() - interval '61 s' END FROM digest_subscriptions WHERE user_id = ${rowId}`);
    await leave(early, false);
    await leave(late, true);
    server.services.digestSender.wake();
    await untilState(early, 'SENT', 2);
    await untilState(late, 'UNCERTAIN');
    expect([mails.to(addressOf(early)).length, mails.to(addressOf(late)).length]).toEqual([2, 1]);
  });
});
