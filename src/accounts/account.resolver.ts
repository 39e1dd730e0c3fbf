import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { enter, requireViewer, type Context } from '../graphql/context.js';
import { Costs } from '../graphql/fieldCost.js';
import { toGlobalId } from '../graphql/globalId.js';
import { AnswersSecret } from '../graphql/keyedMutations.js';
import { DeleteAccountInput, DeleteAccountPayload, ExportMyDataPayload } from './account.type.js';
import type { AccountDeletionService } from './accountDeletion.service.js';
import type { DataExportService } from './dataExport.service.js';
import { PASSWORD_POINTS } from '../users/password.js';

@Resolver()
export class AccountResolver {
  constructor(
    private readonly deletion: AccountDeletionService,
    private readonly exports: DataExportService,
  ) {}

  @AnswersSecret()
  @Costs({ points: 500 })
  @Mutation(() => ExportMyDataPayload, {
    description:
      'Makes an address at which all that the server holds of the viewer can be fetched once, as one JSON document: account, sessions, votes, follows, comments, lists and the rest, but no password and no token. An address that was made before ends. Errors: UNAUTHENTICATED.',
  })
  exportMyData(@Ctx() context: Context): Promise<ExportMyDataPayload> {
    return this.exports.open(requireViewer(context).id, new Date());
  }

  @Costs({ points: PASSWORD_POINTS })
  @Mutation(() => DeleteAccountPayload, {
    description:
      "Deletes the viewer's account with all that is the viewer's, for good: sessions, upvotes, dismissals, mutes, follows, lists, the digest and its mails. Upvotes count nowhere any more, not even in rankings of the past. Papers that it submitted stay without their submitter, and comments by the choice of `comments`. Where others' comments name it, their texts stay as they wrote them; the mention ends. Wrong passwords are counted as those of `signIn`. Errors: UNAUTHENTICATED (also for a wrong password, or where there is none for a token that is no proof), RATE_LIMITED, UNAVAILABLE.",
  })
  async deleteAccount(@Ctx() context: Context, @Arg('input', () => DeleteAccountInput) input: DeleteAccountInput): Promise<DeleteAccountPayload> {
    const { id, username } = requireViewer(context);
    await this.deletion.delete({ username, password: input.password, token: context.token, address: context.address(), comments: input.comments });
    enter(context, null);
    return { deletedUserId: toGlobalId('User', id) };
  }
}
