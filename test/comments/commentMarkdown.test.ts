import { describe, expect, test } from '@jest/globals';
import { mentionsIn, renderComment } from '../../src/comments/commentMarkdown.js';

// A reader of HTML that knows nothing of how it was made: what a browser could take for an element or an attribute.
const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+="[^"<>]*")*)>/gi;
const ELEMENTS = new Set(['p', 'em', 'strong', 's', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'br', 'hr', 'a']);
const VOID = new Set(['br', 'hr']);

/** What is wrong with HTML that is to be safe. */
function faults(html: string): string[] {
  const found: string[] = [];
  const open: string[] = [];
  for (const [, slash, name = '', attributes = ''] of html.matchAll(TAG)) {
    if (!ELEMENTS.has(name)) found.push(`<${name}>`);
    if (slash === '/') {
      if (open.pop() !== name) found.push(`</${name}> closes another`);
    } else if (!VOID.has(name)) open.push(name);
    for (const [, attribute, value = ''] of attributes.matchAll(/\s+([a-z-]+)="([^"]*)"/g)) {
      const isRight = name === 'a' ? attribute === 'rel' ? value === 'nofollow ugc noopener' : attribute === 'href' && /^(https?:\/\/|mailto:)/i.test(value) : (name === 'code' && attribute === 'class') || (name === 'ol' && attribute === 'start');
      if (!isRight) found.push(`${name} ${attribute}=${value}`);
    }
    if (name === 'a' && slash === '' && !attributes.includes('rel=')) found.push('a without rel');
    if (name === 'a' && slash === '' && open.filter((other) => other === 'a').length > 1) found.push('a link in a link');
  }
  if (/[<>]/.test(html.replace(TAG, ''))) found.push(`what is no tag: ${html}`);
  if (open.length > 0) found.push(`open: ${open.join(' ')}`);
  return found;
}

const SCHEMES = [
  'javascript:alert(1)', 'JaVaScRiPt:alert(1)', ' javascript:alert(1)', 'java\tscript:alert(1)', 'java\nscript:alert(1)', 'javascript&colon;alert(1)', 'javascript&#58;alert(1)',
  '&#x6A;avascript:alert(1)', '&#106&#97&#118&#97;script:alert(1)', '&#0000106avascript:alert(1)', 'java&Tab;script:alert(1)', 'java&NewLine;script:alert(1)', '\u0001javascript:alert(1)', '\\javascript:alert(1)',
  'javascript\\:alert(1)', 'javascript%3Aalert(1)', '%6Aavascript:alert(1)', 'jav\u00adascript:alert(1)', 'javascript:alert(1)//https://a.org', 'vbscript:msgbox(1)', 'livescript:x', 'data:text/html,<script>alert(1)</script>',
  'data:image/svg+xml;base64,PHN2Zz4=', 'DATA:text/html;base64,PHNjcmlwdD4=', 'blob:https://a.org/x', 'file:///etc/passwd', 'ftp://a.org', 'about:blank', 'view-source:https://a.org', 'intent://x#Intent;end', '//evil.example/x', '/graphql', '#top',
  '?q', 'x', 'https:javascript:alert(1)', 'https:/evil.example', 'https:\\\\evil.example', 'http:///evil.example', 'mailto://evil.example/x', 'feed:https://a.org', 'https&colon;//a.org" onclick="alert(1)', 'https://a.org/"onmouseover="alert(1)',
  "https://a.org/'onmouseover='alert(1)", 'https://a.org/`onmouseover=alert(1)`', 'https://a.org/&quot;onmouseover=&quot;alert(1)', 'https://a.org/\u0000x', 'https://a.org/><script>alert(1)</script>', 'https://a.org\u2028onclick=alert(1)', 'https://user:pass@a.org/', 'mailto:a@b.org?subject="><b>',
];
const HOLDERS = [(url: string) => `[x](${url})`, (url: string) => `[x](<${url}>)`, (url: string) => `![x](${url})`, (url: string) => `[![x](${url})](${url})`, (url: string) => `<${url}>`, (url: string) => url, (url: string) => `[x][r]\n\n[r]: ${url}`, (url: string) => `[x](${url} "t\\" onclick=alert(1) \\"")`, (url: string) => `[x](https://a.org "${url}")`];
const MARKUP = [
  '<script>alert(1)</script>', '<SCRIPT SRC=//evil.example/x.js></SCRIPT>', '<scr<script>ipt>alert(1)</scr</script>ipt>', '<img src=x onerror=alert(1)>', '<img src="x` `<script>alert(1)</script>"` `>', '<svg onload=alert(1)>', '<svg><a xlink:href="javascript:alert(1)">x</a></svg>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>', '<style>*{background:url(javascript:alert(1))}</style>', '<p style="background:url(https://evil.example)">', '<a href="javascript:alert(1)">x</a>', '<a href=https://a.org onclick=alert(1)>x</a>', '<iframe srcdoc="<script>alert(1)</script>">',
  '<base href=//evil.example>', '<meta http-equiv=refresh content="0;url=javascript:alert(1)">', '<form action=javascript:alert(1)><button>', '<details open ontoggle=alert(1)>', '<!--<img src="--><img src=x onerror=alert(1)>-->', '<![CDATA[<script>alert(1)</script>]]>', '<?php echo 1 ?>', '<!DOCTYPE x [<!ENTITY y "z">]>', '<x/onclick=alert(1)>',
  '</p><script>alert(1)</script>', '</code></pre><script>alert(1)</script>', '`</code><script>alert(1)</script>`', '```html\n</code></pre><script>alert(1)</script>\n```', '```"><script>alert(1)</script>\nx\n```', '```js onclick=alert(1)\nx\n```', '```"onclick="alert(1)\nx\n```', '~~~ &quot;onclick=&quot;x\ny\n~~~', '    <script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;',
  '&#60;script&#62;alert(1)&#60;/script&#62;', '&#x3c;script>', '&lt', '&#', '&#x;', '&#x110000;', '&#xD800;', '&#0;', '&amp;lt;script&amp;gt;', '< script>', '<\u0000script>', '\uFF1Cscript\uFF1E', '<a@b.org>', '<https://a.org/<script>>', '[<script>alert(1)</script>](https://a.org)', '[x](https://a.org)<script>', '[[x](https://a.org)](https://b.org)',
  '![<img src=x onerror=alert(1)>](https://a.org)', '[![![x](https://a.org)](https://b.org)](https://c.org)', '![]( https://a.org/%22%3E )', '$<script>alert(1)</script>$', '$$<img src=x onerror=alert(1)>$$', '$"onclick="alert(1)$', '| a | <script>alert(1)</script> |\n|:-:|---|\n| b | c |', '# <svg/onload=alert(1)>', '> <script>', '99999999999. x', '1234567. x', '~~<del onclick=x>~~', '**<b**>**', '*<em* onclick=x>',
];

describe('HTML of a comment', () => {
  test.each([...SCHEMES.flatMap((url) => HOLDERS.map((hold) => hold(url))), ...MARKUP])('is safe of %j', (body) => {
    expect(faults(renderComment(body))).toEqual([]);
  });

  test('is safe of all of it together, and of its parts in any order', () => {
    const parts = [...MARKUP, ...SCHEMES.map((url) => `[x](${url})`)];
    for (let turn = 1; turn < 200; turn += 1) {
      const body = parts.map((_, place) => parts[(place * turn * 7 + turn) % parts.length]).slice(0, 12).join(turn % 3 === 0 ? '\n\n' : turn % 3 === 1 ? '' : '[');
      expect(faults(renderComment(body))).toEqual([]);
    }
  });

  test.each([
    ['**bold** and `a < b`', '<p><strong>bold</strong> and <code>a &lt; b</code></p>\n'],
    ['~~gone~~\\\nnext', '<p><s>gone</s><br>\nnext</p>\n'],
    ['See [it](https://a.org/?a=1&b=2 "title")', '<p>See <a href="https://a.org/?a=1&amp;b=2" rel="nofollow ugc noopener">it</a></p>\n'],
    ['https://a.org/x. And a.org, me@a.org', '<p><a href="https://a.org/x" rel="nofollow ugc noopener">https://a.org/x</a>. And a.org, me@a.org</p>\n'],
    ['<mailto:me@a.org>', '<p><a href="mailto:me@a.org" rel="nofollow ugc noopener">mailto:me@a.org</a></p>\n'],
    ['![a plot](https://a.org/p.png)', '<p><a href="https://a.org/p.png" rel="nofollow ugc noopener">a plot</a></p>\n'],
    ['[![a *plot*](https://a.org/p.png) here](https://b.org)', '<p><a href="https://b.org" rel="nofollow ugc noopener">a *plot* here</a></p>\n'],
    ['[no](javascript:alert(1))', '<p>[no](javascript:alert(1))</p>\n'],
    ['```c++ x\na<b\n```', '<pre><code class="language-c++">a&lt;b\n</code></pre>\n'],
    ['3. three\n4. four', '<ol start="3">\n<li>three</li>\n<li>four</li>\n</ol>\n'],
    ['$a_1*b*c_{2}$ and $$x < \\{y\\}$$', '<p>$a_1*b*c_{2}$ and $$x &lt; \\{y\\}$$</p>\n'],
    ['$5 *or* $6', '<p>$5 <em>or</em> $6</p>\n'],
    ['<b>x</b> &copy;', '<p>&lt;b&gt;x&lt;/b&gt; ©</p>\n'],
    ['@ada', '<p>@ada</p>\n'],
  ])('of %j', (body, html) => {
    expect(renderComment(body)).toBe(html);
  });

  test.each<[string, (n: number) => string]>([
    ['quotes', (n) => '>'.repeat(n)], ['stars', (n) => '*'.repeat(n)], ['open stars', (n) => '*a '.repeat(n / 3)], ['brackets', (n) => '['.repeat(n)], ['open links', (n) => '[a]('.repeat(n / 4)], ['open images', (n) => '![['.repeat(n / 3)],
    ['lists', (n) => '- '.repeat(n / 2)], ['backslashed brackets', (n) => '[\\\\'.repeat(n / 3)], ['underscores', (n) => 'a_ _'.repeat(n / 4)], ['tildes', (n) => '~~a '.repeat(n / 4)], ['addresses', (n) => 'http://'.repeat(n / 7)], ['links', (n) => 'http://a.b '.repeat(n / 11)],
    ['references', (n) => '[a]: x\n'.repeat(n / 7)], ['dollars', (n) => '$'.repeat(n)], ['pairs of dollars', (n) => '$$ a '.repeat(n / 5)], ['open math', (n) => '$a '.repeat(n / 3)], ['comments', (n) => '<!--'.repeat(n / 4)], ['ampersands', (n) => '&'.repeat(n)], ['backticks', (n) => Array.from({ length: Math.sqrt(2 * n) }, (_, i) => '`'.repeat(i)).join(' ')],
    ['mentions', (n) => '@a '.repeat(n / 3)], ['ats', (n) => '@'.repeat(n)], ['pipes', (n) => `${'|'.repeat(n / 10)}\n${'|-'.repeat(n / 10)}\n${'|\n'.repeat(n / 3)}`],
  ])('of 10,000 characters of %s takes no time and no room', (_, make) => {
    const body = make(10_000).slice(0, 10_000);
    const startedAt = process.cpuUsage().user;
    const html = renderComment(body);
    mentionsIn(body);
    expect((process.cpuUsage().user - startedAt) / 1000).toBeLessThan(1000);
    expect(html.length).toBeLessThan(100_000);
    expect(faults(html)).toEqual([]);
  });
});

describe('mentions', () => {
  test.each<[string, string[]]>([
    ['@ada and @alan-t, @ada again. @GRACE_h!', ['ada', 'alan-t', 'grace_h']],
    ['(@ada) **@bob** _@carl_ "@dora" @emmy: @fritz/@gina', ['ada', 'bob', 'carl', 'dora', 'emmy', 'fritz']],
    ['me@ada.org, x.@ada, @ada@social.example, @ada.org, https://a.org/@ada, a+@ada', []],
    ['`@ada` ``x @bob`` [@carl](https://a.org) <https://a.org/ @dora>', ['dora']],
    ['```\n@ada\n```\n\n    @bob\n\n$@carl$', []],
    ['> @ada\n\n- @bob\n\n# @carl', ['ada', 'bob', 'carl']],
    ['@a @-ada @_ada @ @@ada @' + 'x'.repeat(40), []],
    ['é@ada \\@bob', ['bob']],
  ])('of %j', (body, names) => {
    expect(mentionsIn(body)).toEqual(names);
  });
});
