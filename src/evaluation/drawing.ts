import type { TopLevelSpec } from 'vega-lite';
import type { Plot } from './plots.js';

/** `currentColor` is the text colour of the page around the picture, so that one picture is for light and dark. */
const TEXT = 'currentColor';
const CONFIG = {
  background: 'transparent',
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  axis: { labelColor: TEXT, titleColor: TEXT, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', labelLimit: 200, labelFlush: false, gridColor: '#8884', domainColor: '#888', tickColor: '#888' },
  legend: { labelColor: TEXT, labelFontSize: 12, orient: 'bottom', columns: 3, title: null, symbolSize: 90, rowPadding: 6, labelLimit: 200 },
} as const;

/** Draws a plot as SVG. Vega is loaded at the first picture: nothing else waits for it. */
export async function draw({ spec }: Plot): Promise<string> {
  const { View, parse } = await import('vega');
  const { compile } = await import('vega-lite');
  const compiled = compile({ ...spec, config: CONFIG } as unknown as TopLevelSpec);
  const view = new View(parse(compiled.spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
