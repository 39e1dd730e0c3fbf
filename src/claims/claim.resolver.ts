import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { AuthorLoaders } from '../authors/author.loaders.js';
import type { AuthorService } from '../authors/author.service.js';
import { Author } from '../authors/author.type.js';
import { connectionOf, toPage, type Connection } from '../graphql/connection.js';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { rowIdOf } from '../graphql/globalId.js';
import { checkedText, checkedUrl } from '../inputRules.js';
import type { UserLoaders } from '../users/user.loaders.js';
import { User } from '../users/user.type.js';
import { toClaim, type ClaimService } from './claim.service.js';
import {
  AuthorshipClaim,
  AuthorshipClaimConnection,
  AuthorshipClaimsArgs,
  CLAIMS_A_DAY,
  ClaimAuthorshipInput,
  ClaimAuthorshipPayload,
  MAX_NOTE_CHARACTERS,
  MOST_PENDING,
  ResolveClaimInput,
  ResolveClaimPayload,
  UnlinkAuthorInput,
  UnlinkAuthorPayload,
  WithdrawClaimInput,
  WithdrawClaimPayload,
} from './claim.type.js';
import type { ClaimWriter } from './claimWriter.service.js';

@Resolver(() => AuthorshipClaim)
export class ClaimResolver {
  constructor(
    private readonly services: { readonly claims: ClaimService; readonly claimWriter: ClaimWriter; readonly authors: AuthorService },
    private readonly load: { readonly authors: AuthorLoaders; readonly users: UserLoaders },
  ) {}

  @Query(() => AuthorshipClaimConnection, { description: 'What readers claim, the latest first. Needs the role CURATOR. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN.' })
  async authorshipClaims(@Args(() => AuthorshipClaimsArgs) args: AuthorshipClaimsArgs): Promise<Connection<AuthorshipClaim>> {
    const state = args.state ?? null;
    const page = await this.services.claims.list(state, toPage(args));
    return connectionOf(page, toClaim, () => this.services.claims.count(state));
  }

  @FieldResolver(() => User, { nullable: true, description: 'Who claims it; null when the account is gone by now.' })
  claimant(@Root() claim: AuthorshipClaim, @Ctx() context: Context): Promise<User | null> {
    return this.load.users(context).byId.load(claim.userId);
  }

  @FieldResolver(() => Author, { nullable: true, description: 'The author whom the reader claims to be; null when gone by now.' })
  author(@Root() claim: AuthorshipClaim, @Ctx() context: Context): Promise<Author | null> {
    return this.load.authors(context).byId.load(claim.authorId);
  }

  @FieldResolver(() => User, { nullable: true, description: 'Who decided, for curators; null where nobody did, and when the account is gone.' })
  resolver(@Root() claim: AuthorshipClaim, @Ctx() context: Context): Promise<User | null> | null {
    return claim.resolverId === null ? null : this.load.users(context).byId.load(claim.resolverId);
  }

  @Mutation(() => ClaimAuthorshipPayload, {
    description: `Tells curators that the viewer is an author; while the claim is pending or confirmed, repeating it changes nothing. At most ${MOST_PENDING} may be pending, and ${CLAIMS_A_DAY} made in 24 hours. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND, CONFLICT where the author is another reader or too many are pending, RATE_LIMITED.`,
  })
  async claimAuthorship(@Ctx() context: Context, @Arg('input', () => ClaimAuthorshipInput) input: ClaimAuthorshipInput): Promise<ClaimAuthorshipPayload> {
    const { id: userId } = requireViewer(context);
    const payload = await this.services.claimWriter.add({
      userId,
      authorId: rowIdOf('Author', input.authorId, 'authorId'),
      note: checkedNote('note', input.note),
      evidenceUrl: input.evidenceUrl == null ? null : checkedUrl('evidenceUrl', input.evidenceUrl),
    });
    forgetReads(context);
    return payload;
  }

  @Mutation(() => WithdrawClaimPayload, {
    description: "Takes a pending claim of the viewer's back; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND, CONFLICT where it was decided.",
  })
  async withdrawClaim(@Ctx() context: Context, @Arg('input', () => WithdrawClaimInput) input: WithdrawClaimInput): Promise<WithdrawClaimPayload> {
    const { id } = requireViewer(context);
    const claim = await this.services.claimWriter.withdraw(id, rowIdOf('AuthorshipClaim', input.claimId, 'claimId'));
    forgetReads(context);
    return { claim };
  }

  @Mutation(() => ResolveClaimPayload, {
    description:
      'Decides a claim; repeating it changes nothing. Confirming links the author to the reader, and rejects what others claim of the author. Needs the role CURATOR. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN also for the viewer’s own claim, NOT_FOUND, CONFLICT where it was decided in another way, the author is another reader, or the reader is 100 authors already.',
  })
  async resolveClaim(@Ctx() context: Context, @Arg('input', () => ResolveClaimInput) input: ResolveClaimInput): Promise<ResolveClaimPayload> {
    const moderator = requireViewer(context);
    const claimId = rowIdOf('AuthorshipClaim', input.claimId, 'claimId');
    const note = input.note == null ? null : checkedNote('note', input.note);
    const claim = await this.services.claimWriter.resolve({ claimId, resolution: input.resolution, note, moderator });
    forgetReads(context);
    return { claim };
  }

  @Mutation(() => UnlinkAuthorPayload, {
    description:
      'Undoes the link of an author to a reader, whose claim is ENDED; repeating it changes nothing. For the reader and the role CURATOR. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND.',
  })
  async unlinkAuthor(@Ctx() context: Context, @Arg('input', () => UnlinkAuthorInput) input: UnlinkAuthorInput): Promise<UnlinkAuthorPayload> {
    const viewer = requireViewer(context);
    const authorId = rowIdOf('Author', input.authorId, 'authorId');
    const rowId = await this.services.claimWriter.unlink({ authorId, reason: checkedNote('reason', input.reason), viewer });
    forgetReads(context);
    return { author: await this.services.authors.get(rowId) };
  }
}

function checkedNote(field: string, note: string): string {
  return checkedText(field, note, { min: 1, max: MAX_NOTE_CHARACTERS });
}
