/** What a mail says, in plain text and in HTML: written once, so that both say the same. */
export interface Letter {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A part of a letter. */
export type Block =
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'action'; readonly label: string; readonly url: string }
  | { readonly kind: 'paper'; readonly title: string; readonly url: string | null; readonly byline: string; readonly reason: string }
  | { readonly kind: 'small'; readonly text: string; readonly link: { readonly label: string; readonly url: string } | null };

const LINE_CHARACTERS = 76;
const FONT = "font-family:-apple-system,'Segoe UI',Helvetica,Arial,sans-serif";
// Colours stand inline for mail clients that drop style sheets, and again here for those that know dark mode.
const DARK = `@media (prefers-color-scheme: dark) {
  body, .page { background: #16181c !important; color: #e6e6e6 !important }
  .title, .heading { color: #f2f2f2 !important }
  a.title { color: #9cc3ff !important }
  .muted, .muted a { color: #a3a8b0 !important }
  .rule { border-color: #33373d !important }
  .action { background: #9cc3ff !important; color: #10233d !important }
}`;

/** The letter; `subject` is its heading too. */
export function letterOf(subject: string, blocks: readonly Block[]): Letter {
  const text = [wrapped(subject), ...blocks.map(textOf)].join('\n\n');
  return { subject, text: `${text}\n`, html: pageOf(subject, `<h1 class="heading" style="margin:0 0 20px;font-size:20px;line-height:1.3;color:#1a1a1a">${escaped(subject)}</h1>\n${blocks.map(htmlOf).join('\n')}`) };
}

/** A page of HTML that needs nothing from elsewhere. */
export function pageOf(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escaped(title)}</title>
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark }
${DARK}
</style>
</head>
<body style="margin:0;padding:0;background:#ffffff;color:#1a1a1a">
<div class="page" style="max-width:600px;margin:0 auto;padding:24px 20px;background:#ffffff;color:#1a1a1a;${FONT};font-size:16px;line-height:1.5">
${content}
</div>
</body>
</html>
`;
}

/** Text as HTML has it, within elements and attributes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function textOf(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return wrapped(block.text);
    case 'action':
      return `${block.label}:\n${block.url}`;
    case 'paper':
      return [wrapped(block.title), ...[block.byline, block.reason].filter((line) => line !== '').map((line) => wrapped(line, '  ')), ...(block.url === null ? [] : [`  ${block.url}`])].join('\n');
    case 'small':
      return `-- \n${wrapped(block.text)}${block.link === null ? '' : `\n${block.link.label}: ${block.link.url}`}`;
  }
}

function htmlOf(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p style="margin:0 0 16px">${escaped(block.text)}</p>`;
    case 'action':
      return `<p style="margin:24px 0"><a class="action" href="${escaped(block.url)}" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#1a56b0;color:#ffffff;text-decoration:none;font-weight:600">${escaped(block.label)}</a></p>`;
    case 'paper': {
      const style = 'font-size:17px;line-height:1.35;font-weight:600;text-decoration:none';
      const title = block.url === null ? `<span class="heading" style="${style};color:#1a1a1a">${escaped(block.title)}</span>` : `<a class="title" href="${escaped(block.url)}" style="${style};color:#1a56b0">${escaped(block.title)}</a>`;
      const byline = block.byline === '' ? '' : `<div class="muted" style="margin-top:2px;font-size:14px;color:#5f6368">${escaped(block.byline)}</div>`;
      return `<div class="rule" style="padding:14px 0;border-top:1px solid #e3e5e8">${title}${byline}<div style="margin-top:6px;font-size:15px">${escaped(block.reason)}</div></div>`;
    }
    case 'small': {
      const link = block.link === null ? '' : ` <a href="${escaped(block.link.url)}" style="color:#5f6368">${escaped(block.link.label)}</a>`;
      return `<p class="muted rule" style="margin:20px 0 0;padding-top:14px;border-top:1px solid #e3e5e8;font-size:13px;color:#5f6368">${escaped(block.text)}${link}</p>`;
    }
  }
}

/** Lines of at most 76 characters, but for longer words. */
function wrapped(text: string, indent = ''): string {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (line.length > indent.length && line.length + 1 + word.length > LINE_CHARACTERS) {
      lines.push(line);
      line = indent;
    }
    line += line.length > indent.length ? ` ${word}` : word;
  }
  return [...lines, line].join('\n');
}
