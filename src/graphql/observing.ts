import type { ApolloServerPlugin } from '@apollo/server';
import { OperationTypeNode } from 'graphql';
import type { Telemetry } from '../telemetry/telemetry.js';
import type { RequestContext } from './requestContext.js';
import type { ToldErrors } from './toldErrors.js';

export interface Observing {
  readonly telemetry: Telemetry;
  readonly errors: ToldErrors;
  /** Called after each mutation, before its answer is sent. */
  readonly onMutation: () => void;
}

/** Tells what becomes of operations, whichever way they come: one plugin, since each costs a promise a request. */
export function observing({ telemetry, errors: told, onMutation }: Observing): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: ({ contextValue: { record } }) =>
      Promise.resolve({
        ...(record.span !== null && {
          parsingDidStart: () => phase(record, 'graphql.parse'),
          validationDidStart: () => phase(record, 'graphql.validate'),
        }),
        didEncounterErrors({ errors, contextValue: { requestId } }) {
          told.met(errors, requestId);
          return Promise.resolve();
        },
        willSendResponse({ operation, contextValue: { viewer }, response: { body } }) {
          if (operation?.operation === OperationTypeNode.MUTATION) onMutation();
          record.viewerId ??= viewer?.id ?? null;
          const [error] = body.kind === 'single' ? (body.singleResult.errors ?? []) : [];
          if (error !== undefined) record.outcome = String(error.extensions?.['code']);
          telemetry.operationEnded(record);
          return Promise.resolve();
        },
      }),
  };
}

/** Tells of a phase when it has ended. */
function phase({ span }: RequestContext['record'], name: string): Promise<() => Promise<void>> {
  const startedAt = performance.now();
  return Promise.resolve(() => {
    span?.note({ name, startedAt, attributes: {} });
    return Promise.resolve();
  });
}
