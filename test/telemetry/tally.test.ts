import { describe, expect, test } from '@jest/globals';
import client from 'prom-client';
import { Metrics } from '../../src/telemetry/metrics.js';
import { ANONYMOUS, OTHER, OperationNames } from '../../src/telemetry/operationNames.js';
import { OperationRecord } from '../../src/telemetry/operation.js';
import { Counts, Distributions } from '../../src/telemetry/tally.js';
import { parseExposition, valueOf } from '../support/exposition.js';
import { chance } from '../support/random.js';

describe('a distribution', () => {
  test('says what prom-client’s own histogram says of the same', async () => {
    const bounds = [0.001, 0.01, 0.1, 1];
    const registry = new client.Registry();
    const theirs = new client.Histogram({ name: 'some_seconds', help: 'Some.', labelNames: ['way'], buckets: bounds, registers: [registry] });
    const ours = new Distributions({ name: 'some_seconds', help: 'Some.', labels: ['way'], bounds });
    const random = chance(1);
    const values = [...bounds, 0, 2, ...Array.from({ length: 500 }, () => 10 ** (5 * random.number() - 4))];
    for (const value of values) {
      for (const way of value > 0.05 ? ['slow', 'all'] : ['all']) {
        theirs.observe({ way }, value);
        ours.of(way).observe(value);
      }
    }
    const own = new client.Registry();
    own.registerMetric(ours as unknown as client.Metric);
    // Labels of a line have no order.
    const linesOf = (text: string): string[] => text.split('\n').map((line) => line.replace(/\{(.*)\}/, (_, inside: string) => inside.split(',').sort().join())).sort();
    expect(linesOf(await own.metrics())).toEqual(linesOf(await registry.metrics()));
  });
});

describe('counts', () => {
  test('are kept by all of their labels, whatever stands in them', async () => {
    const counts = new Counts({ name: 'some_total', help: 'Some.', labels: ['a', 'b'] });
    counts.of('x', 'y z').value += 2;
    counts.of('x y', 'z').value += 3;
    counts.of('x', 'y z').value += 4;
    const registry = new client.Registry();
    registry.registerMetric(counts as unknown as client.Metric);
    const metrics = parseExposition(await registry.metrics());
    expect([valueOf(metrics, 'some_total', { a: 'x' }), valueOf(metrics, 'some_total', { a: 'x y' })]).toEqual([6, 3]);
  });
});

describe('names of operations', () => {
  test('that are huge are cut where they are noted', () => {
    const record = new OperationRecord('id', 'http');
    record.identify('query', 'x'.repeat(1_000_000));
    expect([record.type, record.name]).toEqual(['query', `${'x'.repeat(100)}…`]);
  });

  test('are labels once they have come often, and as many as there is room for', () => {
    const names = new OperationNames({ mostNames: 2, usesBefore: 3 });
    const labels = (name: string | null, times: number): string[] => Array.from({ length: times }, () => names.labelOf(name));
    expect(labels('Feed', 5)).toEqual([OTHER, OTHER, OTHER, 'Feed', 'Feed']);
    expect(labels('Paper', 4).at(-1)).toBe('Paper');
    expect(labels('Third', 10).at(-1)).toBe(OTHER);
    expect(labels('Feed', 1)).toEqual(['Feed']);
    expect(labels(null, 2)).toEqual([ANONYMOUS, ANONYMOUS]);
  });

  test('that are long, or come once each, take no room', () => {
    const names = new OperationNames({ mostNames: 1, usesBefore: 1 });
    for (let made = 0; made < 5000; made += 1) expect(names.labelOf(`Made${made}`)).toBe(OTHER);
    for (let time = 0; time < 3; time += 1) expect(names.labelOf('x'.repeat(101))).toBe(OTHER);
    names.labelOf('Own');
    expect(names.labelOf('Own')).toBe('Own');
  });
});

describe('metrics', () => {
  test('have a bounded number of series, whatever comes', async () => {
    const registry = new client.Registry();
    const metrics = new Metrics(registry, { mostNames: 5, usesBefore: 0 });
    for (let made = 0; made < 1000; made += 1) {
      metrics.operationEnded(Object.assign(new OperationRecord('id', 'http'), { type: 'query', name: `Made${made}`, way: 'compiled', cost: made }), made);
    }
    const exposed = parseExposition(await registry.metrics());
    expect(exposed.get('graphql_operations_total')!.series).toHaveLength(6);
    expect(valueOf(exposed, 'graphql_operations_total', { operation: OTHER })).toBe(995);
    expect(valueOf(exposed, 'graphql_operation_cost_points_sum', { type: 'query' })).toBe(499_500);
  });

  test('leave out a value that cannot be read, and none beside it', async () => {
    const registry = new client.Registry();
    const metrics = new Metrics(registry);
    metrics.addGauge('broken', 'Throws.', () => { throw new Error('made up'); });
    metrics.addGauge('missing', 'Is not there.', () => null);
    metrics.addGauge('whole', 'Is there.', () => [[{ of: 'a "b"\n' }, 7]]);
    const exposed = parseExposition(await registry.metrics());
    expect([exposed.get('broken')!.series, exposed.get('missing')!.series, exposed.get('whole')!.series.map(({ value }) => value)]).toEqual([[], [], [7]]);
  });
});
