import type { OperationRecord } from '../telemetry/operation.js';
import type { Span } from '../telemetry/tracing.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The operation that came by this request; null before it is read, and where none is. */
    operation: OperationRecord | null;
    /** The request's span; null where it is not traced. */
    span: Span | null;
  }
}
