// By authorship_claims_linked_idx: who is linked to no author, as nearly everybody, costs one look into it. OFFSET 0 has each
// author looked up in the byline by its key: a byline may have 3,000 names.
/** Whether a reader is linked to an author in the byline of a paper, as a condition on columns that hold their ids. */
export function isAuthorOf({ user, paper }: { readonly user: string; readonly paper: string }): string {
  return `EXISTS (SELECT FROM authorship_claims x WHERE x.user_id = ${user} AND x.state = 'CONFIRMED'
    AND EXISTS (SELECT FROM paper_authors y WHERE y.paper_id = ${paper} AND y.author_id = x.author_id OFFSET 0) OFFSET 0)`;
}
