import { z } from 'zod';

const flag = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .describe('true or false');

const SAMPLERS = ['always_on', 'always_off', 'traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'] as const;
export type SamplerName = (typeof SAMPLERS)[number];

const collector = z.url({ protocol: /^https?$/, error: 'must be an http or https address' });
// What is sent is JSON, which each collector takes where it takes protobuf.
const protocol = z.enum(['http/json', 'http/protobuf'], { error: 'must be http/json or http/protobuf: spans are sent by HTTP, as JSON' });
const pairs = z.string().transform(pairsOf);

/** `key=value,key2=value2` with values in percent-encoding, as OpenTelemetry's variables have them. */
function pairsOf(text: string, context: z.RefinementCtx): Readonly<Record<string, string>> {
  try {
    const entries = text.split(',').filter((part) => part.trim() !== '').map((part) => {
      const [key = '', ...value] = part.split('=');
      if (key.trim() === '' || value.length === 0) throw new URIError();
      return [key.trim(), decodeURIComponent(value.join('=').trim())] as const;
    });
    return Object.fromEntries(entries);
  } catch {
    // Not what was received: headers have secrets.
    context.addIssue('must be key=value pairs with commas between, values in percent-encoding');
    return z.NEVER;
  }
}

/** The variables that say what is told of the server's work. */
export const TELEMETRY_VARIABLES = {
  LOG_REQUESTS: flag.default(false),
  SLOW_REQUEST_MS: z.coerce.number().min(0).max(3_600_000).default(2000),
  SLOW_STATEMENT_MS: z.coerce.number().min(0).max(3_600_000).default(500),
  OTEL_SDK_DISABLED: flag.default(false),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none']).default('otlp'),
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol.optional(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: pairs.optional(),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: pairs.optional(),
  OTEL_EXPORTER_OTLP_TIMEOUT: z.coerce.number().int().min(1).max(600_000).default(10_000),
  OTEL_SERVICE_NAME: z.string().max(200, 'must have at most 200 characters').optional(),
  OTEL_RESOURCE_ATTRIBUTES: pairs.default({}),
  OTEL_TRACES_SAMPLER: z.enum(SAMPLERS).default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  METRICS_PORT: z.coerce.number().int().min(0).max(65535).optional(),
  METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').max(512, 'must have at most 512 characters').regex(/^[\x21-\x7e]+$/, 'must be of visible ASCII characters').optional(),
};

type Values = z.output<z.ZodObject<typeof TELEMETRY_VARIABLES>>;

export interface TelemetryConfig {
  /** Whether each request has a line in the log. */
  readonly logRequests: boolean;
  /** From how many milliseconds on an operation or a statement is logged as slow; 0 for never. */
  readonly slowRequestMs: number;
  readonly slowStatementMs: number;
  readonly metrics: MetricsConfig | null;
  /** Where spans are sent; null for nowhere. */
  readonly tracing: TracingConfig | null;
}

export interface TracingConfig {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly serviceName: string;
  /** What the spans' origin is called by besides. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly sampler: SamplerName;
  /** Which part of the traces is sent, by samplers that go by it. */
  readonly ratio: number;
}

/** Where metrics are; null for nowhere, and then nothing is counted. */
export interface MetricsConfig {
  /** A port of their own; null for the server's, which needs a token. */
  readonly port: number | null;
  /** What scrapers must send; null for nothing. */
  readonly token: string | null;
}

export function telemetryConfig(values: Values): TelemetryConfig {
  const { LOG_REQUESTS, SLOW_REQUEST_MS, SLOW_STATEMENT_MS, METRICS_PORT, METRICS_TOKEN } = values;
  return {
    logRequests: LOG_REQUESTS,
    slowRequestMs: SLOW_REQUEST_MS,
    slowStatementMs: SLOW_STATEMENT_MS,
    metrics: METRICS_PORT === undefined && METRICS_TOKEN === undefined ? null : { port: METRICS_PORT ?? null, token: METRICS_TOKEN ?? null },
    tracing: tracingConfig(values),
  };
}

// OpenTelemetry's own variables, by its specification: an operator sets them alike for each service.
function tracingConfig(values: Values): TracingConfig | null {
  const url = values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (values.OTEL_EXPORTER_OTLP_ENDPOINT === undefined ? null : `${values.OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/+$/, '')}/v1/traces`);
  if (url === null || values.OTEL_SDK_DISABLED || values.OTEL_TRACES_EXPORTER === 'none') return null;
  return {
    url,
    headers: { ...values.OTEL_EXPORTER_OTLP_HEADERS, ...values.OTEL_EXPORTER_OTLP_TRACES_HEADERS },
    timeoutMs: values.OTEL_EXPORTER_OTLP_TIMEOUT,
    serviceName: values.OTEL_SERVICE_NAME ?? values.OTEL_RESOURCE_ATTRIBUTES['service.name'] ?? 'daily-papers',
    attributes: values.OTEL_RESOURCE_ATTRIBUTES,
    sampler: values.OTEL_TRACES_SAMPLER,
    ratio: values.OTEL_TRACES_SAMPLER_ARG,
  };
}
