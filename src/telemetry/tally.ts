/** One line of a metric, in the form in which prom-client writes it. */
export interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a registry is told of a metric. */
interface Collected {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'histogram';
  readonly aggregator: 'sum';
  readonly values: readonly Sample[];
}

/** What a metric is called, and by which labels its series differ. */
export interface Described {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/**
 * The series of a metric by the values of their labels. Whoever adds to a series keeps it, or looks it up by one text:
 * prom-client's own metrics sort and hash the labels at each call, which takes a microsecond or two of the 26 that a shared
 * answer takes.
 */
abstract class Family<Series> {
  readonly name: string;
  readonly help: string;
  private readonly labels: readonly string[];
  private readonly series = new Map<string, Series>();

  constructor({ name, help, labels }: Described) {
    this.name = name;
    this.help = help;
    this.labels = labels;
  }

  /** The series with these values of the labels, in their order. */
  of(...values: readonly string[]): Series {
    const key = values.join('\n');
    const known = this.series.get(key);
    if (known !== undefined) return known;
    const made = this.make();
    this.series.set(key, made);
    return made;
  }

  protected abstract make(): Series;

  /** Each series with its labels. */
  protected labelled<Result>(tell: (labels: Readonly<Record<string, string>>, series: Series) => readonly Result[]): Result[] {
    return [...this.series].flatMap(([key, series]) => {
      const values = key.split('\n');
      return tell(Object.fromEntries(this.labels.map((label, place) => [label, values[place] ?? ''])), series);
    });
  }
}

/** What only grows. */
export interface Count {
  value: number;
}

/** Counts, one for each set of labels. */
export class Counts extends Family<Count> {
  get(): Promise<Collected> {
    const { name, help } = this;
    return Promise.resolve({ name, help, type: 'counter', aggregator: 'sum', values: this.labelled((labels, { value }) => [{ labels, value }]) });
  }

  protected make(): Count {
    return { value: 0 };
  }
}

/** How many of what was observed were at most so much, for each of some bounds. */
export class Distribution {
  /** Those between a bound and the one before; the last are beyond all bounds. */
  private readonly counts: Float64Array;
  private sum = 0;

  constructor(private readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let place = 0;
    while (place < bounds.length && value > (bounds[place] as number)) place += 1;
    counts[place] = (counts[place] as number) + 1;
    this.sum += value;
  }

  samples(name: string, labels: Readonly<Record<string, string>>): Sample[] {
    let count = 0;
    const buckets = [...this.bounds.map(String), '+Inf'].map((le, place) => {
      count += this.counts[place] as number;
      return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
    });
    return [...buckets, { metricName: `${name}_sum`, labels, value: this.sum }, { metricName: `${name}_count`, labels, value: count }];
  }
}

/** Distributions over the same bounds, one for each set of labels. */
export class Distributions extends Family<Distribution> {
  private readonly bounds: readonly number[];

  constructor({ bounds, ...described }: Described & { readonly bounds: readonly number[] }) {
    super(described);
    this.bounds = bounds;
  }

  get(): Promise<Collected> {
    const { name, help } = this;
    return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values: this.labelled((labels, series) => series.samples(name, labels)) });
  }

  protected make(): Distribution {
    return new Distribution(this.bounds);
  }
}
