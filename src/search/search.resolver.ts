import { Args, Ctx, Query, Resolver } from 'type-graphql';
import { badInput } from '../errors.js';
import { connectionOfEdges, toPage } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { Costs } from '../graphql/fieldCost.js';
import { once } from '../graphql/lazy.js';
import type { PaperLoaders } from '../papers/paper.loaders.js';
import { toPaper } from '../papers/paper.service.js';
import type { Paper, PaperOrder } from '../papers/paper.type.js';
import type { TagLoaders } from '../tags/tag.loaders.js';
import type { FacetService } from './facet.service.js';
import { RANKED } from './limits.js';
import type { RankedHit } from './ranking.js';
import type { HitPage, Search, SearchService } from './search.service.js';
import { SearchArgs, SearchOrder, SearchResults, type SearchEdge, type SearchFacets, type TagFacet } from './search.type.js';
import type { SnippetService } from './snippet.service.js';

/** A hit on its page, with its scores where it was ranked. */
type Found = { readonly paper: Paper } & Pick<SearchEdge, 'score' | 'relevance' | 'personal'>;

@Resolver()
export class SearchResolver {
  constructor(
    private readonly services: { readonly search: SearchService; readonly facets: FacetService; readonly snippets: SnippetService },
    private readonly load: { readonly papers: PaperLoaders; readonly tags: TagLoaders },
  ) {}

  @Costs({ points: 20, given: { personalWeight: 30 } })
  @Query(() => SearchResults, {
    description:
      'Papers by words of title, authors, tags and abstract. Words that no paper has are replaced by the nearest known ones, which `correctedQuery` says. A query of words that English leaves out (the, of) finds nothing. Errors: BAD_USER_INPUT.',
  })
  async search(@Ctx() context: Context, @Args(() => SearchArgs) args: SearchArgs): Promise<SearchResults> {
    const weight = checkedWeight(args);
    const page = toPage(args);
    const search = await this.services.search.find(args.query, args.filter ?? {});
    const found =
      args.orderBy === SearchOrder.RELEVANCE
        ? await this.papersOf(context, await this.services.search.rank(search, { readerId: context.viewer?.id ?? null, weight }, page))
        : unranked(await this.services.search.list(search, args.orderBy as unknown as PaperOrder, page));
    return this.resultsOf(context, search, found);
  }

  // The papers of ranked hits; one that was deleted meanwhile is left out.
  private async papersOf(context: Context, page: HitPage<RankedHit>): Promise<HitPage<Found | null>> {
    const { listedById } = this.load.papers(context);
    const rows = await Promise.all(page.rows.map(async (hit) => {
      const paper = await listedById.load(hit.id);
      return paper === null ? null : { ...hit, paper };
    }));
    return { ...page, rows };
  }

  private resultsOf(context: Context, search: Search, page: HitPage<Found | null>): SearchResults {
    const { search: searches, snippets } = this.services;
    const marked = once(() => snippets.byPaper(page.rows.flatMap((found) => (found === null ? [] : [found.paper.rowId])), search.words));
    const edges = page.rows.flatMap((found, index): SearchEdge[] => {
      if (found === null) return [];
      const { paper, score, relevance, personal } = found;
      const texts = async () => (await marked()).get(paper.rowId);
      return [{ cursor: page.cursors[index] ?? '', node: paper, score, relevance, personal, title: async () => (await texts())?.title ?? [], snippet: async () => (await texts())?.snippet ?? [] }];
    });
    const totalCount = once(() => searches.count(search));
    return {
      ...connectionOfEdges<Paper, SearchEdge, number | null>(edges, page, totalCount),
      isRankedFully: async () => ((await totalCount()) ?? Infinity) <= RANKED,
      correctedQuery: search.correctedQuery,
      didYouMean: () => searches.suggestionFor(search),
      facets: this.facetsOf(context, search),
    };
  }

  private facetsOf(context: Context, { pool }: Search): SearchFacets {
    const { facets } = this.services;
    const tags = async (): Promise<TagFacet[]> => {
      const counted = await Promise.all((await facets.tags(pool)).map(async ({ tagId, count }) => ({ tag: await this.load.tags(context).byId.load(tagId), count })));
      return counted.flatMap(({ tag, count }) => (tag === null ? [] : [{ tag, count }]));
    };
    return { isComplete: pool.isWhole, tags, years: () => facets.years(pool), code: () => facets.code(pool) };
  }
}

function checkedWeight({ personalWeight, orderBy }: SearchArgs): number {
  if (!(personalWeight >= 0 && personalWeight <= 1)) throw badInput('personalWeight', 'must be between 0 and 1', personalWeight);
  if (personalWeight > 0 && orderBy !== SearchOrder.RELEVANCE) throw badInput('personalWeight', 'must be 0 in other orders than RELEVANCE', personalWeight);
  return personalWeight;
}

function unranked(page: HitPage<Paper>): HitPage<Found> {
  return { ...page, rows: page.rows.map((row) => ({ paper: toPaper(row), score: null, relevance: null, personal: null })) };
}
