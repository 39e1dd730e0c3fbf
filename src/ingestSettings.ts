/** What is configured of one source. */
export interface SourceSettings {
  /** A cron expression in UTC; null runs it only when somebody asks. */
  readonly schedule: string | null;
  /** What its scheduled runs ask for, in words as on the command line. */
  readonly options: readonly string[];
  /** Root of the service's addresses in place of the source's own, without a slash at its end. */
  readonly url: string | null;
  readonly token: string | null;
}

export interface IngestSettings {
  /** By the source's name, which only the sources can tell from a mistyped one. */
  readonly sources: ReadonlyMap<string, SourceSettings>;
  /** Who answers for the requests that imports make, for the services that they ask: an address or a page. */
  readonly contact: string | null;
}

type Kind = 'SCHEDULE' | 'OPTIONS' | 'URL' | 'TOKEN';

const NOTHING: SourceSettings = { schedule: null, options: [], url: null, token: null };
// Of a name's own words the last one counts: INGEST_A_URL_TOKEN is the token of `a-url`.
const VARIABLE = /^INGEST_([A-Z0-9]+(?:_[A-Z0-9]+)*)_(SCHEDULE|OPTIONS|URL|TOKEN)$/;
const CONTACT = 'INGEST_CONTACT';

/** The variables INGEST_<SOURCE>_… by source, and a line for each that is wrong. Values of tokens are never shown. */
export function readSourceSettings(set: Readonly<Record<string, string | undefined>>): {
  readonly sources: ReadonlyMap<string, SourceSettings>;
  readonly faults: readonly string[];
} {
  const sources = new Map<string, SourceSettings>();
  const faults: string[] = [];
  for (const [variable, value] of Object.entries(set)) {
    if (!variable.startsWith('INGEST_') || variable === CONTACT || value === undefined) continue;
    const [, words, kind] = VARIABLE.exec(variable) ?? [];
    if (words === undefined) {
      faults.push(`${variable}: must be ${CONTACT}, or INGEST_<SOURCE> with _SCHEDULE, _OPTIONS, _URL or _TOKEN`);
      continue;
    }
    const source = words.toLowerCase().replaceAll('_', '-');
    const setting = settingOf(kind as Kind, value);
    if (typeof setting === 'string') faults.push(`${variable}: ${setting}`);
    else sources.set(source, { ...(sources.get(source) ?? NOTHING), ...setting });
  }
  return { sources, faults };
}

/** The variable that says this of a source. */
export function variableOf(source: string, kind: Kind): string {
  return `INGEST_${source.toUpperCase().replaceAll('-', '_')}_${kind}`;
}

function settingOf(kind: Kind, value: string): Partial<SourceSettings> | string {
  switch (kind) {
    case 'SCHEDULE':
      return { schedule: value };
    case 'OPTIONS': {
      const options = wordsOf(value);
      return options === null ? `must close its quotes, received ${JSON.stringify(value)}` : { options };
    }
    case 'URL':
      if (!/^https?:\/\//.test(value) || !URL.canParse(value)) return `must be an http or https address, received ${JSON.stringify(value)}`;
      return { url: value.replace(/\/+$/, '') };
    case 'TOKEN':
      return { token: value };
  }
}

// Quotes hold words together as in a shell, and are all of a shell that is understood: nothing is expanded.
function wordsOf(text: string): string[] | null {
  const rest = text.replace(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g, '');
  if (rest.trim() !== '') return null;
  return (text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}
