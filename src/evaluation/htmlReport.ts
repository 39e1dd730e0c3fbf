import type { Fact } from './facts.js';
import type { Plot } from './plots.js';
import type { Table } from './tables.js';

export interface Report {
  readonly title: string;
  readonly facts: readonly Fact[];
  readonly pictures: readonly { readonly plot: Plot; readonly svg: string }[];
  readonly tables: readonly Table[];
}

// The policy lets the page load nothing at all: it is the same from a disk, in a mail and without a network.
const HEAD = `<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`;

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --shade: #8881; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 68rem; font: 16px/1.5 system-ui, sans-serif; color: #1c2024; background: #fff; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: 0; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); gap: 2rem; }
figure { margin: 0; min-width: 0; }
figcaption { margin-bottom: .5rem; font-size: .9rem; }
figcaption strong { display: block; font-size: 1rem; }
svg { display: block; max-width: 100%; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: start; font-weight: 600; padding-bottom: .4rem; }
th, td { padding: .25rem .7rem; text-align: end; white-space: nowrap; border-bottom: 1px solid var(--line); }
thead th { white-space: normal; vertical-align: bottom; }
th:first-child { text-align: start; }
tbody tr:hover { background: var(--shade); }
.scroll + .scroll { margin-top: 1.75rem; }
@media (prefers-color-scheme: dark) { body { color: #e6e8ea; background: #14171a; } }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
`;

/** A page that needs nothing beside itself. */
export function toHtml({ title, facts, pictures, tables }: Report): string {
  return `<!doctype html>
<html lang="en">
<head>
${HEAD}
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<dl>
${facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('\n')}
</dl>
<h2>Pictures</h2>
<div class="pictures">
${pictures.map(({ plot, svg }) => figureOf(plot, svg)).join('\n')}
</div>
<h2>Figures</h2>
${tables.map(tableOf).join('\n')}
</body>
</html>
`;
}

/** A drawing is markup already. It is one image to a screen reader: the tables have its figures. */
function figureOf({ title, description }: Plot, svg: string): string {
  const named = svg.replace('<svg ', () => `<svg role="img" aria-label="${escaped(`${title}. ${description}`)}" `);
  return `<figure><figcaption><strong>${escaped(title)}</strong>${escaped(description)}</figcaption>\n${named}</figure>`;
}

function tableOf({ title, header, rows }: Table): string {
  const heads = header.map((name) => `<th scope="col">${escaped(name)}</th>`).join('');
  const lines = rows.map(([name = '', ...cells]) => `<tr><th scope="row">${escaped(name)}</th>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`);
  // A region that scrolls must be reached by the keyboard too.
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escaped(title)}"><table>
<caption>${escaped(title)}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table></div>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
