import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { HttpError } from '../http/httpClient.js';

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  // Which prefix stands for a namespace is the document's choice; no two of the services' elements differ by it alone.
  removeNSPrefix: true,
  ignoreDeclaration: true,
  // Texts stay as they are: 0704.0010 is no number, and a space between CDATA and text counts.
  parseTagValue: false,
  trimValues: false,
  // Without these the parser leaves &#233; as it is.
  htmlEntities: true,
  // Paths as texts, which nothing here reads, cost a quarter of the time.
  jPath: false,
  isArray: (...[, , , isAttribute]) => !isAttribute,
});

/** An element, as the parser tells it: a text, or lists of children by name, beside attributes with an @. */
type Content = string | Readonly<Record<string, string | readonly Content[]>>;

/** An element of a document. */
export class XmlElement {
  constructor(private readonly content: Content) {}

  children(name: string): XmlElement[] {
    const found = typeof this.content === 'string' ? undefined : this.content[name];
    return Array.isArray(found) ? (found as readonly Content[]).map((content) => new XmlElement(content)) : [];
  }

  child(name: string): XmlElement | null {
    return this.children(name)[0] ?? null;
  }

  /** Its own text with single spaces; null where it has none. */
  get text(): string | null {
    const own = typeof this.content === 'string' ? this.content : this.content['#text'];
    const text = typeof own === 'string' ? own.replace(/\s+/g, ' ').trim() : '';
    return text === '' ? null : text;
  }

  /** The text of its first child of a name. */
  textOf(name: string): string | null {
    return this.child(name)?.text ?? null;
  }

  attribute(name: string): string | null {
    const value = typeof this.content === 'string' ? undefined : this.content[`@${name}`];
    return typeof value === 'string' ? value : null;
  }
}

/**
 * The root of a document, which must have the name. Throws HttpError for anything else, so that it is asked for again:
 * documents that break off and HTML pages are what services answer in trouble. One that declares entities is refused,
 * since neither format has any and they can be made to unfold into gigabytes.
 */
export function parseXml(text: string, root: string): XmlElement {
  const prolog = text.slice(0, Math.max(0, text.search(/<[A-Za-z_]/)));
  if (/<!DOCTYPE/i.test(prolog)) throw new HttpError('a document type where plain XML must be');
  // The parser takes some texts that break off for whole, and any end tag for any element. Its validator is named
  // deprecated in favour of a further package, but does this.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const validity = XMLValidator.validate(text);
  if (validity !== true) throw new HttpError(`XML that is not well-formed in line ${validity.err.line}: ${validity.err.msg}`);
  const element = new XmlElement(parsed(text)).child(root);
  if (element === null) throw new HttpError(`XML without the root element ${root}`);
  return element;
}

function parsed(text: string): Content {
  try {
    return parser.parse(text) as Content;
  } catch (error) {
    throw new HttpError(`XML that cannot be read: ${(error as Error).message}`, null, { cause: error });
  }
}
