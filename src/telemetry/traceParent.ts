import { TraceFlags, createTraceState, type SpanContext } from '@opentelemetry/api';
import type { TraceHeaders } from './tracing.js';

const PARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const LONGEST_STATE = 512;

/** The span that a request was sent from, by https://www.w3.org/TR/trace-context/; null for none, and for what is none. */
export function parentOf({ traceparent, tracestate }: TraceHeaders): SpanContext | null {
  const [, version, traceId, spanId, flags = '00', more] = (typeof traceparent === 'string' ? PARENT.exec(traceparent) : null) ?? [];
  if (version === undefined || traceId === undefined || spanId === undefined) return null;
  // Later versions may say more at the end, this one may not.
  const isWrong = version === 'ff' || (version === '00' && more !== undefined) || /^0+$/.test(traceId) || /^0+$/.test(spanId);
  if (isWrong) return null;
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  const traceState = typeof tracestate === 'string' && tracestate.length <= LONGEST_STATE ? createTraceState(tracestate) : undefined;
  return { traceId, spanId, traceFlags, isRemote: true, ...(traceState !== undefined && { traceState }) };
}
