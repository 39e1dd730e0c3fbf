import { DiagLogLevel, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, diag, trace, type Context, type Span as ApiSpan, type SpanContext, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, BatchSpanProcessor, NodeTracerProvider, SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-node';
import { parentOf } from './traceParent.js';
import type { Attributes, Span, SpanFailure, Tracing } from './tracing.js';
import type { SamplerName, TracingConfig } from '../telemetrySettings.js';

export interface TracingOptions extends TracingConfig {
  readonly version: string;
  /** Told of spans that could not be sent, once a minute at most. */
  readonly onFailure: (message: string) => void;
}

/** How long a shutdown waits for the last spans to be sent. */
const CLOSE_MS = 5000;
const TELL_EVERY_MS = 60_000;

/** Sends spans to a collector, some at a time and behind the requests; what it cannot send in time is dropped. */
export function createTracing({ url, headers, timeoutMs, serviceName, attributes, sampler, ratio, version, onFailure }: TracingOptions): Tracing {
  const tell = tellOfFailures(onFailure);
  const provider = new NodeTracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.version': version, ...attributes, 'service.name': serviceName })),
    // What is begun has been decided.
    sampler: new AlwaysOnSampler(),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: timeoutMs }))],
  });
  const isTraced = decisionOf(sampler, ratio);
  const tracer = provider.getTracer('daily-papers', version);
  return {
    sample: (sent) => {
      const parent = sent.traceparent === undefined ? null : parentOf(sent);
      return isTraced(parent) ? { begin: (name, said) => begin(tracer, parent, { name, attributes: said }) } : null;
    },
    close: async () => {
      await Promise.race([provider.shutdown().catch((error: unknown) => { tell(String(error)); }), passing(CLOSE_MS)]);
      diag.disable();
    },
  };
}

function begin(tracer: Tracer, parent: SpanContext | null, { name, attributes }: { readonly name: string; readonly attributes: Attributes }): Span {
  const context = parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
  // The clock of the process runs evenly, that of the machine may be set: a trace goes by the one from where the other stood.
  const anchor = Date.now() - performance.now();
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes: { ...attributes }, startTime: anchor + performance.now() }, context);
  return new RecordedSpan(span, { tracer, anchor });
}

interface Recording {
  readonly tracer: Tracer;
  /** Milliseconds from 1970 to when performance.now() was 0. */
  readonly anchor: number;
}

class RecordedSpan implements Span {
  readonly traceId: string;
  private readonly context: Context;

  constructor(
    private readonly span: ApiSpan,
    private readonly recording: Recording,
  ) {
    this.traceId = span.spanContext().traceId;
    this.context = trace.setSpan(ROOT_CONTEXT, span);
  }

  begin(name: string, attributes: Attributes = {}): Span {
    const { tracer, anchor } = this.recording;
    const span = tracer.startSpan(name, { attributes: { ...attributes }, startTime: anchor + performance.now() }, this.context);
    return new RecordedSpan(span, this.recording);
  }

  note({ name, startedAt, attributes, isCall = false, failure = null }: Parameters<Span['note']>[0]): void {
    const { tracer, anchor } = this.recording;
    const kind = isCall ? SpanKind.CLIENT : SpanKind.INTERNAL;
    const span = tracer.startSpan(name, { kind, attributes: { ...attributes }, startTime: anchor + startedAt }, this.context);
    endSpan(span, anchor, failure);
  }

  rename(name: string): void {
    this.span.updateName(name);
  }

  set(attributes: Attributes): void {
    this.span.setAttributes({ ...attributes });
  }

  end(failure: SpanFailure | null = null): void {
    endSpan(this.span, this.recording.anchor, failure);
  }
}

function endSpan(span: ApiSpan, anchor: number, failure: SpanFailure | null): void {
  if (failure !== null) {
    span.setAttribute('error.type', failure.type);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end(anchor + performance.now());
}

type Decision = (parent: SpanContext | null) => boolean;

/**
 * Which requests are traced, as the samplers of these names decide. The library's would make an id for each request first, 1 µs of the
 * 26 of a shared answer. Without a parent chance is enough: this server asks nobody who would decide by the trace's id again.
 */
function decisionOf(name: SamplerName, ratio: number): Decision {
  switch (name) {
    case 'always_on':
      return () => true;
    case 'always_off':
      return () => false;
    case 'traceidratio':
      return byRatio(ratio);
    case 'parentbased_always_on':
      return byParent(() => true);
    case 'parentbased_always_off':
      return byParent(() => false);
    case 'parentbased_traceidratio':
      return byParent(byRatio(ratio));
  }
}

function byParent(otherwise: Decision): Decision {
  return (parent) => (parent === null ? otherwise(null) : (parent.traceFlags & TraceFlags.SAMPLED) !== 0);
}

function byRatio(ratio: number): Decision {
  const byId = new TraceIdRatioBasedSampler(ratio);
  return (parent) => (parent === null ? Math.random() < ratio : byId.shouldSample(ROOT_CONTEXT, parent.traceId).decision === SamplingDecision.RECORD_AND_SAMPLED);
}

/** The library says what goes wrong to a logger of its own alone, and of a collector that is down each few seconds. */
function tellOfFailures(onFailure: (message: string) => void): (message: string) => void {
  let toldAt = -Infinity;
  const tell = (message: string): void => {
    if (performance.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = performance.now();
    // An error comes as JSON, with its stack.
    onFailure(/"message":"([^"]*)"/.exec(message)?.[1] ?? message);
  };
  const quiet = (): void => undefined;
  diag.setLogger({ error: tell, warn: tell, info: quiet, debug: quiet, verbose: quiet }, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  return tell;
}

function passing(ms: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, ms).unref(); });
}
