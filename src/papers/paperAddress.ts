/** The page of a paper at arXiv. */
export function arxivAddress(arxivId: string): string {
  return `https://arxiv.org/abs/${arxivId}`;
}

/** Where a DOI leads. It may have characters that mean something else in an address, such as # and ?. */
export function doiAddress(doi: string): string {
  return `https://doi.org/${doi.split('/').map(encodeURIComponent).join('/')}`;
}
