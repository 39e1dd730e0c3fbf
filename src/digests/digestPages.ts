import type { FastifyInstance, FastifyReply } from 'fastify';
import { DomainError } from '../errors.js';
import type { Routes } from '../graphql/server.js';
import type { DigestService } from './digest.service.js';
import { escaped, pageOf } from './letter.js';

interface Page {
  readonly title: string;
  readonly text: string;
  /** What a button does, by POST to the same address; null for none. */
  readonly button: string | null;
}

const PATTERN = /^[\w-]{43}$/;
const BODY_BYTES = 4096;
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  // The address holds a token: it is told to nobody, and kept nowhere.
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
};

const ASK_TO_CONFIRM: Page = { title: 'Confirm your digest', text: 'You will get a digest of research papers at the address that this link was sent to.', button: 'Confirm' };
const CONFIRMED: Page = { title: 'Confirmed', text: 'The digest will come. Each one has a link that ends it.', button: null };
const ASK_TO_LEAVE: Page = { title: 'Unsubscribe', text: 'You will get no more digests, and your address will be deleted here.', button: 'Unsubscribe' };
const LEFT: Page = { title: 'Unsubscribed', text: 'You will get no more digests, and your address is deleted here.', button: null };
const UNKNOWN: Page = { title: 'This link does not hold', text: 'It is incomplete, or was followed by a newer one, or is older than 48 hours. Subscribe again for another.', button: null };

/**
 * The pages that links of mails lead to. GET asks and changes nothing, since programs that look for harm open links before
 * people do; POST does it, from the page's button or from a mail program (RFC 8058), which sends no cookie and follows nothing.
 */
export function digestPages(digests: Pick<DigestService, 'confirm' | 'unsubscribeBy'>): Routes {
  return (app) => {
    void app.register((pages, _options, done) => {
      readNoForms(pages);
      pages.get<Asked>('/digest/confirm', ({ query }, reply) => (tokenIn(query) === null ? show(reply, UNKNOWN, 404) : show(reply, ASK_TO_CONFIRM)));
      pages.post<Asked>('/digest/confirm', async ({ query }, reply) => {
        const token = tokenIn(query);
        if (token === null || !(await holds(() => digests.confirm(token)))) return show(reply, UNKNOWN, 404);
        return show(reply, CONFIRMED);
      });
      pages.get<Asked>('/digest/unsubscribe', ({ query }, reply) => (tokenIn(query) === null ? show(reply, UNKNOWN, 404) : show(reply, ASK_TO_LEAVE)));
      pages.post<Asked>('/digest/unsubscribe', async ({ query }, reply) => {
        const token = tokenIn(query);
        if (token === null) return show(reply, UNKNOWN, 404);
        // Whoever has left already is told that they have.
        await digests.unsubscribeBy(token);
        return show(reply, LEFT);
      });
      done();
    });
  };
}

interface Asked {
  Querystring: Readonly<Record<string, unknown>>;
}

// What they need is in the address: a form's fields are taken, and not looked at.
function readNoForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_BYTES }, (_request, _body, done) => { done(null); });
}

function tokenIn(query: Asked['Querystring']): string | null {
  const { token } = query;
  return typeof token === 'string' && PATTERN.test(token) ? token : null;
}

async function holds(confirm: () => Promise<unknown>): Promise<boolean> {
  try {
    await confirm();
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'NOT_FOUND') return false;
    throw error;
  }
}

function show(reply: FastifyReply, { title, text, button }: Page, status = 200): FastifyReply {
  const form = button === null ? '' : `\n<form method="post"><button class="action" style="padding:10px 18px;border:0;border-radius:6px;background:#1a56b0;color:#ffffff;font:inherit;font-weight:600;cursor:pointer">${escaped(button)}</button></form>`;
  const content = `<h1 class="heading" style="font-size:20px;color:#1a1a1a">${escaped(title)}</h1>\n<p>${escaped(text)}</p>${form}`;
  return reply.code(status).headers(HEADERS).send(pageOf(title, content));
}
