import { describe, expect, test } from '@jest/globals';
import { nowInSeconds } from '../../support/oidcIssuer.js';
import { ANONYMOUS, PASSWORD, bad, conflict, type Walk } from './walk.js';

const LINK = 'mutation ($token: String!, $password: String) { linkExternalIdentity(input: { token: $token, currentPassword: $password }) { externalIdentity { id issuer subject } } }';
const UNLINK = 'mutation ($id: ID!) { unlinkExternalIdentity(input: { externalIdentityId: $id }) { externalIdentityId } }';
const IDENTITIES = '{ viewer { username } externalIdentities { totalCount nodes { subject lastSeenOn } } }';

export function signingInElsewhere(walk: () => Walk): void {
  const ask = (token: string, document: string, variables = {}): Promise<any> => walk().server.query(document, { token, variables });

  describe('Sunday afternoon: a university’s sign-in', () => {
    test('brings Dora, who makes no account and has one', async () => {
      const token = await walk().provider.token('u-1815', { preferred_username: 'Dora@uni.example' });
      expect(await ask(token, IDENTITIES)).toMatchObject({ viewer: { username: 'dora' }, externalIdentities: { totalCount: 1, nodes: [{ subject: 'u-1815' }] } });
      const small = { id: walk().paper.small };
      expect(await ask(token, 'mutation ($id: ID!) { upvotePaper(input: { paperId: $id }) { paper { viewerHasUpvoted } } }', small)).toEqual({ upvotePaper: { paper: { viewerHasUpvoted: true } } });
      await ask(token, 'mutation ($id: ID!) { removeUpvote(input: { paperId: $id }) { paper { viewerHasUpvoted } } }', small);
    });

    test('is Ada’s too, once she has linked it, and nobody’s who has her name there', async () => {
      const { provider } = walk();
      expect(await ask(await provider.token('u-1', { preferred_username: 'ada' }), '{ viewer { username } }')).toEqual({ viewer: { username: 'ada-2' } });
      const { externalIdentity } = (await walk().ask('ada', LINK, { token: await provider.token('u-1842'), password: PASSWORD })).linkExternalIdentity;
      expect(externalIdentity).toMatchObject({ issuer: provider.issuer, subject: 'u-1842' });
      expect((await ask(await provider.token('u-1842', { preferred_username: 'lovelace' }), '{ viewer { username } }')).viewer).toEqual({ username: 'ada' });
      walk().keep("Ada's identity", externalIdentity.id);
      expect(await walk().refused('ben', LINK, { token: await provider.token('u-1842'), password: PASSWORD })).toEqual(conflict('token'));
      expect(await walk().refused('ben', LINK, { token: 'none', password: PASSWORD })).toEqual(bad('token'));
      expect(await walk().refused('ben', LINK, { token: await provider.token('u-1843') })).toEqual(bad('currentPassword'));
      expect(await walk().refused(null, LINK, { token: 'none' })).toEqual(ANONYMOUS);
      expect(await walk().refused('ada', '{ externalIdentities(first: 101) { totalCount } }')).toEqual(bad('first'));
    });

    test('is left again, by Ada who has a password, and not by Dora who has none', async () => {
      const { provider } = walk();
      const token = await provider.token('u-1842', { jti: 'a session' });
      await ask(token, '{ viewer { username } }');
      await walk().ask('ben', UNLINK, { id: walk().kept("Ada's identity") });
      expect((await ask(token, '{ viewer { username } }')).viewer).toEqual({ username: 'ada' });
      await walk().ask('ada', UNLINK, { id: walk().kept("Ada's identity") });
      expect((await walk().server.send('{ viewer { username } }', { token })).status).toBe(401);
      expect((await walk().ask('ada', IDENTITIES)).externalIdentities.totalCount).toBe(0);
      const doras = await provider.token('u-1815', { iat: nowInSeconds() - 1 });
      const { externalIdentities } = await ask(doras, '{ externalIdentities { nodes { id } } }');
      expect((await walk().server.error(UNLINK, { token: doras, variables: { id: externalIdentities.nodes[0].id } })).extensions).toEqual({ code: 'CONFLICT' });
      expect(await walk().refused('ada', UNLINK, { id: walk().paper.small })).toEqual(bad('externalIdentityId'));
    });

    test('lets Dora go for good, by a token of now alone', async () => {
      const LEAVE = 'mutation { deleteAccount(input: {}) { deletedUserId } }';
      const { provider } = walk();
      expect((await walk().server.error(LEAVE, { token: await provider.token('u-1815', { auth_time: nowInSeconds() - 3600 }) })).extensions).toEqual(ANONYMOUS);
      const token = await provider.token('u-1815', { auth_time: nowInSeconds() });
      expect((await ask(token, LEAVE)).deleteAccount.deletedUserId).toEqual(expect.any(String));
      expect((await walk().server.send('{ viewer { username } }', { token })).status).toBe(401);
    });
  });
}
