import MarkdownIt, { type MarkdownIt as Markdown, type StateCore, type StateInline, type Token } from 'markdown-it';

// CommonMark with strikethrough and bare addresses. Raw HTML is text, images are links, and links lead to http, https and
// mailto alone. Tables are left out: 10 kB of pipes become 667 kB of cells. What is longest in the making, of 10,000
// characters, takes 50 ms: `[` or `*a ` all over.
const markdown: Markdown = new MarkdownIt({ html: false, linkify: true }).disable('table');
// Bare names of hosts, and e-mail addresses, are text.
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
markdown.validateLink = (url) => /^(https?:\/\/[^/\\]|mailto:[^/\\])/i.test(url);
markdown.inline.ruler.before('escape', 'math', math);
markdown.core.ruler.push('links', (state: StateCore) => {
  for (const { children } of state.tokens) if (children !== null) keepToLinks(state, children);
});

const REL = 'nofollow ugc noopener';
const LANGUAGE = /^[\w+.#-]{1,40}$/;

/** HTML of a comment: the few elements of `ALLOWED`, with no attribute of the writer's but addresses. */
export function renderComment(body: string): string {
  const html = markdown.render(body);
  // The same rule once more, on what came out, whatever made it.
  return /[<>]/.test(html.replace(ALLOWED, '')) ? `<pre>${escaped(body)}</pre>\n` : html;
}

const ALLOWED = new RegExp(
  [
    '</?(?:p|em|strong|s|code|pre|blockquote|ul|ol|li|h[1-6])>',
    '<(?:br|hr)>',
    '<ol start="\\d{1,9}">',
    '<code class="language-[\\w+.#-]{1,40}">',
    `<a href="(?:https?://|mailto:)[^"<>\\s]+" rel="${REL}">`,
    '</a>',
  ].join('|'),
  'gi',
);

// Not after what makes it part of an address or another name, and not before it either.
const MENTION = /(?<![\p{L}\p{N}_.+%@/-])@([a-z0-9][a-z0-9_-]{1,38})(?![\p{L}\p{N}_@-]|\.[\p{L}\p{N}])/giu;

/** The usernames that a comment mentions, in their order: `@name`, but in code, math, links and e-mail addresses. */
export function mentionsIn(body: string): string[] {
  const names = new Set<string>();
  for (const { children } of markdown.parse(body, {})) {
    for (const text of textsOutsideLinks(children ?? [])) {
      for (const [, name] of text.matchAll(MENTION)) names.add((name as string).toLowerCase());
    }
  }
  return [...names];
}

function textsOutsideLinks(tokens: readonly Token[]): string[] {
  let depth = 0;
  return tokens.flatMap(({ type, content }) => {
    depth += Number(type === 'link_open') - Number(type === 'link_close');
    return type === 'text' && depth === 0 ? [content] : [];
  });
}

// As Pandoc: `$x$` with neither white space inside its ends nor a digit behind, so that prices are none.
const MATH = /\$\$[^$]+\$\$|\$(?=[^\s$])[^$\n]*(?<=[^\s$\\])\$(?!\d)/y;

/** Math stays as written: its signs mean nothing to Markdown. */
function math(state: StateInline, silent: boolean): boolean {
  MATH.lastIndex = state.pos;
  const found = state.src.charCodeAt(state.pos) === 0x24 ? MATH.exec(state.src)?.[0] : undefined;
  if (found === undefined) return false;
  if (!silent) state.push('math', '', 0).content = found;
  state.pos += found.length;
  return true;
}
markdown.renderer.rules['math'] = (tokens, index) => escaped(tokens[index]?.content ?? '');

// Its own writes what follows the language into attributes as well.
markdown.renderer.rules['fence'] = (tokens, index) => {
  const { info = '', content = '' } = tokens[index] ?? {};
  const [language = ''] = info.trim().split(/\s+/);
  return `<pre><code${LANGUAGE.test(language) ? ` class="language-${language}"` : ''}>${escaped(content)}</code></pre>\n`;
};

/** Links get their `rel` and lose their title; images become links, or their text within one. */
function keepToLinks(state: StateCore, tokens: Token[]): void {
  let depth = 0;
  const kept = tokens.flatMap((token) => {
    if (token.type === 'link_close') depth -= 1;
    if (token.type === 'link_open') {
      depth += 1;
      token.attrs = linkAttributes(String(token.attrGet('href')));
    }
    return token.type === 'image' ? linkOfImage(state, token, depth > 0) : [token];
  });
  tokens.splice(0, tokens.length, ...kept);
}

function linkOfImage(state: StateCore, image: Token, isInLink: boolean): Token[] {
  const address = String(image.attrGet('src'));
  const text = new state.Token('text', '', 0);
  text.content = image.content === '' ? address : image.content;
  if (isInLink) return [text];
  const open = new state.Token('link_open', 'a', 1);
  open.attrs = linkAttributes(address);
  return [open, text, new state.Token('link_close', 'a', -1)];
}

function linkAttributes(href: string): [string, string][] {
  return [
    ['href', href],
    ['rel', REL],
  ];
}

function escaped(text: string): string {
  return markdown.utils.escapeHtml(text);
}
