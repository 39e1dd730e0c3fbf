import type { Sample } from './tally.js';

/** A value, or one for each set of labels. */
export type ReadValue = number | readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];

export interface ReadDescription {
  readonly name: string;
  readonly help: string;
  /** Whether it goes up and down, or only grows while the process runs. */
  readonly type: 'gauge' | 'counter';
}

/** A metric that is read when it is asked for; null, and what cannot be read, is left out. */
export class ReadMetric {
  readonly name: string;

  constructor(
    private readonly description: ReadDescription,
    private readonly read: () => ReadValue | null | Promise<ReadValue | null>,
  ) {
    this.name = description.name;
  }

  async get(): Promise<ReadDescription & { readonly aggregator: 'sum'; readonly values: readonly Sample[] }> {
    return { ...this.description, aggregator: 'sum', values: await this.samples() };
  }

  private async samples(): Promise<Sample[]> {
    try {
      const value = await this.read();
      if (value === null) return [];
      return typeof value === 'number' ? [{ labels: {}, value }] : value.map(([labels, one]) => ({ labels, value: one }));
    } catch {
      // One value that is missing must not take all others with it.
      return [];
    }
  }
}
