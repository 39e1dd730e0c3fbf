import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, UnavailableError } from '../errors.js';
import { problem, thrownProblem } from '../graphql/problem.js';
import { atomOf } from './atom.js';
import { FEEDS, feedAt, feedPath, type FeedFormat, type FeedName } from './feedAddress.js';
import type { FeedDocument } from './feedDocument.js';
import { jsonFeedOf } from './jsonFeed.js';
import type { SyndicationService } from './syndication.service.js';
import { DocumentHistory, isKnown } from './validators.js';

const WRITERS: Readonly<Record<FeedFormat, { readonly type: string; readonly write: (document: FeedDocument) => string }>> = {
  atom: { type: 'application/atom+xml; charset=utf-8', write: atomOf },
  json: { type: 'application/feed+json; charset=utf-8', write: jsonFeedOf },
};

// Readers ask every half hour or so; within a minute, what stands between may answer for all of them.
const FOR_ALL = 'public, max-age=60';
const FOR_ONE = 'private, no-store';

/** GET and HEAD of feeds. */
export function feedRoutes(syndication: SyndicationService): (app: FastifyInstance) => void {
  const history = new DocumentHistory();
  return (app) => {
    app.get<{ Params: { '*': string }; Querystring: Record<string, unknown> }>(`${FEEDS}*`, async (request, reply) => {
      try {
        const asked = feedAt(request.params['*'], request.query);
        const document = asked === null ? null : await syndication.find(asked.name, asked.format, new Date());
        if (asked === null || document === null) return await problem(reply, 404, 'there is no such feed, or no longer');
        return await send(request, reply, { ...asked, document, history });
      } catch (error) {
        if (error instanceof UnavailableError) return thrownProblem(error, request, reply);
        if (error instanceof DomainError) return problem(reply, error.code === 'BAD_USER_INPUT' ? 400 : 404, error.message);
        app.log.error({ err: error }, 'a feed could not be written');
        return problem(reply, 500, 'internal error');
      }
    });
  };
}

interface Answer {
  readonly name: FeedName;
  readonly format: FeedFormat;
  readonly document: FeedDocument;
  readonly history: DocumentHistory;
}

function send({ headers }: FastifyRequest, reply: FastifyReply, { name, format, document, history }: Answer): FastifyReply {
  const { type, write } = WRITERS[format];
  const text = write(document);
  const validators = history.validatorsOf(feedPath(name, format), text, new Date());
  reply.header('etag', validators.etag).header('cache-control', name.kind === 'reader' ? FOR_ONE : FOR_ALL);
  if (validators.lastModified !== null) reply.header('last-modified', validators.lastModified.toUTCString());
  return isKnown(headers, validators) ? reply.code(304).send() : reply.type(type).send(text);
}
