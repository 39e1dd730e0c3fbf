import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getNamedType, isLeafType, isNonNullType, isObjectType, buildSchema, type GraphQLField, type GraphQLObjectType } from 'graphql';
import { RULES } from '../../src/authorization.js';
import { rawSql, sql } from '../../src/database/database.js';
import { assertAsked, enforceRules, fieldNamesOf, rulesByField, type Rule } from '../../src/graphql/authorization.js';
import { NODE_TYPES, toGlobalId } from '../../src/graphql/globalId.js';
import { json } from '../../src/graphql/projection.js';
import { architectureFile, unservedSchema, withRules } from '../../src/schemaFile.js';
import { literalOf, soundInput } from '../elsewhere/fuzz/places.js';
import { startFuzzWorld, TABLES, type FuzzWorld } from '../elsewhere/fuzz/world.js';
import { hashOf } from '../../src/users/session.service.js';
import { PASSWORD, signUp } from '../support/fullLife.js';
import { subscribed, until, wsClient } from '../support/liveClients.js';
import { seedReader } from '../support/seed.js';

const PEOPLE = ['anonymous', 'READER', 'CURATOR', 'ADMIN'] as const;
type Person = (typeof PEOPLE)[number];

const schema = unservedSchema();
const rules = rulesByField(RULES);
const rootNames = ['Query', 'Mutation', 'Subscription'].flatMap((type) => Object.keys((schema.getType(type) as GraphQLObjectType).getFields()).map((field) => `${type}.${field}`));

function fieldOf(name: string): GraphQLField<unknown, unknown> {
  const [type = '', field = ''] = name.split('.');
  return (schema.getType(type) as GraphQLObjectType).getFields()[field]!;
}

describe('the rules', () => {
  const descriptions = Object.values(schema.getTypeMap()).filter(isObjectType)
    .flatMap((type) => Object.values(type.getFields()).map((field) => ({ name: `${type.name}.${field.name}`, text: field.description ?? '' })));

  test('are those that ARCHITECTURE.md shows; after a change of the code, run `npm run schema`', async () => {
    const text = await readFile(architectureFile, 'utf8');
    expect(withRules(text)).toBe(text);
    for (const { fields } of RULES) for (const [type, names] of Object.entries(fields)) expect(text).toContain(`${type}: ${names.join(', ')}`);
    expect(() => withRules('no place')).toThrow('must have the two comments');
  });

  test('say of queries, mutations and subscriptions what their descriptions say', () => {
    const said = rootNames.map((name) => {
      const text = fieldOf(name).description ?? '';
      const role = /Needs the role (\w+)/.exec(text)?.[1];
      return [name, role ?? (text.includes('UNAUTHENTICATED') && name !== 'Mutation.signIn' ? 'signed in' : 'ANYONE')];
    });
    expect(said.filter(([, who]) => who === 'ANYONE').length).toBeGreaterThan(20);
    expect(rootNames.map((name) => {
      const { who } = rules.get(name)!;
      return [name, ['ANYONE', 'CURATOR', 'ADMIN'].includes(who) ? who : 'signed in'];
    })).toEqual(said);
  });

  test('are there for each field that says to be for some alone', () => {
    const said = descriptions.filter(({ text }) => /Needs the role|UNAUTHENTICATED|\b(false|null) for an anonymous request|nobody else sees|null to all but|for curators|shown to curators/i.test(text)).map(({ name }) => name);
    expect(said.length).toBeGreaterThan(100);
    expect(said.filter((name) => !rules.has(name))).toEqual([]);
  });

  test('keep a server from starting that has a query, mutation or subscription without one, or one without a field, or two', () => {
    const small = (): ReturnType<typeof buildSchema> => buildSchema('type Query { paper: Int, secret: Int } type Mutation { write: Int } type Subscription { told: Int }');
    const whole: Rule[] = [{ who: 'ANYONE', scope: 'READ', fields: { Query: ['paper'] } }, { who: 'ADMIN', scope: 'ADMIN', fields: { Query: ['secret'], Mutation: ['write'], Subscription: ['told'] } }];
    expect(() => { enforceRules(small(), whole); }).not.toThrow();
    for (const [field, rest] of [['Query.secret', { Mutation: ['write'], Subscription: ['told'] }], ['Mutation.write', { Query: ['secret'], Subscription: ['told'] }], ['Subscription.told', { Query: ['secret'], Mutation: ['write'] }]] as const) {
      expect(() => { enforceRules(small(), [whole[0]!, { who: 'ADMIN', scope: 'ADMIN', fields: rest }]); }).toThrow(`no rule says who may ask for ${field}`);
    }
    for (const fields of [{ Query: ['gone'] }, { Gone: ['paper'] }]) expect(() => { enforceRules(small(), [...whole, { who: 'ADMIN', scope: 'ADMIN', fields }]); }).toThrow('which is no field');
    expect(() => { enforceRules(small(), [...whole, { who: 'ANYONE', scope: 'READ', fields: { Query: ['secret'] } }]); }).toThrow('Query.secret has two rules');
  });

  test('keep a server from starting whose database would answer without asking who asks', () => {
    const rule = (fields: Rule['fields'], who: Rule['who'] = 'READER'): Rule[] => [{ who, scope: 'READ', otherwise: false, fields }];
    const root = (): Promise<string> => Promise.resolve('null');
    const papers = (field: Parameters<typeof assertAsked>[1]['projections'][string][string]): Parameters<typeof assertAsked>[1] => ({ roots: { papers: root }, projections: { Paper: { field } } });
    const asked = papers((viewer) => json.boolean(`EXISTS (SELECT FROM upvotes x WHERE x.user_id = ${viewer})`));
    expect(() => { assertAsked(rule({ Paper: ['field'] }), asked); }).not.toThrow();
    for (const open of [json.boolean('true'), () => json.boolean('true')]) expect(() => { assertAsked(rule({ Paper: ['field'] }), papers(open)); }).toThrow('would answer Paper.field whoever asks, which is for READER');
    expect(() => { assertAsked(rule({ Query: ['papers'] }), asked); }).toThrow('would answer Query.papers');
    expect(() => { assertAsked(rule({ Query: ['papers'] }, 'ANYONE'), asked); }).not.toThrow();
    expect(() => { assertAsked(rule({ FeedEdge: ['isNew'] }), asked); }).toThrow('must be of an object with an id');
    // Which only resolvers answer, unless somebody has the database do it.
    expect(() => { assertAsked(rule({ WritePayload: ['signal'] }), asked); }).not.toThrow();
    expect(() => { assertAsked(rule({ WritePayload: ['signal'] }), { ...asked, projections: { WritePayload: { signal: json.boolean('true') } } }); }).toThrow('would answer WritePayload.signal whoever asks');
  });

  test('are there for all that mutations answer, but for what anyone may be told', () => {
    /** Types whose objects anyone finds by a query, and whose fields have rules where not all are for anyone. */
    const publicTypes = ['Author', 'Comment', 'Repo', 'Tag', 'User'];
    const told: Readonly<Record<string, string>> = {
      'CreateCollectionPayload.collection': 'new, of what was just said; its papers ask for themselves', 'CreateApiTokenPayload.session': 'new, of what was just said; no key answers it again',
      'CreateApiTokenPayload.token': 'the secret that it makes', 'CreateFeedTokenPayload.feedToken': 'as a token’s session', 'CreateFeedTokenPayload.syndication': 'the secret that it makes',
      'ExportMyDataPayload.downloadUrl': 'the secret that it makes', 'ExportMyDataPayload.expiresAt': 'of that secret', 'SessionPayload.token': 'to who has the password', 'SessionPayload.expiresAt': 'of that token',
      'ChangePasswordPayload.endedSessions': 'to who has the password', 'SignOutPayload.endedSessions': 'nobody is signed in any more who could be asked',
      'ConfirmDigestPayload.confirmedAt': 'to who has the mail', 'ImportLibraryPayload.rejects': 'what is wrong with what was just said',
      'CreateTagPayload.isNew': 'tags are public', 'SubmitPaperPayload.isNew': 'papers are public', 'SubmitPaperPayload.filledIn': 'what arXiv tells anyone',
      'DeleteAccountPayload.deletedUserId': 'an id of a public object, and nobody is left who could be asked', 'DeleteCollectionPayload.deletedCollectionId': 'as given', 'RevokeFeedTokenPayload.feedTokenId': 'as given',
      'RevokeSessionPayload.sessionId': 'as given', 'UnlinkExternalIdentityPayload.externalIdentityId': 'as given',
    };
    const payloads = [...new Set(Object.values(schema.getMutationType()!.getFields()).map(({ type }) => getNamedType(type) as GraphQLObjectType))];
    const fields = payloads.flatMap((type) => Object.values(type.getFields()).map((field) => ({ name: `${type.name}.${field.name}`, type: getNamedType(field.type).name })));
    expect(payloads.every(({ name }) => name.endsWith('Payload'))).toBe(true);
    expect(fields.length).toBeGreaterThan(80);
    expect(fields.filter(({ name, type }) => !rules.has(name) && !publicTypes.includes(type)).map(({ name }) => name).sort()).toEqual(Object.keys(told).sort());
    for (const { name } of fields) expect([name, rules.get(name)?.scope ?? 'READ']).toEqual([name, 'READ']);
  });
});

let world: FuzzWorld;
/** Of the reader whose the rows are. */
let owned: { readonly notification: string; readonly author: string; readonly session: string };
let other: string;
let passwordHash: string;
/** All that there is, by type. */
let objects: ReadonlyMap<string, readonly string[]>;

beforeAll(async () => {
  world = await startFuzzWorld();
  const { server, admin } = world;
  const [row] = await server.database.rows<{ notification: number; author: number; session: number }>(sql`SELECT (SELECT min(id) FROM notifications WHERE user_id = ${admin.rowId}) AS notification,
    (SELECT author_id FROM authorship_claims WHERE user_id = ${admin.rowId} AND state = 'CONFIRMED') AS author,
    (SELECT id FROM sessions WHERE user_id = ${admin.rowId} AND kind = 'API_TOKEN') AS session`);
  owned = { notification: toGlobalId('Notification', row!.notification), author: toGlobalId('Author', row!.author), session: toGlobalId('Session', row!.session) };
  objects = new Map(await Promise.all(NODE_TYPES.map(async (type) => {
    const rows = await server.database.rows<{ id: number }>(sql`SELECT id FROM ${rawSql(TABLES[type])} ORDER BY id LIMIT 100`);
    return [type, rows.map(({ id }) => toGlobalId(type, id))] as const;
  })));
  await signUp(server, 'somebody');
  passwordHash = (await server.database.prisma.user.findUniqueOrThrow({ where: { username: 'somebody' } })).passwordHash!;
  const { id, username, role } = (await server.database.prisma.report.findFirstOrThrow({ where: { state: 'ACTED' }, include: { reporter: true } })).reporter;
  other = (await server.services.sessions.open({ id, username, role })).token;
});
afterAll(() => world.server.stop());

/** Somebody who has done nothing yet, and has a password. */
async function tokenOf(person: Person): Promise<string | null> {
  if (person === 'anonymous') return null;
  const { rowId, token } = await seedReader(world.server, person);
  await world.server.database.prisma.user.update({ where: { id: rowId }, data: { passwordHash } });
  return token;
}

/** Of what a rule names, what is not the same for all. */
function inputOf(name: string): Record<string, unknown> {
  const known: Readonly<Record<string, Record<string, unknown>>> = {
    'Mutation.signIn': { username: 'somebody', password: PASSWORD },
    'Mutation.deleteAccount': { password: PASSWORD },
    'Mutation.changePassword': { currentPassword: PASSWORD },
    'Mutation.revokeSession': { sessionId: owned.session },
    'Mutation.markNotificationsRead': { upTo: owned.notification },
    'Mutation.unlinkAuthor': { authorId: owned.author },
  };
  return known[name] ?? {};
}

/** The field with sound arguments. */
function asked(name: string): string {
  const field = fieldOf(name);
  const given = field.args.filter(({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined).map((argument) => {
    const sound = soundInput(world, { name: argument.name, type: argument.type, parent: name });
    return `${argument.name}: ${literalOf(argument.name === 'input' ? { ...(sound as object), ...inputOf(name) } : sound)}`;
  });
  return `${field.name}${given.length === 0 ? '' : `(${given.join(', ')})`}${isLeafType(getNamedType(field.type)) ? '' : ' { __typename }'}`;
}

interface Told {
  readonly extensions?: { readonly code?: string; readonly field?: string };
}

/** The code of a refusal; by a row, with the argument that names it. */
function refusalOf(errors: readonly Told[]): string | null {
  const [found] = errors.map(({ extensions = {} }) => extensions).filter(({ code = '' }) => ['UNAUTHENTICATED', 'FORBIDDEN'].includes(code));
  return found === undefined ? null : [found.code, found.field].filter((part) => part !== undefined).join(' of ');
}

/** What a rule says of who has no row. */
function expectedOf({ who, remark = '' }: Rule, person: Person): string | null {
  if (who === 'ANYONE') return null;
  if (person === 'anonymous') return 'UNAUTHENTICATED';
  const byRow = /FORBIDDEN|NOT_FOUND/.exec(remark)?.[0] ?? null;
  if (who === 'OWN') return byRow;
  if (who.endsWith('_OR_CURATOR')) return person === 'READER' ? byRow : null;
  return (who === 'CURATOR' && person === 'READER') || (who === 'ADMIN' && person !== 'ADMIN') ? 'FORBIDDEN' : null;
}

const byRow = ({ who }: Rule): boolean => who === 'OWN' || who.endsWith('_OR_CURATOR');

describe('fields of objects', () => {
  // Of payloads: test/api/payloads.
  const objectRules = RULES.flatMap((rule) => (rule.otherwise === undefined ? [] : fieldNamesOf(rule).filter((name) => !/^\w+Payload\./.test(name)).map((name) => [name, rule] as const)));
  const LISTS: Readonly<Record<string, string>> = { Paper: 'papers(first: 50)', Author: 'authors(first: 50)', Tag: 'tags(first: 50)' };

  /** What somebody is told of each object that they are shown. */
  async function valuesOf(name: string, token: string | null): Promise<unknown[]> {
    const [type = ''] = name.split('.');
    const field = `value: ${asked(name)}`;
    const { nodes } = await world.server.query(`query ($ids: [ID!]!) { nodes(ids: $ids) { ... on ${type} { ${field} } } }`, { token, variables: { ids: objects.get(type) } });
    // The lists that the database writes itself.
    const list = LISTS[type] === undefined ? [] : (await world.server.query(`{ list: ${LISTS[type]} { nodes { ${field} } } }`, { token })).list.nodes;
    return [...nodes, ...list].flatMap((node: { value: unknown } | null) => (node === null ? [] : [node.value]));
  }

  test('there are many', () => {
    expect(objectRules.length).toBeGreaterThan(15);
  });

  test.each(objectRules)('%s', async (name, rule) => {
    const of = async (token: string | null): Promise<{ readonly shown: number; readonly told: number }> => {
      const values = await valuesOf(name, token);
      return { shown: values.length, told: values.filter((value) => value !== rule.otherwise).length };
    };
    const [anonymous, reader, author, curator, owner] = [await of(null), await of(await tokenOf('READER')), await of(other), await of(await tokenOf('CURATOR')), await of(world.admin.token)];
    expect([anonymous.told, reader.told]).toEqual([0, 0]);
    // To whom it is shown, so that it is not for want of an object that nothing is told.
    expect(author.shown).toBeGreaterThan(0);
    expect(owner.told).toBeGreaterThan(0);
    if (rule.who === 'CURATOR') expect([author.told, curator.told > 0]).toEqual([0, true]);
    if (rule.who === 'OWN_OR_CURATOR') expect([author.told > 0, curator.told > 0]).toEqual([true, true]);
  });
});

const rootRules = RULES.map((rule) => [fieldNamesOf(rule).filter((name) => /^(Query|Mutation)\./.test(name)), rule] as const).filter(([names]) => names.length > 0)
  .map(([names, rule]) => [`${rule.who}: ${names[0]} and ${names.length - 1} more`, names, rule] as const);

// Who may least asks first: what they ask for is still there.
describe.each(PEOPLE)('as %s', (person) => {
  test.each(rootRules)('%s', async (_, names, rule) => {
    const expected = expectedOf(rule, person);
    for (const name of names) {
      const document = `${name.startsWith('Query') ? 'query' : 'mutation'} { ${asked(name)} }`;
      const { errors } = await world.server.send(document, { token: await tokenOf(person) });
      if (expected === 'NOT_FOUND') expect([name, errors.map(({ extensions }) => extensions.code)]).toEqual([name, ['NOT_FOUND']]);
      else if (byRow(rule) && expected === 'FORBIDDEN') expect([name, refusalOf(errors)]).toEqual([name, expect.stringMatching(/^FORBIDDEN of \w+Id$/)]);
      else expect([name, refusalOf(errors)]).toEqual([name, expected]);
    }
  });

  test('subscriptions', async () => {
    const { server } = world;
    for (const name of rootNames.filter((root) => root.startsWith('Subscription.'))) {
      const client = wsClient(server, await tokenOf(person));
      const before = server.services.live.subscriberCount;
      const received = await subscribed(server, client, `subscription { ${asked(name)} }`);
      const isOpen = server.services.live.subscriberCount > before;
      expect([name, isOpen ? null : refusalOf(((await received.ended) ?? received.answers[0].errors) as Told[])]).toEqual([name, expectedOf(rules.get(name)!, person)]);
      received.stop();
      await client.dispose();
      await until(() => server.services.live.subscriberCount === before);
    }
  });
});

// Also where there is a row that is theirs, and whatever they are: what the token is not for is not done.
describe('by a token', () => {
  const SCOPES = ['READ', 'VOTE', 'WRITE', 'ADMIN'] as const;
  const root = (name: string): string => `${name.split('.')[0]!.toLowerCase()} { ${asked(name)} }`;
  /** Of somebody who may do all that anybody may. */
  async function tokenFor(scopes: readonly string[]): Promise<string> {
    const token = await tokenOf('ADMIN');
    await world.server.database.rows(sql`UPDATE sessions SET scopes = ${[...scopes]}::text[]::scope[] WHERE token_hash = ${hashOf(token!)}`);
    return token!;
  }
  const refusals = (errors: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[]): string[] =>
    errors.filter(({ message, extensions }) => message.includes('with the scope') && extensions?.code === 'FORBIDDEN').map(({ message }) => message);
  const without = (scope: string): { readonly scopes: readonly string[]; readonly message: string } => {
    const scopes = SCOPES.filter((one) => one !== scope);
    return { scopes, message: `this needs a token with the scope ${scope}, this one has ${scopes.join(', ')}` };
  };

  test.each(rootRules)('that is not for it: %s', async (_, names, { scope }) => {
    for (const name of names) {
      // Of who reads: what is left where it does not matter.
      const { scopes, message } = scope === null ? { scopes: ['READ'], message: null } : without(scope);
      const { data, errors } = await world.server.send(root(name), { token: await tokenFor(scopes) });
      expect([name, refusals(errors as never)]).toEqual([name, message === null ? [] : [message]]);
      if (message !== null) expect([name, errors.length, Object.values((data ?? {}) as object)]).toEqual([name, 1, data == null ? [] : [null]]);
    }
  });

  test('that is not for it: subscriptions', async () => {
    const { server } = world;
    for (const name of rootNames.filter((one) => one.startsWith('Subscription.'))) {
      const { scopes, message } = without(rules.get(name)!.scope!);
      const client = wsClient(server, await tokenFor(scopes));
      const received = await subscribed(server, client, root(name));
      expect([name, refusals(((await received.ended) ?? received.answers[0].errors) as never)]).toEqual([name, [message]]);
      await client.dispose();
    }
  });

  test.each(rootRules)('that is for nothing else: %s', async (_, names, { scope, who }) => {
    for (const name of names) {
      // A query reads whatever it is of; and nobody gives away what they have not, which is asked for here.
      const token = await tokenFor(scope === 'ADMIN' && /^Query|createApiToken/.test(name) ? ['READ', 'ADMIN'] : [scope ?? 'VOTE']);
      const { errors } = await world.server.send(root(name), { token });
      expect([name, refusals(errors as never)]).toEqual([name, []]);
      if (!byRow({ who } as Rule) && name !== 'Mutation.upvoteComment') expect([name, refusalOf(errors)]).toEqual([name, null]);
    }
  });

  test('without the scope ADMIN an admin is a reader, whatever asks for it', async () => {
    const { server, papers } = world;
    const paper = papers[5]!;
    await server.database.rows(sql`UPDATE papers SET hidden_at = now() WHERE id = ${paper.rowId}`);
    const run = objects.get('IngestRun')![0]!;
    const document = `{ paper(id: "${paper.id}") { flaggedUpvoteCount } node(id: "${run}") { id } papers(first: 1) { nodes { flaggedUpvoteCount } } }`;
    for (const [scopes, expected] of [[SCOPES, { paper: { flaggedUpvoteCount: 0 }, node: { id: run }, papers: { nodes: [{ flaggedUpvoteCount: expect.any(Number) }] } }], [['READ', 'VOTE', 'WRITE'], { paper: null, node: null, papers: { nodes: [{ flaggedUpvoteCount: null }] } }]] as const) {
      // As often as it takes to be planned.
      const token = await tokenFor(scopes);
      for (let n = 0; n < 4; n += 1) expect(await server.query(document, { token })).toEqual(expected);
      for (let n = 0; n < 4; n += 1) expect((await server.query(`{ paper(id: "${paper.id}") { flaggedUpvoteCount } }`, { token })).paper).toEqual(expected.paper);
    }
    await server.database.rows(sql`UPDATE papers SET hidden_at = NULL WHERE id = ${paper.rowId}`);
  });
});

test('whose the row is may, after all others', async () => {
  const { server, admin: { token } } = world;
  expect((await server.query('{ feedTokens { totalCount } }', { token })).feedTokens.totalCount).toBe(1);
  const names = RULES.filter(({ who, otherwise }) => who === 'OWN' && otherwise === undefined).flatMap(fieldNamesOf);
  expect(names.length).toBeGreaterThan(8);
  for (const name of names) {
    const { errors } = await server.send(`mutation { ${asked(name)} }`, { token });
    expect([name, refusalOf(errors), errors.filter(({ extensions }) => extensions.code === 'NOT_FOUND' && /collectionId|commentId/.test(String(extensions['field']))).length]).toEqual([name, null, 0]);
  }
  expect((await server.query('{ feedTokens { totalCount } }', { token })).feedTokens.totalCount).toBe(0);
});
