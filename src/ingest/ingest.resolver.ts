import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { connectionOf, toPage, PageArgs, type Connection } from '../graphql/connection.js';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { Costs } from '../graphql/fieldCost.js';
import { rowIdOf } from '../graphql/globalId.js';
import { DateTime } from '../graphql/scalars.js';
import type { UserLoaders } from '../users/user.loaders.js';
import { User } from '../users/user.type.js';
import type { IngestDesk } from './ingestDesk.js';
import { toIngestRun } from './ingestRun.listing.js';
import type { IngestRunLoaders } from './ingestRun.loaders.js';
import type { IngestRunService } from './ingestRun.service.js';
import { IngestRejectConnection, IngestRun, IngestRunConnection, IngestRunsArgs, type IngestReject } from './ingestRun.type.js';
import { IngestSource, RunIngestInput, RunIngestPayload, StopIngestInput, StopIngestPayload } from './ingestSource.type.js';

@Resolver(() => IngestRun)
export class IngestRunResolver {
  constructor(
    private readonly runs: IngestRunService,
    private readonly desk: IngestDesk,
    private readonly load: { readonly runs: IngestRunLoaders; readonly users: UserLoaders },
  ) {}

  @Query(() => IngestRunConnection, { description: 'Runs of imports, the latest first. Needs the role ADMIN. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN.' })
  async ingestRuns(@Args(() => IngestRunsArgs) args: IngestRunsArgs): Promise<Connection<IngestRun>> {
    const filter = { source: args.source ?? null, state: args.state ?? null };
    const page = await this.runs.list(filter, toPage(args));
    return connectionOf(page, toIngestRun, () => this.runs.count(filter));
  }

  @Query(() => IngestRun, { nullable: true, description: 'A run of an import. Needs the role ADMIN. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN.' })
  ingestRun(@Ctx() context: Context, @Arg('id', () => ID) id: string): Promise<IngestRun | null> {
    return this.load.runs(context).byId.load(rowIdOf('IngestRun', id, 'id'));
  }

  @FieldResolver(() => User, { nullable: true, description: 'The admin who asked for it; null for other triggers, and when the account is gone.' })
  requestedBy(@Root() run: IngestRun, @Ctx() context: Context): Promise<User | null> | null {
    return run.requestedById === null ? null : this.load.users(context).byId.load(run.requestedById);
  }

  @FieldResolver(() => IngestRejectConnection, { description: 'What it could not take, in the order in which it came.' })
  async rejects(@Root() run: IngestRun, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<IngestReject>> {
    const loaders = this.load.runs(context);
    const page = await loaders.rejectsByRunId.load(run.rowId, toPage(args));
    return connectionOf(page, (reject) => reject, () => loaders.rejectCountByRunId.load(run.rowId));
  }

  @Costs({ points: 100 })
  @Mutation(() => RunIngestPayload, {
    description:
      'Has a source imported; while a run of the same source with the same options waits or is under way, it is that one. Needs the role ADMIN. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND (a source).',
  })
  async runIngest(@Ctx() context: Context, @Arg('input', () => RunIngestInput) input: RunIngestInput): Promise<RunIngestPayload> {
    const viewer = requireViewer(context);
    const payload = await this.desk.request({ source: input.source, options: input.options, since: input.since ?? null, requestedById: viewer.id });
    forgetReads(context);
    return payload;
  }

  @Mutation(() => StopIngestPayload, {
    description:
      'Stops a run after the batch that is being written, on whichever server it goes; one that is over stays as it is. Needs the role ADMIN. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND.',
  })
  async stopIngest(@Ctx() context: Context, @Arg('input', () => StopIngestInput) input: StopIngestInput): Promise<StopIngestPayload> {
    const run = await this.desk.stop(rowIdOf('IngestRun', input.runId, 'runId'));
    forgetReads(context);
    return { run };
  }
}

@Resolver(() => IngestSource)
export class IngestSourceResolver {
  constructor(
    private readonly desk: IngestDesk,
    private readonly load: IngestRunLoaders,
  ) {}

  @Costs({ size: 10 })
  @Query(() => [IngestSource], { description: 'All that can be imported from: a source for each module, at most 100. Needs the role ADMIN. Errors: UNAUTHENTICATED, FORBIDDEN.' })
  ingestSources(): Promise<IngestSource[]> {
    return this.desk.sources();
  }

  @FieldResolver(() => String, { nullable: true, description: 'The cron expression, in UTC, by which it runs; null where none is configured.' })
  async schedule(@Root() source: IngestSource): Promise<string | null> {
    return (await this.desk.schedules()).get(source.name)?.expression ?? null;
  }

  @FieldResolver(() => DateTime, { nullable: true, description: 'When its schedule comes next; null without a schedule.' })
  async nextRunAt(@Root() source: IngestSource): Promise<Date | null> {
    return (await this.desk.schedules()).get(source.name)?.nextAfter(new Date()) ?? null;
  }

  @FieldResolver(() => IngestRun, { nullable: true, description: 'The latest run, in whichever state; null where there was none.' })
  lastRun(@Root() source: IngestSource, @Ctx() context: Context): Promise<IngestRun | null> {
    return this.load(context).latestBySource.load(source.name);
  }
}
