// TypeGraphQL's decorators need it when a class is declared; every type imports this module or its sibling.
import 'reflect-metadata';
import { registerEnumType } from 'type-graphql';

export enum CitationFormat {
  BIBTEX = 'BIBTEX',
  CSL_JSON = 'CSL_JSON',
}

registerEnumType(CitationFormat, {
  name: 'CitationFormat',
  description: 'In which form a paper is cited.',
  valuesConfig: {
    BIBTEX: { description: 'An entry of BibTeX, for LaTeX: @article where there is a DOI, else @misc. Letters beyond ASCII stand as they are, in UTF-8.' },
    CSL_JSON: { description: 'A list of one item as citation processors and reference managers read it; see https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html' },
  },
});

/** What a citation says. */
export interface CitedPaper {
  readonly rowId: number;
  readonly title: string;
  readonly arxivId: string | null;
  /** Of its publisher, not the one that arXiv gives each paper. */
  readonly doi: string | null;
  readonly publishedAt: Date | null;
  readonly projectUrl: string | null;
  /** The first of the byline, in its order. */
  readonly authors: readonly string[];
  /** Whether there are more authors than these. */
  readonly hasOthers: boolean;
  /** At arXiv, such as cs.LG. */
  readonly primaryClass: string | null;
}
