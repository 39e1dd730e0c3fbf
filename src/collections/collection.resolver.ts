import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { PageArgs, connectionOfEdges, edgesOf, toPage, type Connection } from '../graphql/connection.js';
import { forgetReads, requireViewer, type Context, type Viewer } from '../graphql/context.js';
import { rowIdOf } from '../graphql/globalId.js';
import { toPaper, type PaperService } from '../papers/paper.service.js';
import type { Paper } from '../papers/paper.type.js';
import type { UserLoaders } from '../users/user.loaders.js';
import { User } from '../users/user.type.js';
import type { CollectionLoaders } from './collection.loaders.js';
import type { CollectionService } from './collection.service.js';
import {
  AddToCollectionInput,
  AddToCollectionPayload,
  Collection,
  CollectionPaperConnection,
  CreateCollectionInput,
  CreateCollectionPayload,
  DeleteCollectionInput,
  DeleteCollectionPayload,
  MoveInCollectionInput,
  MoveInCollectionPayload,
  RemoveFromCollectionInput,
  RemoveFromCollectionPayload,
  UpdateCollectionInput,
  UpdateCollectionPayload,
  type CollectionPaperEdge,
} from './collection.type.js';
import type { CollectionPaperService, CollectionPlace } from './collectionPaper.service.js';

export interface CollectionServices {
  readonly collections: CollectionService;
  readonly collectionPapers: CollectionPaperService;
  readonly papers: PaperService;
}

@Resolver(() => Collection)
export class CollectionResolver {
  constructor(
    private readonly services: CollectionServices,
    private readonly load: CollectionLoaders,
    private readonly loadUsers: UserLoaders,
  ) {}

  @Query(() => Collection, { nullable: true, description: 'A collection; null where there is none, and for a private one of another reader. Errors: BAD_USER_INPUT.' })
  collection(@Ctx() context: Context, @Arg('id', () => ID) id: string): Promise<Collection | null> {
    return this.load(context).byId.load(rowIdOf('Collection', id, 'id'));
  }

  @FieldResolver(() => User, { description: 'Who made the collection.' })
  async owner(@Root() collection: Collection, @Ctx() context: Context): Promise<User> {
    const owner = await this.loadUsers(context).byId.load(collection.ownerId);
    if (owner === null) throw new Error(`user ${collection.ownerId} vanished`);
    return owner;
  }

  @FieldResolver(() => CollectionPaperConnection, { description: 'The papers in the order that the owner gave them.' })
  async papers(@Root() collection: Collection, @Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Paper, CollectionPaperEdge>> {
    // Who made it by a token that may not read is told of it, but by a key that was used before it may have papers by now.
    if (!collection.isPublic) requireViewer(context);
    const page = await this.load(context).papersByCollectionId.load(collection.rowId, toPage(args));
    const edges = edgesOf(page, (row) => ({ node: toPaper(row), addedAt: row.addedAt, note: row.note }));
    return connectionOfEdges(edges, page, () => collection.paperCount);
  }

  @Mutation(() => CreateCollectionPayload, {
    description: 'Makes a collection; CONFLICT for a name that the viewer used already, and for the 201st collection. Errors: BAD_USER_INPUT, UNAUTHENTICATED, CONFLICT.',
  })
  async createCollection(@Ctx() context: Context, @Arg('input', () => CreateCollectionInput) input: CreateCollectionInput): Promise<CreateCollectionPayload> {
    const collection = await this.services.collections.create(requireViewer(context).id, input);
    forgetReads(context);
    return { collection };
  }

  @Mutation(() => UpdateCollectionPayload, {
    description: 'Changes a collection of the viewer; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, CONFLICT.',
  })
  async updateCollection(@Ctx() context: Context, @Arg('input', () => UpdateCollectionInput) input: UpdateCollectionInput): Promise<UpdateCollectionPayload> {
    const viewer = requireViewer(context);
    const id = rowIdOf('Collection', input.collectionId, 'collectionId');
    const { name, description, isPublic } = input;
    const collection = await this.services.collections.update(id, viewer.id, { name: name ?? undefined, description, isPublic: isPublic ?? undefined });
    forgetReads(context);
    return { collection };
  }

  @Mutation(() => DeleteCollectionPayload, {
    description: 'Deletes a collection of the viewer, for good; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN.',
  })
  async deleteCollection(@Ctx() context: Context, @Arg('input', () => DeleteCollectionInput) input: DeleteCollectionInput): Promise<DeleteCollectionPayload> {
    const viewer = requireViewer(context);
    await this.services.collections.delete(rowIdOf('Collection', input.collectionId, 'collectionId'), viewer.id);
    forgetReads(context);
    return { deletedCollectionId: input.collectionId };
  }

  @Mutation(() => AddToCollectionPayload, {
    description:
      'Puts a paper into a collection of the viewer; one that is there gets the note and the place that are given, so that repeating it changes nothing. CONFLICT for the 1001st paper. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, CONFLICT.',
  })
  addToCollection(@Ctx() context: Context, @Arg('input', () => AddToCollectionInput) input: AddToCollectionInput): Promise<AddToCollectionPayload> {
    return this.change(context, input, (viewer, place) => this.services.collectionPapers.add(viewer.id, place, input));
  }

  @Mutation(() => RemoveFromCollectionPayload, {
    description: 'Takes a paper out of a collection of the viewer; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND.',
  })
  removeFromCollection(@Ctx() context: Context, @Arg('input', () => RemoveFromCollectionInput) input: RemoveFromCollectionInput): Promise<RemoveFromCollectionPayload> {
    return this.change(context, input, (viewer, place) => this.services.collectionPapers.remove(viewer.id, place));
  }

  @Mutation(() => MoveInCollectionPayload, {
    description: 'Gives a paper of a collection of the viewer another place; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND.',
  })
  moveInCollection(@Ctx() context: Context, @Arg('input', () => MoveInCollectionInput) input: MoveInCollectionInput): Promise<MoveInCollectionPayload> {
    return this.change(context, input, (viewer, place) => this.services.collectionPapers.move(viewer.id, place, input.position));
  }

  private async change(
    context: Context,
    input: { readonly collectionId: string; readonly paperId: string },
    write: (viewer: Viewer, place: CollectionPlace) => Promise<void>,
  ): Promise<{ collection: Collection; paper: Paper }> {
    const viewer = requireViewer(context);
    const collectionId = rowIdOf('Collection', input.collectionId, 'collectionId');
    // First, since it may be the one that another paper was merged into.
    const paper = await this.services.papers.get(rowIdOf('Paper', input.paperId, 'paperId'));
    const place = { collectionId, paperId: paper.rowId };
    await write(viewer, place);
    forgetReads(context);
    return { collection: await this.services.collections.get(place.collectionId, viewer.id), paper };
  }
}
