import { z } from 'zod';

const flag = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .describe('true or false');

/** The variables that say what is told of the server's work. */
export const TELEMETRY_VARIABLES = {
  LOG_REQUESTS: flag.default(false),
  SLOW_REQUEST_MS: z.coerce.number().min(0).max(3_600_000).default(2000),
  SLOW_STATEMENT_MS: z.coerce.number().min(0).max(3_600_000).default(500),
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
}

/** Where metrics are; null for nowhere, and then nothing is counted. */
export interface MetricsConfig {
  /** A port of their own; null for the server's, which needs a token. */
  readonly port: number | null;
  /** What scrapers must send; null for nothing. */
  readonly token: string | null;
}

export function telemetryConfig({ LOG_REQUESTS, SLOW_REQUEST_MS, SLOW_STATEMENT_MS, METRICS_PORT, METRICS_TOKEN }: Values): TelemetryConfig {
  return {
    logRequests: LOG_REQUESTS,
    slowRequestMs: SLOW_REQUEST_MS,
    slowStatementMs: SLOW_STATEMENT_MS,
    metrics: METRICS_PORT === undefined && METRICS_TOKEN === undefined ? null : { port: METRICS_PORT ?? null, token: METRICS_TOKEN ?? null },
  };
}
