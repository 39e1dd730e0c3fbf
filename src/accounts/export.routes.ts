import { Readable } from 'node:stream';
import type { Routes } from '../graphql/server.js';
import { EXPORTS, type DataExportService } from './dataExport.service.js';

const HEADERS = {
  // The address holds a token, and the document all of a person.
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
};

/** GET of a reader's document. Without HEAD, which would use the address up. */
export function exportRoutes(exports: DataExportService): Routes {
  return (app) => {
    app.get<{ Params: { token: string } }>(`${EXPORTS}:token`, { exposeHeadRoute: false }, async ({ params }, reply) => {
      const now = new Date();
      const found = await exports.use(params.token, now);
      reply.headers(HEADERS);
      if (found === null) {
        return reply.code(404).type('application/problem+json').send(JSON.stringify({ title: 'Not Found', status: 404, detail: 'the address does not hold: it works once, for ten minutes' }));
      }
      reply.type('application/json; charset=utf-8').header('content-disposition', `attachment; filename="daily-papers-${found.username}.json"`);
      // Read no further than the client does; what fails on the way cuts the connection, and so is no whole document.
      return reply.send(Readable.from(exports.write(found.userId, now)));
    });
  };
}
