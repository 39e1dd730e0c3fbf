-- Fills a migrated database with a community of any size, for plans and benches: `community.papers` says how many papers,
-- `community.readers` how many readers. The first tag, author, repo, reader and paper are the busiest ones of their kind, the
-- last are rare; words, tags and authors follow Zipf's law. Needs a superuser, as triggers are off: what they derive is
-- written here.
SET session_replication_role = replica;
SET synchronous_commit = off;
SELECT setseed(0.5);

CREATE TEMPORARY TABLE size AS
    SELECT current_setting('community.papers')::int AS papers, current_setting('community.readers')::int AS readers;

-- A number from 1 to `most`, 1 the most often.
CREATE FUNCTION pg_temp.zipf(most integer) RETURNS integer LANGUAGE sql VOLATILE AS 'SELECT least(most, floor(exp(ln(most + 1) * random()))::int)';

INSERT INTO users (id, username, is_simulated) SELECT n, 'reader-' || n, true FROM size, generate_series(1, readers) n;
INSERT INTO tags (id, slug, name, kind)
    SELECT n, 'tag-' || n, 'Tag ' || n, (ARRAY['KEYWORD', 'TASK', 'METHOD', 'ARXIV_CATEGORY'])[1 + least(3, n % 100)]::tag_kind FROM size, generate_series(1, greatest(10000, papers / 50)) n;
INSERT INTO authors (id, name, name_key)
    SELECT n, chr(65 + n % 26) || 'uthor ' || n, chr(97 + n % 26) || 'uthor ' || n FROM size, generate_series(1, papers) n;
INSERT INTO repos (id, host, owner, name, key, stars)
    SELECT n, host, 'owner' || n % 977, 'repo' || n, host || '/owner' || n % 977 || '/repo' || n, nullif(pg_temp.zipf(50000), 1)
    FROM size, generate_series(1, papers / 2) n, LATERAL (SELECT CASE WHEN n % 500 = 0 THEN 'codeberg.org' ELSE 'github.com' END AS host) h;

-- Ten a day and more the larger it is, over four years; ids are not in the order of listing.
INSERT INTO papers (id, arxiv_id, title, title_key, abstract, published_at, listed_at, listed_on, submitted_by_id)
    SELECT id, arxiv_id, title, title_key(title), abstract,
        listed_at - random() * interval '30 days', listed_at, (listed_at AT TIME ZONE 'UTC')::date, CASE WHEN id % 5 = 0 THEN pg_temp.zipf(readers) END
    FROM (
        SELECT n AS id, 1501 + n / 100000 || '.' || lpad((n % 100000)::text, 5, '0') AS arxiv_id, readers,
            'Paper ' || n || ' on term' || pg_temp.zipf(5000) AS title,
            (SELECT string_agg('term' || pg_temp.zipf(5000), ' ') FROM generate_series(1, 60) WHERE n > 0) AS abstract,
            date_trunc('milliseconds', timestamptz '2022-07-01Z' + random() * interval '4 years') AS listed_at
        FROM size, generate_series(1, papers) n
    ) made;

-- Of what sources tell, some have much and some have nothing; few papers were withdrawn.
UPDATE papers SET doi = '10.1234/paper.' || id, arxiv_version = 1 + id % 5 WHERE id % 2 = 1;
UPDATE papers SET withdrawn_at = listed_at WHERE id % 1000 = 77;
UPDATE authors SET orcid = '0000-0001-' || lpad((id / 10000)::text, 4, '0') || '-' || lpad((id % 10000)::text, 4, '0') WHERE id % 10 = 7;
INSERT INTO tag_aliases (slug, tag_id) SELECT 'alias-' || id, id FROM tags WHERE id % 2 = 1;
INSERT INTO paper_origins (source, external_id, paper_id, fields, facts, digest)
    SELECT 'source-' || s, n, n, ARRAY['title'], '{"by": "somebody"}', sha256(n::text::bytea) FROM size, generate_series(1, papers) n, generate_series(1, 3) s WHERE s = 1 OR n % 7 = 0;

INSERT INTO paper_tags (paper_id, tag_id, weight)
    SELECT n, pg_temp.zipf(greatest(10000, papers / 50)), (1 + floor(random() * 20)) / 20 FROM size, generate_series(1, papers) n, generate_series(1, 5) ON CONFLICT DO NOTHING;
INSERT INTO paper_authors (paper_id, author_id, position)
    SELECT n, CASE WHEN place = 0 AND n % 10 = 0 THEN 1 ELSE 2 + (n::bigint * 7919 + place * 104729) % (papers - 1) END, place
    FROM size, generate_series(1, papers) n, generate_series(0, 3) place ON CONFLICT DO NOTHING;
INSERT INTO paper_repos (paper_id, repo_id, is_official)
    SELECT n, pg_temp.zipf(papers / 2), n % 2 = 0 FROM size, generate_series(1, papers) n WHERE n % 3 = 0;

-- The first reader upvoted every other paper, and every other reader the first paper; the rest is by chance.
INSERT INTO upvotes (user_id, paper_id, created_at)
    SELECT user_id, paper_id, date_trunc('milliseconds', timestamptz '2024-07-01Z' + random() * interval '2 years')
    FROM (
        SELECT 1 AS user_id, n AS paper_id FROM size, generate_series(1, papers, 2) n
        UNION SELECT n, 1 FROM size, generate_series(1, readers, 2) n
        UNION SELECT 1 + floor(random() * readers)::int, pg_temp.zipf(papers) FROM size, generate_series(1, papers * 5) n
    ) votes;
-- A few of all are flagged.
UPDATE upvotes SET flagged_at = created_at + interval '1 minute' WHERE (user_id + paper_id) % 50 = 0;
INSERT INTO refused_upvotes (user_id, paper_id)
    SELECT 1 + n % readers, 1 + (n * 11) % papers FROM size, generate_series(1, papers / 2) n
    WHERE NOT EXISTS (SELECT FROM upvotes WHERE (user_id, paper_id) = (1 + n % readers, 1 + (n * 11) % papers));
INSERT INTO dismissals (user_id, paper_id, created_at)
    SELECT 1 + n % readers, 1 + (n / readers + n * 2) % papers, timestamptz '2026-01-01Z' + n * interval '1 second'
    FROM size, generate_series(1, papers) n ON CONFLICT DO NOTHING;
INSERT INTO tag_follows (user_id, tag_id, created_at)
    SELECT 1 + n % readers, pg_temp.zipf(10000), timestamptz '2026-01-01Z' + n * interval '1 second' FROM size, generate_series(1, papers) n ON CONFLICT DO NOTHING;
INSERT INTO author_follows (user_id, author_id, created_at)
    SELECT 1 + n % readers, pg_temp.zipf(papers), timestamptz '2026-01-01Z' + n * interval '1 second' FROM size, generate_series(1, papers) n ON CONFLICT DO NOTHING;
INSERT INTO feed_tokens (user_id, name, token_hash) SELECT 1 + n % readers, 'Token ' || n, sha256(n::text::bytea) FROM size, generate_series(1, papers) n;
INSERT INTO external_identities (user_id, issuer, subject, last_seen_on, created_at)
    SELECT 1 + n % readers, 'https://login.example', 'subject ' || n, '2026-01-01', timestamptz '2026-01-01Z' + n * interval '1 second' FROM size, generate_series(1, papers) n;
INSERT INTO refused_tokens (signed_hash, expires_at) SELECT sha256(n::text::bytea), now() + n * interval '1 second' FROM size, generate_series(1, papers) n;
-- The first paper has 4,000 comments, half of them replies to the first one; every hundredth is deleted.
INSERT INTO comments (paper_id, parent_id, depth, user_id, body, created_at, deleted_at, best_score)
    SELECT CASE WHEN n <= 4000 THEN 1 ELSE 1 + n % papers END, CASE WHEN n BETWEEN 2 AND 4000 AND n % 2 = 0 THEN 1 END, CASE WHEN n BETWEEN 2 AND 4000 AND n % 2 = 0 THEN 1 ELSE 0 END,
        CASE WHEN n % 7 = 0 THEN 1 ELSE 1 + n % readers END, CASE WHEN n % 100 = 0 THEN '' ELSE 'Comment ' || n END, timestamptz '2026-01-01Z' + n * interval '1 minute',
        CASE WHEN n % 100 = 0 THEN timestamptz '2026-06-01Z' END, (n::bigint * 7919 % 1000) / 1000.0
    FROM size, generate_series(1, papers) n;
INSERT INTO comment_upvotes (user_id, comment_id) SELECT 1 + n % readers, 1 + n * 7 % papers FROM size, generate_series(1, papers) n ON CONFLICT DO NOTHING;
INSERT INTO comment_mentions (comment_id, user_id) SELECT 1 + n % papers, 1 + n * 3 % readers FROM size, generate_series(1, papers) n ON CONFLICT DO NOTHING;
-- The first reader follows 500 others and is followed by every other one; each reader has some of the rest.
INSERT INTO user_follows (user_id, followed_id, created_at)
    SELECT user_id, followed_id, timestamptz '2026-01-01Z' + (user_id + followed_id) * interval '1 second'
    FROM (SELECT 1 AS user_id, n AS followed_id FROM generate_series(2, 501) n UNION SELECT n, 1 FROM size, generate_series(2, readers, 2) n
        UNION SELECT n, 1 + (n * 7) % readers FROM size, generate_series(1, readers) n) f, size
    WHERE user_id <> followed_id AND followed_id <= readers ON CONFLICT DO NOTHING;
INSERT INTO collections (owner_id, name, is_public, created_at)
    SELECT CASE WHEN n <= 200 THEN 1 ELSE 1 + n % readers END, 'Collection ' || n, n % 3 > 0, timestamptz '2026-01-01Z' + n * interval '1 second' FROM size, generate_series(1, readers) n;
INSERT INTO collection_papers (collection_id, paper_id, position, added_at)
    SELECT c.id, 1 + (c.id * 13 + n * (n - 1)) % papers, n, timestamptz '2026-01-01Z' + n * interval '1 second'
    FROM size, collections c, generate_series(1, 10) n ON CONFLICT DO NOTHING;
INSERT INTO collection_papers (collection_id, paper_id, position) SELECT 1, n, n FROM generate_series(1, 900) n ON CONFLICT DO NOTHING;
INSERT INTO collection_papers (collection_id, paper_id, position) SELECT id, 1, 0 FROM collections ON CONFLICT DO NOTHING;
UPDATE collections c SET paper_count = (SELECT count(*)::int FROM collection_papers WHERE collection_id = c.id);
-- The first reader is told of 4,000 comments, of every other one read; others of mentions and followers.
INSERT INTO notifications (user_id, kind, actor_id, paper_id, comment_id, created_at, read_at)
    SELECT 1, (CASE id % 50 WHEN 0 THEN 'MENTION' WHEN 1 THEN 'REPLY' ELSE 'COMMENT' END)::notification_kind, user_id, paper_id, id, created_at, CASE WHEN id % 2 = 0 THEN created_at END
    FROM comments WHERE user_id <> 1 AND deleted_at IS NULL AND id <= 4000;
INSERT INTO notifications (user_id, kind, actor_id, paper_id, comment_id)
    SELECT m.user_id, 'MENTION', c.user_id, c.paper_id, c.id FROM comment_mentions m JOIN comments c ON c.id = m.comment_id WHERE m.user_id NOT IN (1, c.user_id) ON CONFLICT DO NOTHING;
INSERT INTO notifications (user_id, kind, actor_id) SELECT followed_id, 'NEW_FOLLOWER', user_id FROM user_follows WHERE user_id <> followed_id ON CONFLICT DO NOTHING;
UPDATE users u SET follower_count = c.count FROM (SELECT followed_id, count(*)::int FROM user_follows GROUP BY 1) c WHERE c.followed_id = u.id;
INSERT INTO library_entries (user_id, paper_id, state, read_at, added_at)
    SELECT user_id, paper_id, (ARRAY['UNREAD', 'READING', 'READ'])[1 + paper_id % 3]::reading_state, CASE WHEN paper_id % 3 = 2 THEN now() END, timestamptz '2026-01-01Z' + paper_id * interval '1 second'
    FROM (SELECT 1 AS user_id, n AS paper_id FROM size, generate_series(1, papers, 2) n UNION SELECT 1 + n % readers, n FROM size, generate_series(1, papers) n) e;
-- Each reader muted some of the rare tags, and the first reader all of them.
INSERT INTO tag_mutes (user_id, tag_id, created_at)
    SELECT 1 + n % readers, 1000 + (n::bigint * 7919) % 9000, timestamptz '2026-01-01Z' + n * interval '1 second' FROM size, generate_series(1, papers) n
    UNION SELECT 1, n, timestamptz '2026-01-01Z' + n * interval '1 second' FROM generate_series(1000, 9999) n ON CONFLICT DO NOTHING;
INSERT INTO author_mutes (user_id, author_id, created_at)
    SELECT 1 + n % readers, 1000 + (n::bigint * 7919) % (papers - 1000), timestamptz '2026-01-01Z' + n * interval '1 second' FROM size, generate_series(1, papers) n ON CONFLICT DO NOTHING;
-- The first reader is a hundred authors, and was not believed to be 4,000 others; of the authors behind them every fourth is a
-- reader, and every fifth is claimed.
INSERT INTO authorship_claims (user_id, author_id, state, note, created_at, resolved_at)
    SELECT user_id, author_id, state::claim_state, 'Mine', at, CASE WHEN state <> 'PENDING' THEN at + interval '1 hour' END
    FROM (SELECT 1 AS user_id, n AS author_id, CASE WHEN n <= 100 THEN 'CONFIRMED' ELSE 'REJECTED' END AS state, timestamptz '2026-01-01Z' + n * interval '1 second' AS at FROM generate_series(1, 4100) n
        UNION ALL SELECT 2 + n % (readers - 1), n, 'CONFIRMED', timestamptz '2026-01-02Z' + n * interval '1 second' FROM size, generate_series(4104, papers, 4) n
        UNION ALL SELECT 1 + n % readers, n, 'PENDING', timestamptz '2026-01-03Z' + n * interval '1 second' FROM size, generate_series(4105, papers, 5) n) c;
INSERT INTO sessions (user_id, token_hash, expires_at)
    SELECT 1 + n % readers, sha256(n::text::bytea), now() + interval '30 days' FROM size, generate_series(1, papers) n;
INSERT INTO changes (transaction_id, kind, paper_id, user_id, value)
    SELECT row_number() OVER () / 10, 'UPVOTE', paper_id, user_id, 1 FROM upvotes;

UPDATE papers p SET upvote_count = c.upvotes, flagged_upvote_count = c.flagged, trending_score = trending_score(c.upvotes - c.flagged, listed_at),
        tag_count = c.tags, named_author_count = c.authors, repo_count = c.repos
    FROM (
        SELECT id, (SELECT count(*) FROM upvotes WHERE paper_id = id)::int AS upvotes, (SELECT count(flagged_at) FROM upvotes WHERE paper_id = id)::int AS flagged, (SELECT count(*) FROM paper_tags WHERE paper_id = id)::int AS tags,
            (SELECT count(*) FROM paper_authors WHERE paper_id = id)::int AS authors, (SELECT count(*) FROM paper_repos WHERE paper_id = id)::int AS repos
        FROM papers
    ) c WHERE c.id = p.id;
UPDATE papers p SET comment_count = c.count FROM (SELECT paper_id, count(*)::int FROM comments WHERE deleted_at IS NULL GROUP BY 1) c WHERE c.paper_id = p.id;
UPDATE comments c SET reply_count = r.count FROM (SELECT parent_id, count(*)::int FROM comments WHERE deleted_at IS NULL GROUP BY 1) r WHERE r.parent_id = c.id;
UPDATE comments c SET upvote_count = v.count FROM (SELECT comment_id, count(*)::int FROM comment_upvotes GROUP BY 1) v WHERE v.comment_id = c.id;
UPDATE tags t SET paper_count = c.count FROM (SELECT tag_id, count(*)::int FROM paper_tags GROUP BY 1) c WHERE c.tag_id = t.id;
UPDATE authors a SET paper_count = c.count FROM (SELECT author_id, count(*)::int FROM paper_authors GROUP BY 1) c WHERE c.author_id = a.id;
UPDATE repos r SET paper_count = c.count FROM (SELECT repo_id, count(*)::int FROM paper_repos GROUP BY 1) c WHERE c.repo_id = r.id;
UPDATE users u SET upvote_count = c.count FROM (SELECT user_id, count(*)::int FROM upvotes GROUP BY 1) c WHERE c.user_id = u.id;
UPDATE tags t SET follower_count = c.count FROM (SELECT tag_id, count(*)::int FROM tag_follows GROUP BY 1) c WHERE c.tag_id = t.id;
UPDATE authors a SET follower_count = c.count FROM (SELECT author_id, count(*)::int FROM author_follows GROUP BY 1) c WHERE c.author_id = a.id;
SELECT setval(pg_get_serial_sequence(name, 'id'), (SELECT max(n) FROM (VALUES (papers * 6), (readers)) v (n))) FROM size, unnest(ARRAY['users', 'papers', 'authors', 'tags', 'repos', 'sessions', 'changes', 'comments', 'notifications', 'authorship_claims']) name;
SELECT fill_search();
DROP TABLE size;
RESET session_replication_role;
