import { LRUCache } from 'lru-cache';

/** Names that metrics tell apart; each may have some dozens of series, and a client may make up as many as it likes. */
const MOST_NAMES = 100;
/** How often a name must have come before: what comes once is no operation of an application. */
const USES_BEFORE_LABEL = 10;
/** Names that are counted until they come often. */
const MOST_COUNTED = 1000;
const LONGEST_NAME = 100;

/** In place of a name; none of these is one that GraphQL allows. */
export const ANONYMOUS = '(anonymous)';
export const OTHER = '(other)';

export interface NameLimits {
  readonly mostNames?: number;
  readonly usesBefore?: number;
}

/**
 * Which names of operations are labels of metrics: the first hundred that come often, for as long as the process runs. However many
 * names clients make up, the series stay as many.
 */
export class OperationNames {
  private readonly known = new Set<string>();
  private readonly uses = new LRUCache<string, number>({ max: MOST_COUNTED });
  private readonly mostNames: number;
  private readonly usesBefore: number;

  constructor({ mostNames = MOST_NAMES, usesBefore = USES_BEFORE_LABEL }: NameLimits = {}) {
    this.mostNames = mostNames;
    this.usesBefore = usesBefore;
  }

  /** The label that a name has by now. */
  labelNow(name: string | null): string {
    if (name === null) return ANONYMOUS;
    return this.known.has(name) ? name : OTHER;
  }

  /** The same of an operation that came once more. */
  labelOf(name: string | null): string {
    const label = this.labelNow(name);
    if (name === null || label !== OTHER) return label;
    if (this.known.size >= this.mostNames || name.length > LONGEST_NAME) return OTHER;
    const used = (this.uses.get(name) ?? 0) + 1;
    if (used <= this.usesBefore) {
      this.uses.set(name, used);
      return OTHER;
    }
    this.uses.delete(name);
    this.known.add(name);
    return name;
  }
}
