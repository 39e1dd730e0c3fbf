import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rawSql, sql, type Database } from '../../src/database/database.js';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.js';

// One row of everything, each with the id 1; reader 2, paper 2, author 2, tag 2 and repo 2 have no links.
const ROWS = [
  `INSERT INTO users (id, username, password_hash) VALUES (1, 'reader-1', '$argon2id$x'), (2, 'reader-2', NULL)`,
  `INSERT INTO sessions (id, user_id, token_hash, expires_at) VALUES (1, 1, decode(repeat('00', 32), 'hex'), now() + interval '1 day')`,
  `INSERT INTO external_identities (id, user_id, issuer, subject, last_seen_on) VALUES (1, 1, 'https://login.example', 'one', now()), (2, 2, 'https://login.example', 'two', now())`,
  `INSERT INTO refused_tokens (signed_hash, expires_at) VALUES (sha256('1'), now())`,
  `INSERT INTO sessions (id, user_id, kind, name, token_hash) VALUES (2, 1, 'API_TOKEN', 'A program', sha256('2'))`,
  `INSERT INTO papers (id, arxiv_id, title) VALUES (1, '2401.00001', 'One'), (2, NULL, 'Two')`,
  `INSERT INTO authors (id, name) VALUES (1, 'Ada Lovelace'), (2, 'Alan Turing')`,
  `INSERT INTO tags (id, slug, name, kind) VALUES (1, 'tag-1', 'Tag 1', 'TASK'), (2, 'tag-2', 'Tag 2', 'METHOD')`,
  `INSERT INTO repos (id, host, owner, name) VALUES (1, 'github.com', 'Owner', 'name'), (2, 'github.com', 'owner', 'other')`,
  `INSERT INTO paper_authors (paper_id, author_id, position) VALUES (1, 1, 0)`,
  `INSERT INTO paper_tags (paper_id, tag_id) VALUES (1, 1)`,
  `INSERT INTO paper_repos (paper_id, repo_id) VALUES (1, 1)`,
  `INSERT INTO upvotes (user_id, paper_id) VALUES (1, 1)`,
  `INSERT INTO refused_upvotes (user_id, paper_id) VALUES (2, 2)`,
  `INSERT INTO vote_windows (user_id, minute_from, minute_votes, day_from, day_votes) VALUES (1, now(), 1, now(), 1)`,
  `INSERT INTO idempotency_keys (user_id, key, mutation, arguments, holder, held_until) VALUES (1, 'key-1', 'addComment', sha256('x'), gen_random_uuid(), now())`,
  `INSERT INTO sign_in_attempts (account, network) VALUES (sha256('1'), '127.0.0.1')`,
  `INSERT INTO sign_up_windows (network, hour_from, sign_ups) VALUES ('127.0.0.1', now(), 1)`,
  `INSERT INTO dismissals (user_id, paper_id) VALUES (2, 1)`,
  `INSERT INTO tag_follows (user_id, tag_id) VALUES (1, 1)`,
  `INSERT INTO author_follows (user_id, author_id) VALUES (1, 1)`,
  `INSERT INTO comments (id, paper_id, user_id, body) VALUES (1, 1, 1, 'One')`,
  `INSERT INTO comment_upvotes (user_id, comment_id) VALUES (2, 1)`,
  `INSERT INTO comment_mentions (user_id, comment_id) VALUES (2, 1)`,
  `INSERT INTO user_follows (user_id, followed_id) VALUES (1, 2)`,
  `INSERT INTO collections (id, owner_id, name, is_public) VALUES (1, 1, 'One', true)`,
  `INSERT INTO collection_papers (collection_id, paper_id, position) VALUES (1, 1, 0)`,
  `INSERT INTO library_entries (user_id, paper_id) VALUES (1, 1)`,
  `INSERT INTO tag_mutes (user_id, tag_id) VALUES (2, 1)`,
  `INSERT INTO author_mutes (user_id, author_id) VALUES (2, 1)`,
  `INSERT INTO data_exports (user_id, token_hash, expires_at) VALUES (1, '\\x01', now())`,
  `INSERT INTO feed_visits (user_id, last_seen_at) VALUES (1, now())`,
  `INSERT INTO feed_tokens (user_id, name, token_hash) VALUES (1, 'Reader', sha256('1'))`,
  `INSERT INTO settings (key, value) VALUES ('one', '1')`,
  `INSERT INTO audit_entries (actor_id, action, object_type, object_id, details) VALUES (1, 'HIDE', 'Paper', 1, '{}')`,
  `INSERT INTO reports (reporter_id, paper_id, reason) VALUES (1, 1, 'SPAM')`,
  `INSERT INTO reports (reporter_id, user_id, reason) VALUES (1, 2, 'SPAM')`,
  `INSERT INTO comments (id, paper_id, user_id, body) VALUES (1001, 1, 1, 'One')`,
  `INSERT INTO reports (reporter_id, comment_id, reason) VALUES (1, 1001, 'SPAM')`,
  `INSERT INTO authorship_claims (id, user_id, author_id, note) VALUES (1, 1, 1, 'One')`,
  `INSERT INTO authorship_claims (id, user_id, author_id, note, state, resolved_at) VALUES (2, 2, 2, 'Two', 'CONFIRMED', now())`,
  `INSERT INTO merged_papers (old_id, paper_id, arxiv_id, doi) VALUES (1001, 1, '2401.00009', '10.1234/nine')`,
  `INSERT INTO merged_authors (old_id, author_id, orcid) VALUES (1001, 1, '0000-0001-0000-0009')`,
  `INSERT INTO merged_tags (old_id, tag_id) VALUES (1001, 1)`,
  `UPDATE papers SET doi = '10.1234/one' WHERE id = 1`,
  `INSERT INTO authors (id, name, orcid) VALUES (3, 'Grace Hopper', '0000-0001-0000-0001')`,
  `INSERT INTO tag_aliases (slug, tag_id) VALUES ('alias-1', 1)`,
  `INSERT INTO paper_origins (source, external_id, paper_id, digest) VALUES ('a-source', 'x', 1, sha256('x'))`,
  `INSERT INTO ingest_runs (id, source, options, trigger) VALUES (1, 'a-source', '{}', 'COMMAND')`,
  `INSERT INTO ingest_rejects (id, run_id, place, field, rule, received, is_whole) VALUES (1, 1, 'line 1', 'title', 'must have a text', 'nothing', true)`,
  `INSERT INTO digest_subscriptions (id, user_id, email, frequency, content, time_zone, hour, max_papers, unsubscribe_token, confirm_hash) VALUES (1, 1, 'a@b.de', 'DAILY', 'TRENDING', 'UTC', 8, 10, 'token-1', '\\x01')`,
  `INSERT INTO digest_mails (id, subscription_id, kind, period, period_end, state, due_at) VALUES (1, 1, 'DIGEST', '2026-01-01', now(), 'QUEUED', now())`,
];

const SOURCES = [`''`, `'Source'`, `'-source'`, `'a source'`, `'two--hyphens'`];

const another = (...[user, token, hash]: [string, string, string]): string =>
  `INSERT INTO digest_subscriptions (id, user_id, email, frequency, content, time_zone, hour, max_papers, unsubscribe_token, confirm_hash) VALUES (9, ${user}, 'c@d.ef', 'DAILY', 'TRENDING', 'UTC', 8, 10, ${token}, ${hash})`;

// What the database says of a constraint → statements that break it.
const IMPOSSIBLE: Record<string, string[]> = {
  users_username_key: [`INSERT INTO users (username) VALUES ('reader-1')`],
  users_username_form: ['a', 'Reader', '-reader', 'über', 'reader one', 'x'.repeat(40), ''].map((name) => `INSERT INTO users (username) VALUES ('${name}')`),
  users_display_name_form: [`''`, `' padded'`, `repeat('x', 81)`].map((name) => `UPDATE users SET display_name = ${name}`),
  users_password_hash_form: [`UPDATE users SET password_hash = 'a password in clear'`],
  users_simulated_cannot_sign_in: [`UPDATE users SET is_simulated = true WHERE id = 1`],
  sessions_token_hash_key: [`INSERT INTO sessions (user_id, token_hash, expires_at) SELECT 2, token_hash, expires_at FROM sessions WHERE id = 1`],
  sessions_token_hash_is_sha256: [`UPDATE sessions SET token_hash = '\\x00'`],
  sessions_expire_later: [`UPDATE sessions SET expires_at = created_at`],
  sessions_identity_id_fkey: [`UPDATE sessions SET identity_id = 99, signed_hash = sha256('1')`],
  sessions_signed_by_an_identity: [`UPDATE sessions SET identity_id = 1`, `UPDATE sessions SET signed_hash = sha256('1')`],
  sessions_signed_hash_is_sha256: [`UPDATE sessions SET identity_id = 1, signed_hash = '\\x00'`],
  external_identities_user_id_fkey: [`UPDATE external_identities SET user_id = 99`],
  external_identities_issuer_subject_key: [`UPDATE external_identities SET subject = 'one' WHERE id = 2`],
  external_identities_issuer_length: [`UPDATE external_identities SET issuer = ''`, `UPDATE external_identities SET issuer = repeat('x', 2001)`],
  external_identities_subject_length: [`UPDATE external_identities SET subject = ''`, `UPDATE external_identities SET subject = repeat('x', 256)`],
  refused_tokens_pkey: [`INSERT INTO refused_tokens (signed_hash, expires_at) VALUES (sha256('1'), now())`],
  refused_tokens_signed_hash_is_sha256: [`UPDATE refused_tokens SET signed_hash = '\\x00'`],
  sessions_scopes_given: [`UPDATE sessions SET scopes = '{}'`, `UPDATE sessions SET scopes = '{READ, NULL}'`],
  sessions_api_token_named: [`UPDATE sessions SET name = NULL WHERE id = 2`],
  sessions_api_token_name_key: [`INSERT INTO sessions (user_id, kind, name, token_hash) VALUES (1, 'API_TOKEN', 'A program', sha256('3'))`],
  sessions_expire: [`UPDATE sessions SET expires_at = NULL WHERE id = 1`, `UPDATE sessions SET kind = 'EXTERNAL', expires_at = NULL WHERE id = 1`],
  sessions_name_form: [`UPDATE sessions SET name = ''`, `UPDATE sessions SET name = ' padded'`, `UPDATE sessions SET name = repeat('x', 81)`],
  sessions_user_id_fkey: [`UPDATE sessions SET user_id = 99`],
  papers_arxiv_id_key: [`UPDATE papers SET arxiv_id = '2401.00001' WHERE id = 2`],
  papers_arxiv_id_form: ['2401.00001v2', 'arXiv:2401.00001', '2401.001', 'HEP-TH/9901001', 'hep-th/990100', ''].map((id) => `UPDATE papers SET arxiv_id = '${id}' WHERE id = 2`),
  papers_title_form: [`''`, `' padded'`, `'padded '`, `repeat('x', 501)`].map((title) => `UPDATE papers SET title = ${title}`),
  papers_abstract_form: [`''`, `repeat('x', 20001)`].map((text) => `UPDATE papers SET abstract = ${text}`),
  papers_project_url_form: [`'ftp://host'`, `'javascript:alert(1)'`, `'https://' || repeat('x', 2000)`].map((url) => `UPDATE papers SET project_url = ${url}`),
  papers_published_at_range: [`UPDATE papers SET published_at = '1899-12-31T23:59:59Z'`],
  papers_listed_at_range: ['1899-12-31T23:59:59Z', '3000-01-01T00:00:00Z', 'infinity'].map((time) => `UPDATE papers SET listed_at = '${time}'`),
  papers_stated_author_count_range: ['0', '10001'].map((count) => `UPDATE papers SET stated_author_count = ${count}`),
  papers_origin_upvote_count_range: [`UPDATE papers SET origin_upvote_count = -1`],
  audit_entries_actor_id_fkey: [`INSERT INTO audit_entries (actor_id, action, object_type, object_id, details) VALUES (99, 'HIDE', 'Paper', 1, '{}')`],
  audit_entries_object_type_form: [`'paper'`, `''`, `'Pa per'`].map((type) => `INSERT INTO audit_entries (action, object_type, object_id, details) VALUES ('HIDE', ${type}, 1, '{}')`),
  audit_entries_details_are_object: [`INSERT INTO audit_entries (action, object_type, object_id, details) VALUES ('HIDE', 'Paper', 1, '[]')`],
  reports_reporter_id_fkey: [`INSERT INTO reports (reporter_id, paper_id, reason) VALUES (99, 1, 'SPAM')`],
  reports_paper_id_fkey: [`INSERT INTO reports (reporter_id, paper_id, reason) VALUES (1, 99, 'SPAM')`],
  reports_comment_id_fkey: [`INSERT INTO reports (reporter_id, comment_id, reason) VALUES (1, 99, 'SPAM')`],
  reports_user_id_fkey: [`INSERT INTO reports (reporter_id, user_id, reason) VALUES (1, 99, 'SPAM')`],
  reports_resolver_id_fkey: [`UPDATE reports SET resolver_id = 99`],
  reports_one_object: [`UPDATE reports SET user_id = 1 WHERE id = 1`, `UPDATE reports SET paper_id = NULL WHERE id = 1`],
  reports_note_length: [`''`, `repeat('x', 1001)`].map((note) => `UPDATE reports SET note = ${note}`),
  reports_resolution_note_length: [`''`, `repeat('x', 1001)`].map((note) => `UPDATE reports SET resolution_note = ${note}`),
  reports_resolved_when_over: [`state = 'ACTED'`, `resolved_at = now()`].map((change) => `UPDATE reports SET ${change}`),
  reports_open_paper_key: [`INSERT INTO reports (reporter_id, paper_id, reason) VALUES (1, 1, 'ABUSE')`],
  reports_open_comment_key: [`INSERT INTO reports (reporter_id, comment_id, reason) VALUES (1, 1001, 'ABUSE')`],
  reports_open_user_key: [`INSERT INTO reports (reporter_id, user_id, reason) VALUES (1, 2, 'ABUSE')`],
  authorship_claims_user_id_fkey: [`INSERT INTO authorship_claims (user_id, author_id, note) VALUES (99, 1, 'x')`],
  authorship_claims_author_id_fkey: [`INSERT INTO authorship_claims (user_id, author_id, note) VALUES (1, 99, 'x')`],
  authorship_claims_resolver_id_fkey: [`UPDATE authorship_claims SET resolver_id = 99 WHERE id = 2`],
  authorship_claims_pending_key: [`INSERT INTO authorship_claims (user_id, author_id, note) VALUES (1, 1, 'x')`],
  authorship_claims_confirmed_key: [`INSERT INTO authorship_claims (user_id, author_id, note, state, resolved_at) VALUES (1, 2, 'x', 'CONFIRMED', now())`],
  authorship_claims_note_length: [`''`, `repeat('x', 1001)`].map((note) => `UPDATE authorship_claims SET note = ${note}`),
  authorship_claims_evidence_url_form: [`'ftp://host'`, `'javascript:alert(1)'`, `'https://' || repeat('x', 2000)`].map((url) => `UPDATE authorship_claims SET evidence_url = ${url}`),
  authorship_claims_resolution_note_length: [`''`, `repeat('x', 1001)`].map((note) => `UPDATE authorship_claims SET resolution_note = ${note} WHERE id = 2`),
  authorship_claims_end_reason_length: [`''`, `repeat('x', 1001)`].map((reason) => `UPDATE authorship_claims SET state = 'ENDED', ended_at = now(), end_reason = ${reason} WHERE id = 2`),
  authorship_claims_resolved_when_over: [`state = 'REJECTED'`, `resolved_at = now()`].map((change) => `UPDATE authorship_claims SET ${change} WHERE id = 1`),
  authorship_claims_resolved_by_curators: [`resolver_id = 2`, `resolution_note = 'x'`].map((change) => `UPDATE authorship_claims SET ${change} WHERE id = 1`),
  authorship_claims_resolved_by_others: [`UPDATE authorship_claims SET resolver_id = 2 WHERE id = 2`],
  authorship_claims_ended_with_reason: [`state = 'ENDED'`, `state = 'ENDED', ended_at = now()`, `ended_at = now()`, `end_reason = 'x'`].map((change) => `UPDATE authorship_claims SET ${change} WHERE id = 2`),
  merged_papers_paper_id_fkey: [`UPDATE merged_papers SET paper_id = 99`],
  merged_papers_arxiv_id_key: [`INSERT INTO merged_papers (old_id, paper_id, arxiv_id) VALUES (1002, 2, '2401.00009')`],
  merged_papers_doi_key: [`INSERT INTO merged_papers (old_id, paper_id, doi) VALUES (1002, 2, '10.1234/nine')`],
  merged_papers_lead_away: [`UPDATE merged_papers SET old_id = paper_id`],
  merged_authors_author_id_fkey: [`UPDATE merged_authors SET author_id = 99`],
  merged_authors_orcid_key: [`INSERT INTO merged_authors (old_id, author_id, orcid) VALUES (1002, 2, '0000-0001-0000-0009')`],
  merged_authors_lead_away: [`UPDATE merged_authors SET old_id = author_id`],
  merged_tags_tag_id_fkey: [`UPDATE merged_tags SET tag_id = 99`],
  merged_tags_lead_away: [`UPDATE merged_tags SET old_id = tag_id`],
  papers_submitted_by_id_fkey: [`UPDATE papers SET submitted_by_id = 99`],
  papers_doi_key: [`UPDATE papers SET doi = '10.1234/one' WHERE id = 2`],
  papers_doi_form: [`'10.1234/One'`, `'https://doi.org/10.1234/one'`, `'10.1234/'`, `'10.123/one'`, `'10.1234/a b'`, `''`, `'10.1234/' || repeat('x', 293)`].map((doi) => `UPDATE papers SET doi = ${doi} WHERE id = 2`),
  papers_arxiv_version_range: ['0', '10000'].map((version) => `UPDATE papers SET arxiv_version = ${version}`),
  papers_withdrawn_at_range: ['1899-12-31T23:59:59Z', '3000-01-01T00:00:00Z', 'infinity'].map((time) => `UPDATE papers SET withdrawn_at = '${time}'`),
  authors_name_key_orcid_key: [`INSERT INTO authors (name) VALUES ('ADA  lovelace')`, `UPDATE authors SET orcid = NULL, name = 'Ada Lovelace' WHERE id = 3`],
  authors_orcid_key: [`UPDATE authors SET orcid = '0000-0001-0000-0001' WHERE id = 2`],
  authors_orcid_form: ['0000-0001-0000-000', '0000-0001-0000-000x', '0000000100000001', 'https://orcid.org/0000-0001-0000-0001', ''].map((orcid) => `UPDATE authors SET orcid = '${orcid}' WHERE id = 2`),
  authors_name_form: [`''`, `' Ada'`, `repeat('x', 201)`].map((name) => `INSERT INTO authors (name) VALUES (${name})`),
  paper_authors_position_range: ['-1', '10000'].map((place) => `UPDATE paper_authors SET position = ${place}`),
  paper_authors_paper_id_position_key: [`INSERT INTO paper_authors (paper_id, author_id, position) VALUES (1, 2, 0)`],
  paper_authors_paper_id_fkey: [`INSERT INTO paper_authors (paper_id, author_id, position) VALUES (99, 1, 0)`],
  paper_authors_author_id_fkey: [`INSERT INTO paper_authors (paper_id, author_id, position) VALUES (2, 99, 0)`],
  tags_slug_key: [`INSERT INTO tags (slug, name, kind) VALUES ('tag-1', 'Other', 'TASK')`],
  tags_slug_form: ['', 'Tag', '-tag', 'tag-', 'two--hyphens', 'a b', 'x'.repeat(81)].map((slug) => `INSERT INTO tags (slug, name, kind) VALUES ('${slug}', 'T', 'TASK')`),
  tags_name_form: [`''`, `'Tag '`, `repeat('x', 81)`].map((name) => `UPDATE tags SET name = ${name}`),
  tag_aliases_pkey: [`INSERT INTO tag_aliases (slug, tag_id) VALUES ('alias-1', 2)`],
  tag_aliases_slug_form: ['', 'Alias', '-alias', 'alias-', 'two--hyphens', 'a b', 'x'.repeat(81)].map((slug) => `INSERT INTO tag_aliases (slug, tag_id) VALUES ('${slug}', 1)`),
  tag_aliases_tag_id_fkey: [`INSERT INTO tag_aliases (slug, tag_id) VALUES ('alias-2', 99)`],
  paper_tags_weight_range: ['0', '-0.5', '1.01', `'NaN'`, `'Infinity'`].map((weight) => `UPDATE paper_tags SET weight = ${weight}`),
  paper_tags_paper_id_fkey: [`INSERT INTO paper_tags (paper_id, tag_id) VALUES (99, 1)`],
  paper_tags_tag_id_fkey: [`INSERT INTO paper_tags (paper_id, tag_id) VALUES (2, 99)`],
  repos_key_key: [`INSERT INTO repos (host, owner, name) VALUES ('github.com', 'OWNER', 'Name')`],
  repos_host_form: ['', 'localhost', 'GitHub.com', 'git hub.com'].map((host) => `UPDATE repos SET host = '${host}' WHERE id = 1`),
  repos_owner_form: ['', '/owner', 'a//b', 'a b'].map((owner) => `UPDATE repos SET owner = '${owner}' WHERE id = 1`),
  repos_name_form: ['', 'a/b', 'a b'].map((name) => `UPDATE repos SET name = '${name}' WHERE id = 1`),
  repos_stars_range: [`UPDATE repos SET stars = -1`],
  repos_license_form: [`''`, `repeat('x', 101)`].map((license) => `UPDATE repos SET license = ${license}`),
  repos_etag_form: [`''`, `repeat('x', 201)`].map((etag) => `UPDATE repos SET etag = ${etag}`),
  paper_repos_paper_id_fkey: [`INSERT INTO paper_repos (paper_id, repo_id) VALUES (99, 1)`],
  paper_repos_repo_id_fkey: [`INSERT INTO paper_repos (paper_id, repo_id) VALUES (2, 99)`],
  upvotes_user_id_fkey: [`INSERT INTO upvotes (user_id, paper_id) VALUES (99, 1)`],
  upvotes_paper_id_fkey: [`INSERT INTO upvotes (user_id, paper_id) VALUES (1, 99)`],
  upvotes_pkey: [`INSERT INTO upvotes (user_id, paper_id) VALUES (1, 1)`],
  upvotes_flagged_or_cleared: [`UPDATE upvotes SET flagged_at = now(), cleared_at = now()`],
  sign_in_attempts_pkey: [`INSERT INTO sign_in_attempts (account, network) VALUES (sha256('1'), '127.0.0.1')`],
  sign_in_attempts_account_is_sha256: [`UPDATE sign_in_attempts SET account = '\\x00'`],
  sign_in_attempts_of_something: [`UPDATE sign_in_attempts SET account = '', network = ''`],
  sign_in_attempts_failures_range: [`UPDATE sign_in_attempts SET failures = -1`],
  sign_in_attempts_succeeded_somewhere: [`UPDATE sign_in_attempts SET network = '', succeeded_at = now()`, `UPDATE sign_in_attempts SET account = '', succeeded_at = now()`],
  sign_up_windows_pkey: [`INSERT INTO sign_up_windows (network, hour_from, sign_ups) VALUES ('127.0.0.1', now(), 1)`],
  sign_up_windows_network_given: [`UPDATE sign_up_windows SET network = ''`],
  sign_up_windows_sign_ups_range: [`UPDATE sign_up_windows SET sign_ups = 0`],
  refused_upvotes_user_id_fkey: [`INSERT INTO refused_upvotes (user_id, paper_id) VALUES (99, 1)`],
  refused_upvotes_paper_id_fkey: [`INSERT INTO refused_upvotes (user_id, paper_id) VALUES (1, 99)`],
  refused_upvotes_pkey: [`INSERT INTO refused_upvotes (user_id, paper_id) VALUES (2, 2)`],
  vote_windows_user_id_fkey: [`INSERT INTO vote_windows (user_id, minute_from, minute_votes, day_from, day_votes) VALUES (99, now(), 1, now(), 1)`],
  vote_windows_pkey: [`INSERT INTO vote_windows (user_id, minute_from, minute_votes, day_from, day_votes) VALUES (1, now(), 1, now(), 1)`],
  vote_windows_votes_range: ['minute_votes', 'day_votes'].map((column) => `UPDATE vote_windows SET ${column} = 0`),
  idempotency_keys_user_id_fkey: [`UPDATE idempotency_keys SET user_id = 99`],
  idempotency_keys_pkey: [`INSERT INTO idempotency_keys SELECT * FROM idempotency_keys`],
  idempotency_keys_key_form: [`''`, `repeat('x', 256)`, `'a' || chr(10)`, `'naïve'`].map((key) => `UPDATE idempotency_keys SET key = ${key}`),
  idempotency_keys_digest_length: [`UPDATE idempotency_keys SET arguments = '\\x00'`, `UPDATE idempotency_keys SET answer = '{}', selection = '\\x00', completed_at = now()`],
  idempotency_keys_results_object: [`UPDATE idempotency_keys SET results = '[]'`],
  idempotency_keys_answer_of_selection: [
    `UPDATE idempotency_keys SET answer = '{}', completed_at = now()`, `UPDATE idempotency_keys SET selection = sha256('x')`, `UPDATE idempotency_keys SET answer = '{}', selection = sha256('x')`,
  ],
  dismissals_user_id_fkey: [`INSERT INTO dismissals (user_id, paper_id) VALUES (99, 1)`],
  dismissals_paper_id_fkey: [`INSERT INTO dismissals (user_id, paper_id) VALUES (1, 99)`],
  dismissals_pkey: [`INSERT INTO dismissals (user_id, paper_id) VALUES (2, 1)`],
  tag_follows_user_id_fkey: [`INSERT INTO tag_follows (user_id, tag_id) VALUES (99, 1)`],
  tag_follows_tag_id_fkey: [`INSERT INTO tag_follows (user_id, tag_id) VALUES (1, 99)`],
  tag_follows_pkey: [`INSERT INTO tag_follows (user_id, tag_id) VALUES (1, 1)`],
  author_follows_user_id_fkey: [`INSERT INTO author_follows (user_id, author_id) VALUES (99, 1)`],
  author_follows_author_id_fkey: [`INSERT INTO author_follows (user_id, author_id) VALUES (1, 99)`],
  author_follows_pkey: [`INSERT INTO author_follows (user_id, author_id) VALUES (1, 1)`],
  user_follows_user_id_fkey: [`INSERT INTO user_follows (user_id, followed_id) VALUES (99, 1)`],
  user_follows_followed_id_fkey: [`INSERT INTO user_follows (user_id, followed_id) VALUES (1, 99)`],
  user_follows_pkey: [`INSERT INTO user_follows (user_id, followed_id) VALUES (1, 2)`],
  notifications_user_id_fkey: [`INSERT INTO notifications (user_id, kind, actor_id, paper_id, comment_id) VALUES (99, 'NEW_FOLLOWER', 1, NULL, NULL)`],
  notifications_actor_id_fkey: [`INSERT INTO notifications (user_id, kind, actor_id, paper_id, comment_id) VALUES (1, 'NEW_FOLLOWER', 99, NULL, NULL)`],
  notifications_paper_id_fkey: [`INSERT INTO notifications (user_id, kind, actor_id, paper_id, comment_id) VALUES (1, 'REPLY', 2, 99, 1)`],
  notifications_comment_id_fkey: [`INSERT INTO notifications (user_id, kind, actor_id, paper_id, comment_id) VALUES (2, 'REPLY', 1, 1, 99)`],
  notifications_author_id_fkey: [`INSERT INTO notifications (user_id, kind, author_id) VALUES (1, 'CLAIM_CONFIRMED', 99)`],
  notifications_of_others: [`INSERT INTO notifications (user_id, kind, actor_id, paper_id, comment_id) VALUES (1, 'NEW_FOLLOWER', 1, NULL, NULL)`],
  notifications_cause_by_kind: [...[`(1, 'NEW_FOLLOWER', 2, 1, NULL)`, `(1, 'NEW_FOLLOWER', NULL, NULL, NULL)`, `(2, 'COMMENT', 1, 1, NULL)`, `(2, 'MENTION', NULL, 1, 1)`].map((row) => `INSERT INTO notifications (user_id, kind, actor_id, paper_id, comment_id) VALUES ${row}`),
    ...[`'CLAIM_CONFIRMED', NULL, NULL`, `'CLAIM_REJECTED', 1, 2`, `'NEW_FOLLOWER', 1, 2`].map((row) => `INSERT INTO notifications (user_id, kind, author_id, actor_id) VALUES (1, ${row})`)],
  notifications_new_follower_key: [`INSERT INTO notifications (user_id, kind, actor_id, paper_id, comment_id) VALUES (2, 'NEW_FOLLOWER', 1, NULL, NULL)`],
  notifications_user_id_comment_id_key: [`INSERT INTO notifications (user_id, kind, actor_id, paper_id, comment_id) VALUES (2, 'REPLY', 1, 1, 1), (2, 'COMMENT', 1, 1, 1)`],
  user_follows_others: [`INSERT INTO user_follows (user_id, followed_id) VALUES (1, 1)`],
  collections_owner_id_fkey: [`INSERT INTO collections (owner_id, name, is_public) VALUES (99, 'Two', true)`],
  collections_owner_id_name_key: [`INSERT INTO collections (owner_id, name, is_public) VALUES (1, 'One', false)`],
  collections_name_form: [`''`, `' padded'`, `repeat('x', 101)`].map((name) => `UPDATE collections SET name = ${name}`),
  collections_description_form: [`''`, `' padded'`, `repeat('x', 2001)`].map((text) => `UPDATE collections SET description = ${text}`),
  collection_papers_collection_id_fkey: [`INSERT INTO collection_papers (collection_id, paper_id, position) VALUES (99, 1, 0)`],
  collection_papers_paper_id_fkey: [`INSERT INTO collection_papers (collection_id, paper_id, position) VALUES (1, 99, 0)`],
  collection_papers_pkey: [`INSERT INTO collection_papers (collection_id, paper_id, position) VALUES (1, 1, 1)`],
  collection_papers_position_range: [`'NaN'`, `'Infinity'`, '-1e16'].map((position) => `UPDATE collection_papers SET position = ${position}`),
  collection_papers_note_form: [`''`, `' padded'`, `repeat('x', 1001)`].map((note) => `UPDATE collection_papers SET note = ${note}`),
  library_entries_user_id_fkey: [`INSERT INTO library_entries (user_id, paper_id) VALUES (99, 1)`],
  library_entries_paper_id_fkey: [`INSERT INTO library_entries (user_id, paper_id) VALUES (1, 99)`],
  library_entries_pkey: [`INSERT INTO library_entries (user_id, paper_id) VALUES (1, 1)`],
  library_entries_note_form: [`''`, `' padded'`, `repeat('x', 10001)`].map((note) => `UPDATE library_entries SET note = ${note}`),
  library_entries_read_at_of_read: [`state = 'READ'`, `read_at = now()`].map((change) => `UPDATE library_entries SET ${change}`),
  tag_mutes_user_id_fkey: [`INSERT INTO tag_mutes (user_id, tag_id) VALUES (99, 1)`],
  tag_mutes_tag_id_fkey: [`INSERT INTO tag_mutes (user_id, tag_id) VALUES (1, 99)`],
  tag_mutes_pkey: [`INSERT INTO tag_mutes (user_id, tag_id) VALUES (2, 1)`],
  author_mutes_user_id_fkey: [`INSERT INTO author_mutes (user_id, author_id) VALUES (99, 1)`],
  author_mutes_author_id_fkey: [`INSERT INTO author_mutes (user_id, author_id) VALUES (1, 99)`],
  author_mutes_pkey: [`INSERT INTO author_mutes (user_id, author_id) VALUES (2, 1)`],
  feed_tokens_user_id_fkey: [`UPDATE feed_tokens SET user_id = 99`],
  feed_tokens_user_id_name_key: [`INSERT INTO feed_tokens (user_id, name, token_hash) VALUES (1, 'Reader', sha256('2'))`],
  feed_tokens_token_hash_key: [`INSERT INTO feed_tokens (user_id, name, token_hash) VALUES (2, 'Reader', sha256('1'))`],
  feed_tokens_token_hash_is_sha256: [`UPDATE feed_tokens SET token_hash = '\\x00'`],
  feed_tokens_name_form: [`''`, `' padded'`, `repeat('x', 81)`].map((name) => `UPDATE feed_tokens SET name = ${name}`),
  feed_visits_user_id_fkey: [`INSERT INTO feed_visits (user_id, last_seen_at) VALUES (99, now())`],
  feed_visits_pkey: [`INSERT INTO feed_visits (user_id, last_seen_at) VALUES (1, now())`],
  changes_since_of_removed_upvotes: [`UPDATE changes SET since = now()`],
  changes_ends_by_kind: [`paper_id = NULL`, `author_id = 1`, `tag_id = CASE kind WHEN 'TAG' THEN NULL ELSE 1 END`, `user_id = CASE kind WHEN 'PAPER' THEN 1 END`].map((end) => `UPDATE changes SET ${end}`),
  paper_authors_pkey: [`INSERT INTO paper_authors (paper_id, author_id, position) VALUES (1, 1, 1)`],
  paper_tags_pkey: [`INSERT INTO paper_tags (paper_id, tag_id) VALUES (1, 1)`],
  paper_repos_pkey: [`INSERT INTO paper_repos (paper_id, repo_id) VALUES (1, 1)`],
  paper_origins_pkey: [`INSERT INTO paper_origins (source, external_id, paper_id, digest) VALUES ('a-source', 'x', 2, sha256('y'))`],
  paper_origins_paper_id_fkey: [`UPDATE paper_origins SET paper_id = 99`],
  paper_origins_source_form: [...SOURCES, `repeat('x', 41)`].map((source) => `UPDATE paper_origins SET source = ${source}`),
  paper_origins_external_id_form: [`''`, `repeat('x', 301)`].map((id) => `UPDATE paper_origins SET external_id = ${id}`),
  paper_origins_fields_bound: [`UPDATE paper_origins SET fields = array_fill('x'::text, ARRAY[21])`],
  paper_origins_facts_are_object: [`UPDATE paper_origins SET facts = '[1]'`],
  paper_origins_digest_is_sha256: [`UPDATE paper_origins SET digest = '\\x00'`],
  ingest_runs_source_form: [...SOURCES, `repeat('x', 41)`].map((source) => `UPDATE ingest_runs SET source = ${source}`),
  ingest_runs_counts_range: ['added', 'changed', 'unchanged', 'rejected'].map((what) => `UPDATE ingest_runs SET ${what}_count = -1`),
  ingest_runs_done_range: ['done', 'total'].map((what) => `UPDATE ingest_runs SET ${what} = -1`),
  ingest_runs_ends_when_over: [`finished_at = now()`, `state = 'SUCCEEDED'`, `state = 'STOPPED'`, `state = 'FAILED', error = 'x'`].map((change) => `UPDATE ingest_runs SET ${change}`),
  ingest_runs_starts_before_running: [`UPDATE ingest_runs SET state = 'RUNNING'`],
  ingest_runs_error_of_failed: [`error = 'x'`, `state = 'FAILED', finished_at = now()`, `state = 'SUCCEEDED', finished_at = now(), error = 'x'`].map((change) => `UPDATE ingest_runs SET ${change}`),
  ingest_runs_requested_by_id_fkey: [`UPDATE ingest_runs SET requested_by_id = 99`],
  ingest_rejects_run_id_fkey: [`UPDATE ingest_rejects SET run_id = 99`],
  comments_paper_id_fkey: [`INSERT INTO comments (paper_id, user_id, body) VALUES (99, 1, 'x')`],
  comments_parent_id_fkey: [`INSERT INTO comments (paper_id, parent_id, user_id, body) VALUES (1, 99, 1, 'x')`],
  comments_user_id_fkey: [`INSERT INTO comments (paper_id, user_id, body) VALUES (1, 99, 'x')`],
  comments_body_length: [`UPDATE comments SET body = repeat('x', 10001)`],
  comments_body_until_deleted: [`body = ''`, `deleted_at = now()`].map((change) => `UPDATE comments SET ${change}`),
  comments_author_until_deleted: [`INSERT INTO comments (paper_id, body) VALUES (1, 'x')`],
  comments_anonymised_of_nobody: [`UPDATE comments SET is_anonymised = true`],
  data_exports_user_id_fkey: [`INSERT INTO data_exports (user_id, token_hash, expires_at) VALUES (99, '\\x02', now())`],
  data_exports_token_hash_key: [`INSERT INTO data_exports (user_id, token_hash, expires_at) VALUES (2, '\\x01', now())`],
  comment_upvotes_user_id_fkey: [`INSERT INTO comment_upvotes (user_id, comment_id) VALUES (99, 1)`],
  comment_upvotes_comment_id_fkey: [`INSERT INTO comment_upvotes (user_id, comment_id) VALUES (1, 99)`],
  comment_upvotes_pkey: [`INSERT INTO comment_upvotes (user_id, comment_id) VALUES (2, 1)`],
  comment_mentions_user_id_fkey: [`INSERT INTO comment_mentions (user_id, comment_id) VALUES (99, 1)`],
  comment_mentions_comment_id_fkey: [`INSERT INTO comment_mentions (user_id, comment_id) VALUES (1, 99)`],
  comment_mentions_pkey: [`INSERT INTO comment_mentions (user_id, comment_id) VALUES (2, 1)`],
  digest_subscriptions_email_length: [`'a@'`, `repeat('x', 255)`].map((email) => `UPDATE digest_subscriptions SET email = ${email}`),
  digest_subscriptions_hour_range: ['-1', '24'].map((hour) => `UPDATE digest_subscriptions SET hour = ${hour}`),
  digest_subscriptions_weekday_of_weekly: [`weekday = 1`, `frequency = 'WEEKLY'`, `frequency = 'WEEKLY', weekday = 0`, `frequency = 'WEEKLY', weekday = 8`].map((change) => `UPDATE digest_subscriptions SET ${change}`),
  digest_subscriptions_max_papers_range: ['0', '21'].map((count) => `UPDATE digest_subscriptions SET max_papers = ${count}`),
  digest_subscriptions_due_when_active: [`next_due_at = now()`, `state = 'ACTIVE', confirmed_at = now()`, `state = 'BOUNCING', confirmed_at = now(), next_due_at = now()`].map((change) => `UPDATE digest_subscriptions SET ${change}`),
  digest_subscriptions_active_when_confirmed: [`state = 'ACTIVE', next_due_at = now()`, `state = 'BOUNCING'`].map((change) => `UPDATE digest_subscriptions SET ${change}`),
  digest_subscriptions_user_id_fkey: [`UPDATE digest_subscriptions SET user_id = 99`],
  digest_subscriptions_user_id_key: [another(`1`, `'token-2'`, `NULL`)],
  digest_subscriptions_unsubscribe_token_key: [another(`2`, `'token-1'`, `NULL`)],
  digest_subscriptions_confirm_hash_key: [another(`2`, `'token-2'`, `'\\x01'`)],
  digest_mails_finished_when_over: [`state = 'SENT'`, `state = 'EMPTY'`, `state = 'SENDING', finished_at = now()`, `finished_at = now()`].map((change) => `UPDATE digest_mails SET ${change}`),
  digest_mails_queued_is_not_sent: [`UPDATE digest_mails SET handed_over_at = now()`],
  digest_mails_subscription_id_fkey: [`UPDATE digest_mails SET subscription_id = 99`],
  digest_mails_subscription_id_period_key: [`INSERT INTO digest_mails (id, subscription_id, kind, period, period_end, state, due_at) VALUES (9, 1, 'DIGEST', '2026-01-01', now(), 'QUEUED', now())`],
  digest_requests_user_id_fkey: [`INSERT INTO digest_requests (user_id, email_hash) VALUES (99, '\\x01')`],
  settings_pkey: [`INSERT INTO settings (key, value) VALUES ('one', '2')`],
};

// What triggers already prevent: these are the second line, seen only with the triggers off.
const BEHIND_TRIGGERS: Record<string, string> = {
  users_upvote_count_range: 'UPDATE users SET upvote_count = -1',
  papers_comment_count_range: 'UPDATE papers SET comment_count = -1',
  comments_counters_range: 'UPDATE comments SET reply_count = -1',
  comments_best_score_range: 'UPDATE comments SET best_score = 1.5',
  comments_depth_range: 'UPDATE comments SET depth = 9, parent_id = 1',
  comments_top_is_flat: 'UPDATE comments SET depth = 1',
  papers_counters_range: 'UPDATE papers SET tag_count = -1',
  authors_paper_count_range: 'UPDATE authors SET paper_count = -1',
  authors_follower_count_range: 'UPDATE authors SET follower_count = -1',
  users_follower_count_range: 'UPDATE users SET follower_count = -1',
  collections_paper_count_range: 'UPDATE collections SET paper_count = -1',
  tags_follower_count_range: 'UPDATE tags SET follower_count = -1',
  authors_name_key_present: `UPDATE authors SET name_key = '' WHERE id = 1`,
  papers_flagged_upvote_count_range: 'UPDATE papers SET flagged_upvote_count = upvote_count + 1',
  tags_paper_count_range: 'UPDATE tags SET paper_count = -1',
  repos_paper_count_range: 'UPDATE repos SET paper_count = -1',
  search_words_uses_range: `INSERT INTO search_words (word, uses) VALUES ('word', -1)`,
  paper_search_paper_id_fkey: `DO $$ BEGIN ALTER TABLE paper_search DISABLE TRIGGER paper_search_kept; SET LOCAL session_replication_role = origin;
    INSERT INTO paper_search (paper_id, vector) VALUES (99, ''); END $$`,
  repos_key_form: `UPDATE repos SET key = 'github.com/owner/another' WHERE id = 1`,
};

/** Those that a new paper may come with: see the tests of counters. */
const LINK_COUNTERS = ['papers.named_author_count', 'papers.tag_count', 'papers.repo_count'];
const COUNTERS = ['users.upvote_count', 'users.follower_count', 'collections.paper_count', 'papers.upvote_count', 'papers.flagged_upvote_count', 'papers.comment_count', 'comments.upvote_count', 'comments.reply_count', 'comments.best_score', ...LINK_COUNTERS, 'authors.paper_count', 'authors.follower_count', 'tags.paper_count', 'tags.follower_count', 'repos.paper_count'];
const LINK_ENDS = ['upvotes.user_id', 'upvotes.paper_id', 'paper_authors.paper_id', 'paper_authors.author_id', 'paper_tags.paper_id', 'paper_tags.tag_id', 'paper_repos.paper_id', 'paper_repos.repo_id', 'dismissals.user_id', 'dismissals.paper_id', 'tag_follows.user_id', 'tag_follows.tag_id', 'author_follows.user_id', 'author_follows.author_id', 'tag_mutes.user_id', 'tag_mutes.tag_id', 'author_mutes.user_id', 'author_mutes.author_id', 'user_follows.user_id', 'user_follows.followed_id', 'collection_papers.collection_id', 'collection_papers.paper_id', 'comments.paper_id', 'comments.parent_id', 'comment_upvotes.user_id', 'comment_upvotes.comment_id'];

describe('the database refuses', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  const run = (statement: string): Promise<unknown[]> => database.rows(rawSql(statement));

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = testDatabase.database;
    for (const statement of ROWS) await run(statement);
    for (const table of ['users', 'sessions', 'papers', 'authors', 'tags', 'repos', 'collections', 'comments', 'authorship_claims']) await run(`SELECT setval('${table}_id_seq', 50)`);
  });
  afterAll(() => testDatabase.drop());

  const cases = Object.entries(IMPOSSIBLE).flatMap(([constraint, statements]) => statements.map((statement) => [constraint, statement.slice(0, 110), statement] as const));
  test.each(cases)('%s: %s', async (constraint, _, statement) => {
    await expect(run(statement)).rejects.toThrow(`constraint "${constraint}"`);
  });

  test.each(Object.entries(BEHIND_TRIGGERS))('%s, were it not for triggers: %s', async (constraint, statement) => {
    const broken = database.transaction(async ({ prisma }) => {
      await prisma.$executeRaw`SET LOCAL session_replication_role = replica`;
      await prisma.$executeRawUnsafe(statement);
    });
    await expect(broken).rejects.toThrow(constraint);
  });

  test.each([
    [`UPDATE users SET role = 'OWNER'`, 'invalid input value for enum role'],
    [`UPDATE tags SET kind = 'TOPIC'`, 'invalid input value for enum tag_kind'],
    [`UPDATE papers SET title = NULL`, 'null value in column "title"'],
    [`UPDATE papers SET upvote_count = NULL`, 'null value in column "upvote_count"'],
    [`UPDATE repos SET stars = 2147483648`, 'integer out of range'],
  ])('%s', async (statement, message) => {
    await expect(run(statement)).rejects.toThrow(message);
  });

  test.each(COUNTERS)('a hand that writes %s', async (counter) => {
    const [table, column] = counter.split('.') as [string, string];
    const message = `the counters of ${table} are kept by the database and cannot be written`;
    await expect(run(`UPDATE ${table} SET ${column} = ${column} + 1`)).rejects.toThrow(message);
    const row = { comments: `(paper_id, user_id, body, %) VALUES (1, 1, 'x', 1)`, users: `(username, %) VALUES ('reader-3', 7)`, papers: `(title, %) VALUES ('Three', 7)`, authors: `(name, %) VALUES ('Emmy', 7)`, tags: `(slug, name, kind, %) VALUES ('t', 'T', 'TASK', 7)`, repos: `(host, owner, name, %) VALUES ('github.com', 'o', 'n', 7)`, collections: `(owner_id, name, is_public, %) VALUES (1, 'New', true, 7)` }[table]!;
    const refusal = LINK_COUNTERS.includes(counter) ? /^the counters of paper \d+ are not those of its links$/ : message;
    await expect(run(`INSERT INTO ${table} ${row.replace('%', column)}`)).rejects.toThrow(refusal);
  });

  test.each(LINK_ENDS)('to re-point %s', async (end) => {
    const [table, column] = end.split('.') as [string, string];
    await expect(run(`UPDATE ${table} SET ${column} = 2`)).rejects.toThrow(`UPDATE of ${table} is refused`);
  });

  test.each(['users', 'papers', 'authors', 'tags', 'repos'])('to re-point links by a new id in %s', async (table) => {
    await expect(run(`UPDATE ${table} SET id = 40 WHERE id = 1`)).rejects.toThrow('is refused: insert and delete rows instead');
  });

  test.each(['upvotes', 'paper_authors', 'paper_tags', 'paper_repos', 'dismissals', 'tag_follows', 'author_follows', 'tag_mutes', 'author_mutes', 'comment_upvotes', 'comments CASCADE', 'users CASCADE', 'papers CASCADE', 'authors CASCADE', 'tags CASCADE', 'repos CASCADE'])('TRUNCATE %s', async (tables) => {
    await expect(run(`TRUNCATE ${tables}`)).rejects.toThrow(/^TRUNCATE of \w+ is refused/);
  });

  test.each([
    `INSERT INTO tags (slug, name, kind) VALUES ('alias-1', 'T', 'TASK')`,
    `UPDATE tags SET slug = 'alias-1' WHERE id = 2`,
    `INSERT INTO tag_aliases (slug, tag_id) VALUES ('tag-2', 1)`,
    `INSERT INTO tag_aliases (slug, tag_id) VALUES ('tag-1', 1)`,
    `UPDATE tag_aliases SET slug = 'tag-2'`,
  ])('a slug for two: %s', async (statement) => {
    await expect(run(statement)).rejects.toMatchObject({ code: '23505', constraint: 'slugs_single', message: expect.stringMatching(/^the slug [\w-]+ is taken$/) });
  });

  // On the embedded database the second statement waits in any case: there is one connection.
  test.each([
    [`INSERT INTO tag_aliases (slug, tag_id) VALUES ('alias-9', 1)`, `INSERT INTO tags (slug, name, kind) VALUES ('alias-9', 'T', 'TASK')`],
    [`INSERT INTO tags (slug, name, kind) VALUES ('tag-9', 'T', 'TASK')`, `INSERT INTO tag_aliases (slug, tag_id) VALUES ('tag-9', 1)`],
  ])('a slug for two that come at once, the first not yet committed: %s', async (first, second) => {
    let outcome: Promise<unknown> = Promise.resolve();
    await database.transaction(async ({ prisma }) => {
      await prisma.$executeRawUnsafe(first);
      outcome = run(second).catch((error: unknown) => error);
      await new Promise((resolve) => setTimeout(resolve, 200));
    });
    expect(await outcome).toMatchObject({ code: '23505', constraint: 'slugs_single' });
  });

  test('two names of one person only where nobody has told them apart', async () => {
    await run(`INSERT INTO authors (name, orcid) VALUES ('Ada Lovelace', '0000-0001-0000-0002'), ('ada lovelace', '0000-0001-0000-0003')`);
    const rows = await run(`SELECT count(*)::int4 AS count, count(orcid)::int4 AS told FROM authors WHERE name_key = 'ada lovelace'`);
    expect(rows).toEqual([{ count: 3, told: 2 }]);
  });

  test('to have derived columns written: what is given is replaced', async () => {
    await run(`UPDATE papers SET trending_score = 99, title_key = 'x'`);
    await run(`UPDATE authors SET name_key = 'x' WHERE id = 1`);
    await run(`UPDATE repos SET key = 'x' WHERE id = 1`);
    const [row] = await database.rows(sql`
      SELECT p.trending_score = trending_score(p.upvote_count - p.flagged_upvote_count, p.listed_at) AS score, p.title_key, a.name_key, r.key
      FROM papers p, authors a, repos r WHERE (p.id, a.id, r.id) = (1, 1, 1)`);
    expect(row).toEqual({ score: true, title_key: 'one', name_key: 'ada lovelace', key: 'github.com/owner/name' });
  });

  test.each(['paper_search', 'search_words'])('writes by hand to %s, which follows from other tables', async (table) => {
    for (const statement of [`DELETE FROM ${table}`, `TRUNCATE ${table}`]) await expect(run(statement)).rejects.toThrow(`${table} is kept by the database and cannot be written`);
  });

  test('nothing without a case above: every constraint is covered', async () => {
    const rows = await database.rows<{ name: string }>(sql`
      SELECT conname AS name FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'u')
      UNION SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class c ON c.oid = indrelid
      WHERE indisunique AND NOT indisprimary AND c.relnamespace = 'public'::regnamespace`);
    const covered = new Set([...Object.keys(IMPOSSIBLE), ...Object.keys(BEHIND_TRIGGERS)]);
    expect(rows.map((row) => row.name).filter((name) => !covered.has(name))).toEqual([]);
  });
});
