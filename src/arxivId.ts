// Sites whose addresses name a paper by its arXiv id: arXiv and its mirrors, and readers of arXiv's papers.
const HOST = '(?:[a-z0-9-]+\\.)*(?:arxiv\\.org|ar5iv\\.org|alphaxiv\\.org|arxiv-vanity\\.com|huggingface\\.co|hf\\.co|scirate\\.com|paperswithcode\\.com|doi\\.org)';
const ADDRESS = new RegExp(`^(?:https?:)?(?://)?${HOST}(?::\\d+)?/`, 'i');
/** What stands before the id in the path of such an address. */
const PATH = /^(?:abs|pdf|html|format|src|e-print|ps|list|papers|overview|arxiv|10\.48550\/arxiv\.)[/.]?/i;
// New style since April 2007 (0704.0001, five digits since 2015), old style before (hep-th/9901001, math.GT/0309136).
const ID = /^(?:(\d{2})(\d{2})\.(\d{4,5})|([a-z]{2,12}(?:-[a-z]{2,12})?)(?:\.[a-z]{2})?\/(\d{2})(\d{2})(\d{3}))(?:v\d{1,3})?$/i;
/** No spelling is longer; patterns take time that grows with the square of a text. */
const MAX_CHARACTERS = 300;
const FIRST_NEW_MONTH = 704;
const FIRST_LONG_MONTH = 1501;

/**
 * The arXiv id that a text is, in any of its spellings: with a version, `arXiv:` before it or a category behind it, as an
 * address of its page, PDF or HTML at arXiv or at sites that go by arXiv's ids, as the DOI that arXiv gives. Null for a
 * text that is none. Without version; of an old id without the subject class, as arXiv's own interfaces write it.
 */
export function arxivIdOf(text: string): string | null {
  if (text.length > MAX_CHARACTERS) return null;
  const bare = withoutAddress(text.trim().normalize('NFKC'))
    .replace(/^arxiv\s*:\s*/i, '')
    .replace(/^10\.48550\/arxiv\./i, '')
    // arXiv:2412.01234v2 [cs.LG] 3 Dec 2024: as the stamp on a paper's first page has it.
    .replace(/\s*\[[a-z.-]{2,20}\].{0,40}$/i, '')
    .replace(/\.pdf$/i, '');
  const [, year, month, number, archive, oldYear, oldMonth, oldNumber] = ID.exec(bare) ?? [];
  if (archive !== undefined) return isOld(oldYear, oldMonth) ? `${archive.toLowerCase()}/${oldYear}${oldMonth}${oldNumber}` : null;
  return number !== undefined && isNew(`${year}${month}`, number) ? `${year}${month}.${number}` : null;
}

/** An address without its host, the folder of the id, what is asked of the page, and a slash behind. */
function withoutAddress(text: string): string {
  const withoutScheme = text.replace(/^doi:\s*/i, '');
  if (!ADDRESS.test(withoutScheme)) return withoutScheme;
  const path = withoutScheme.replace(ADDRESS, '').replace(/[?#].*$/s, '').replace(/\/+$/, '');
  return decoded(path).replace(PATH, '');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

const isMonth = (month: string | undefined): boolean => Number(month) >= 1 && Number(month) <= 12;

/** From August 1991 to March 2007. */
function isOld(year: string | undefined, month: string | undefined): boolean {
  const fullYear = Number(year) >= 91 ? 1900 + Number(year) : 2000 + Number(year);
  return isMonth(month) && fullYear * 100 + Number(month) >= 199_108 && fullYear * 100 + Number(month) <= 200_703;
}

/** Five digits exactly from 2015 on. */
function isNew(yearMonth: string, number: string): boolean {
  return isMonth(yearMonth.slice(2)) && Number(yearMonth) >= FIRST_NEW_MONTH && number.length === (Number(yearMonth) >= FIRST_LONG_MONTH ? 5 : 4);
}
