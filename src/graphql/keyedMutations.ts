import { GraphQLString, defaultFieldResolver, getNamedType, isInputObjectType, isLeafType, isObjectType, type GraphQLArgument, type GraphQLField, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import { Extensions } from 'type-graphql';
import { DomainError, badInput, type ErrorCode } from '../errors.js';
import { rulesByField, type Rule } from './authorization.js';
import { requireViewer, type Context } from './context.js';
import { KEY_ARGUMENT, argumentsHash, selectionHash, type IdempotencyKeys, type KeyedStep } from './idempotencyKey.js';

/** Ends a resolver whose answer was given before, and which must not run. */
export class AnsweredBefore extends Error {
  override readonly name = 'AnsweredBefore';
}

const KEY = /^[ -~]{1,255}$/;

const ANSWERED = 'is answered as it was';
const DESCRIPTION = `Names this use, by 1 to 255 printable ASCII characters: sent again with the same arguments within 24 hours, unless configured, it is not done again and ${ANSWERED}. Errors: BAD_USER_INPUT, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS, RATE_LIMITED.`;
const SECRET_DESCRIPTION = DESCRIPTION.replace(ANSWERED, 'is answered with CONFLICT, as its answer has a secret, which is not kept');

/** Says of a mutation that its answer has a secret, so that it must not be kept. */
export function AnswersSecret(): MethodDecorator {
  return Extensions({ answersSecret: true });
}

/**
 * Lets each mutation take an idempotency key, but for those that nobody must be signed in for, as keys are a reader's, and those
 * that take a password, of which no hash is kept among those of arguments.
 */
export function takeKeys(schema: GraphQLSchema, rules: readonly Rule[], keys: IdempotencyKeys): void {
  const byField = rulesByField(rules);
  for (const field of Object.values<Mutation>(schema.getMutationType()?.getFields() ?? {})) {
    if (byField.get(`Mutation.${field.name}`)?.who === 'ANYONE' || takesPassword(field)) continue;
    const isSecret = answersSecret(field);
    const argument: GraphQLArgument = {
      name: KEY_ARGUMENT, description: isSecret ? SECRET_DESCRIPTION : DESCRIPTION, type: GraphQLString, defaultValue: undefined, deprecationReason: undefined, extensions: {}, astNode: undefined,
    };
    field.args = [...field.args, argument];
    field.resolve = keyed(field.resolve ?? defaultFieldResolver, { isSecret, keys });
  }
}

type Mutation = GraphQLField<unknown, Context>;
type Resolve = GraphQLFieldResolver<unknown, Context, Record<string, unknown>>;
type Asked = Parameters<Resolve>;

function takesPassword({ args }: Mutation): boolean {
  return args.some(({ name, type }) => {
    const named = getNamedType(type);
    return /password/i.test(name) || (isInputObjectType(named) && Object.keys(named.getFields()).some((field) => /password/i.test(field)));
  });
}

// By the names, too, so that a token is not kept because somebody forgot to say that it is one.
function answersSecret({ type, extensions }: Mutation): boolean {
  const named = getNamedType(type);
  const leaves = isObjectType(named) ? Object.values(named.getFields()).filter((field) => isLeafType(getNamedType(field.type))) : [];
  return extensions['answersSecret'] === true || leaves.some(({ name }) => /(token|secret)$/i.test(name));
}

function keyed(resolve: Resolve, { isSecret, keys }: { readonly isSecret: boolean; readonly keys: IdempotencyKeys }): Resolve {
  return (...asked) => {
    const { [KEY_ARGUMENT]: key, ...others } = asked[1];
    return key == null ? resolve(...asked) : resolveOnce(key, others, asked);
  };

  async function resolveOnce(key: unknown, others: Record<string, unknown>, [source, , context, info]: Asked): Promise<unknown> {
    if (typeof key !== 'string' || !KEY.test(key)) throw badInput(KEY_ARGUMENT, 'must have 1 to 255 printable ASCII characters', key);
    const { id: viewerId } = requireViewer(context);
    const asked = { argumentsHash: argumentsHash(others), selectionHash: selectionHash(info, standingOf(context)) };
    const taken = await keys.take({ viewerId, key, mutation: info.fieldName, ...asked, isSecret });
    if ('answer' in taken) {
      context.keyedStep = taken;
      throw new AnsweredBefore();
    }
    const step: KeyedStep = { holder: taken, refusal: null };
    context.keyedStep = step;
    try {
      return await taken.run(() => resolve(source, others, context, info));
    } catch (error) {
      step.refusal = refusalOf(error);
      throw error;
    }
  }
}

/** What decides, beside whose it is, how much a token is told: an answer is kept for tokens that are told as much. */
function standingOf(context: Context): string {
  return `${requireViewer(context).role} ${context.unread === null ? 'reads' : 'does not read'}`;
}

/** Why the mutation was looked at and not done; null where the server was not able to, and some of it may be. */
function refusalOf(error: unknown): ErrorCode | null {
  return error instanceof DomainError && error.code !== 'UNAVAILABLE' && error.code !== 'IDEMPOTENCY_IN_PROGRESS' ? error.code : null;
}
