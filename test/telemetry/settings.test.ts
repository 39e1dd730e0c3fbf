import { describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig, type Config } from '../../src/config.js';

const read = (environment: Record<string, string>): Config['telemetry'] => readConfig(environment).telemetry;
const faultOf = (environment: Record<string, string>): string => {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
};

describe('what is told of the server’s work', () => {
  test('is what is slow, and nothing else, unless more is asked for', () => {
    expect(read({})).toEqual({ logRequests: false, slowRequestMs: 2000, slowStatementMs: 500, metrics: null, tracing: null });
    expect(read({ METRICS_PORT: '9464', LOG_REQUESTS: 'true', SLOW_REQUEST_MS: '0' })).toMatchObject({ logRequests: true, slowRequestMs: 0, metrics: { port: 9464, token: null } });
    expect(read({ METRICS_TOKEN: 'a-token-of-the-scraper' }).metrics).toEqual({ port: null, token: 'a-token-of-the-scraper' });
  });

  test('is refused where it cannot be', () => {
    expect(faultOf({ METRICS_TOKEN: 'short' })).toContain('METRICS_TOKEN: must have at least 16 characters');
    expect(faultOf({ METRICS_PORT: '4000', PORT: '4000' })).toContain('METRICS_PORT: must be another port than PORT');
    expect(faultOf({ SLOW_STATEMENT_MS: '-1' })).toContain('SLOW_STATEMENT_MS');
  });
});

describe('OpenTelemetry’s variables', () => {
  test('mean what they mean elsewhere', () => {
    expect(read({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/', OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20key, x=1', OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x=2', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_SERVICE_NAME: 'papers', OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,deployment.environment.name=live', OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01',
    }).tracing).toEqual({
      url: 'http://collector:4318/v1/traces', headers: { 'api-key': 'a key', x: '2' }, timeoutMs: 10_000, serviceName: 'papers',
      attributes: { 'service.name': 'other', 'deployment.environment.name': 'live' }, sampler: 'parentbased_traceidratio', ratio: 0.01,
    });
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:1', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://b/spans', OTEL_RESOURCE_ATTRIBUTES: 'service.name=other' }).tracing).toMatchObject({ url: 'https://b/spans', serviceName: 'other', sampler: 'parentbased_always_on', ratio: 1 });
    for (const off of [{ OTEL_SDK_DISABLED: 'true' }, { OTEL_TRACES_EXPORTER: 'none' }] as Record<string, string>[]) expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:1', ...off }).tracing).toBeNull();
  });

  test('are refused by name, without their secrets', () => {
    expect(faultOf({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toContain('OTEL_EXPORTER_OTLP_PROTOCOL: must be http/json or http/protobuf');
    expect(faultOf({ OTEL_TRACES_SAMPLER: 'jaeger_remote' })).toContain('OTEL_TRACES_SAMPLER');
    expect(faultOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' })).toContain('OTEL_EXPORTER_OTLP_ENDPOINT: must be an http or https address');
    const fault = faultOf({ OTEL_EXPORTER_OTLP_HEADERS: 'secretive%ZZ' });
    expect(fault).toContain('OTEL_EXPORTER_OTLP_HEADERS: must be key=value pairs');
    expect(fault).not.toContain('secretive');
  });
});
