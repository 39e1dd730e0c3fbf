-- Old arXiv ids without their subject class, as arXiv's own interfaces write them: math.GT/0309136 is math/0309136. Where
-- both are there, they are two rows for one paper, which only a person can merge.
UPDATE "papers" p SET "arxiv_id" = regexp_replace(p."arxiv_id", '\.[A-Z]{2}/', '/')
    WHERE p."arxiv_id" ~ '\.[A-Z]{2}/'
    AND NOT EXISTS (SELECT FROM "papers" x WHERE x."id" <> p."id" AND regexp_replace(x."arxiv_id", '\.[A-Z]{2}/', '/') = regexp_replace(p."arxiv_id", '\.[A-Z]{2}/', '/'));
