import { describe, expect, test } from '@jest/globals';
import { arxivIdOf } from '../src/arxivId.js';
import { mulberry32 } from '../src/random.js';

const NEW = '2412.01234';
const OLD = 'hep-th/9901001';

describe('an arXiv id', () => {
  test.each([
    NEW, `${NEW}v1`, `${NEW}V12`, `  ${NEW}\n`, `arXiv:${NEW}`, `ARXIV: ${NEW}v3`, `arXiv:${NEW}v2 [cs.LG]`, `arXiv:${NEW}v2 [cond-mat.mes-hall] 3 Dec 2024`,
    `https://arxiv.org/abs/${NEW}`, `http://arxiv.org/abs/${NEW}v2`, `arxiv.org/abs/${NEW}`, `//arxiv.org/abs/${NEW}`, `https://www.arxiv.org/abs/${NEW}/`, `https://export.arxiv.org/abs/${NEW}?context=cs#page=2`,
    `https://arxiv.org/pdf/${NEW}`, `https://arxiv.org/pdf/${NEW}v2.pdf`, `https://arxiv.org/pdf/${NEW}.pdf#page=3`, `https://arxiv.org/html/${NEW}v1`, `https://arxiv.org/format/${NEW}`, `https://arxiv.org/src/${NEW}v1`, `https://arxiv.org/e-print/${NEW}`,
    `https://arxiv.org/${NEW}`, `https://browse.arxiv.org/pdf/${NEW}.pdf`, `https://ar5iv.labs.arxiv.org/html/${NEW}`, `https://ar5iv.org/abs/${NEW}`, `https://huggingface.co/papers/${NEW}`, `https://hf.co/papers/${NEW}`,
    `https://www.alphaxiv.org/abs/${NEW}v2`, `https://www.alphaxiv.org/overview/${NEW}`, `https://scirate.com/arxiv/${NEW}`, `10.48550/arXiv.${NEW}`, `doi:10.48550/arXiv.${NEW}`, `https://doi.org/10.48550/ARXIV.${NEW}`, `https://arxiv.org/abs/arXiv:${NEW}`,
    // Full-width digits, as an input method may write them.
    '２４１２.０１２３４',
  ])('is read from %j', (text) => {
    expect(arxivIdOf(text)).toBe(NEW);
  });

  test.each([
    OLD, `${OLD}v2`, `arXiv:${OLD}`, `https://arxiv.org/abs/${OLD}v1`, `https://arxiv.org/pdf/${OLD}.pdf`, `https://arxiv.org/abs/hep-th%2F9901001`, 'HEP-TH/9901001',
  ])('of the old style is read from %j', (text) => {
    expect(arxivIdOf(text)).toBe(OLD);
  });

  test.each([['math.GT/0309136', 'math/0309136'], ['https://arxiv.org/abs/math.GT/0309136v1', 'math/0309136'], ['0704.0001', '0704.0001'], ['1412.9999', '1412.9999'], ['1501.00001', '1501.00001'], ['alg-geom/9202001', 'alg-geom/9202001'], ['cs/0703001', 'cs/0703001']])(
    '%s is %s', (text, id) => {
      expect(arxivIdOf(text)).toBe(id);
    },
  );

  test.each([
    '', '2412', '2412.1', '2412.012345', '2413.01234', '2400.01234', '2412.0123', '1412.99999', '0703.0001', '0612.0001', 'hep-th/99', 'hep-th/9913001', 'hep-th/0704001', 'hep-th/9107001', 'hep_th/9901001', `${NEW} ${NEW}`, `see ${NEW}`, `${NEW}vv1`,
    `https://example.org/abs/${NEW}`, `https://arxiv.org.example/abs/${NEW}`, `https://notarxiv.org/abs/${NEW}`, `https://arxiv.org/list/cs.LG/recent`, `https://arxiv.org/abs/${NEW}/${NEW}`, 'https://arxiv.org/abs/%ff', `javascript:arxiv.org/abs/${NEW}`, `https://arxiv.org@example.org/abs/${NEW}`,
  ])('is not read from %j', (text) => {
    expect(arxivIdOf(text)).toBeNull();
  });

  test('is read from what it is read to, and from a long text in no time', () => {
    const random = mulberry32(7);
    const digits = (count: number): string => Array.from({ length: count }, () => Math.floor(random() * 10)).join('');
    for (let turn = 0; turn < 2000; turn += 1) {
      const id = arxivIdOf(`${digits(4)}.${digits(4 + (turn % 2))}`);
      if (id !== null) expect(arxivIdOf(`https://arxiv.org/abs/${id}v7`)).toBe(id);
    }
    const start = performance.now();
    for (const text of ['a.'.repeat(50_000), '['.repeat(50_000), `${NEW}${' '.repeat(50_000)}x`, 'arxiv:'.repeat(20_000)]) expect(arxivIdOf(text)).toBeNull();
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
