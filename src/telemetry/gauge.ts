import type { Sample } from './tally.js';

/** A value, or one for each set of labels. */
export type GaugeValue = number | readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];

/** A metric that is read when it is asked for; null, and what cannot be read, is left out. */
export class Gauge {
  constructor(
    readonly name: string,
    readonly help: string,
    private readonly read: () => GaugeValue | null | Promise<GaugeValue | null>,
  ) {}

  async get(): Promise<{ readonly name: string; readonly help: string; readonly type: 'gauge'; readonly aggregator: 'sum'; readonly values: readonly Sample[] }> {
    const { name, help } = this;
    return { name, help, type: 'gauge', aggregator: 'sum', values: await this.samples() };
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
