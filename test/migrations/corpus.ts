import type { RuleId } from '../../src/migrations/rules/rule.js'

/** SQL and the rules that it breaks, in order; none for what the live release does not notice. */
export interface Example {
  readonly sql: string
  readonly rules: readonly RuleId[]
}

const bad = (sql: string, ...rules: RuleId[]): Example => ({ sql, rules })
const good = (sql: string): Example => ({ sql, rules: [] })

/** A small newspaper's schema: articles, authors, subscribers. */
export const corpus: readonly Example[] = [
  // Dropping
  bad('DROP TABLE drafts', 'drop-table'),
  bad('DROP TABLE IF EXISTS press.drafts CASCADE', 'drop-table'),
  bad('drop table drafts, issues', 'drop-table', 'drop-table'),
  bad('ALTER TABLE articles DROP COLUMN byline', 'drop-column'),
  bad('ALTER TABLE articles DROP byline', 'drop-column'),
  bad(
    'ALTER TABLE IF EXISTS ONLY articles DROP COLUMN IF EXISTS byline CASCADE, DROP COLUMN "Lead"',
    'drop-column',
    'drop-column',
  ),
  bad('ALTER TABLE articles ADD COLUMN lead text, DROP COLUMN byline', 'drop-column'),
  bad('ALTER TYPE postal_address DROP ATTRIBUTE county', 'drop-column'),
  bad('DROP VIEW front_page', 'drop-object'),
  bad('DROP MATERIALIZED VIEW most_read', 'drop-object'),
  bad('DROP FUNCTION slug(text)', 'drop-object'),
  bad('DROP TYPE section', 'drop-object'),
  bad('DROP SCHEMA press CASCADE', 'drop-object'),
  bad('DROP SEQUENCE issue_number', 'drop-object'),
  bad('DROP VIEW front_page; CREATE VIEW front_page AS SELECT 1 AS one', 'drop-object'),
  bad('DROP OWNED BY editor', 'drop-object'),
  bad("SELECT 'ü', '😀'; DROP TABLE drafts", 'drop-table'),
  bad('TRUNCATE readings, clicks', 'truncate', 'truncate'),
  good('DROP TRIGGER touch ON articles'),
  good('DROP POLICY own ON articles'),
  good('ALTER TABLE articles DROP CONSTRAINT lead_length'),
  good('ALTER TABLE articles ALTER COLUMN lead DROP NOT NULL'),
  good("COMMENT ON TABLE drafts IS 'DROP TABLE drafts in spring'"),
  good("INSERT INTO notes (body) VALUES ('DROP TABLE drafts; -- not yet')"),
  good("CREATE FUNCTION tidy() RETURNS void LANGUAGE sql AS 'DELETE FROM drafts'"),
  good('CREATE TABLE scratch (id int); DROP TABLE scratch'),
  good('CREATE TEMP TABLE scratch AS SELECT 1 AS id; DROP TABLE scratch'),
  good('CREATE VIEW trial AS SELECT 1 AS one; DROP VIEW trial'),
  good('ALTER TABLE articles ADD COLUMN trial int; ALTER TABLE articles DROP COLUMN trial'),
  good('CREATE OR REPLACE VIEW front_page AS SELECT 1 AS one'),
  bad('CREATE OR REPLACE VIEW front_page AS SELECT 1 AS one; DROP VIEW front_page', 'drop-object'),

  // Renaming
  bad('ALTER TABLE articles RENAME COLUMN byline TO author_line', 'rename'),
  bad('ALTER TABLE articles RENAME byline TO author_line', 'rename'),
  bad('ALTER TABLE press.articles RENAME TO stories', 'rename'),
  bad('ALTER VIEW front_page RENAME TO home', 'rename'),
  bad("ALTER TYPE section RENAME VALUE 'sport' TO 'sports'", 'rename'),
  bad('ALTER TYPE section RENAME TO desk', 'rename'),
  bad('ALTER TYPE postal_address RENAME ATTRIBUTE county TO state', 'rename'),
  bad('ALTER FUNCTION slug(text) RENAME TO to_slug', 'rename'),
  bad('ALTER TABLE articles SET SCHEMA archive', 'rename'),
  bad('ALTER SCHEMA press RENAME TO paper', 'rename'),
  good('ALTER INDEX articles_by_day RENAME TO articles_day'),
  good('ALTER TABLE articles RENAME CONSTRAINT lead_length TO lead_short'),
  good("ALTER TYPE section ADD VALUE 'weather'"),
  good('CREATE TABLE stories (id int, headline text); ALTER TABLE stories RENAME COLUMN headline TO title'),
  good(
    'CREATE TABLE stories_new (id int); ALTER TABLE stories_new RENAME TO stories; CREATE INDEX ON stories (id)',
  ),

  // Columns that must be filled
  bad('ALTER TABLE subscribers ADD COLUMN country text NOT NULL', 'required-column'),
  bad('ALTER TABLE subscribers ADD country text NOT NULL', 'required-column'),
  bad('ALTER TABLE subscribers ADD COLUMN country text DEFAULT NULL NOT NULL', 'required-column'),
  bad('ALTER TABLE subscribers ADD COLUMN country text DEFAULT NULL::text NOT NULL', 'required-column'),
  bad(
    'ALTER TABLE subscribers ADD COLUMN a int, ADD COLUMN b int NOT NULL, ADD COLUMN c int NOT NULL',
    'required-column',
    'required-column',
  ),
  bad(
    'ALTER TABLE subscribers ADD COLUMN country text CONSTRAINT must NOT NULL CHECK (country > $$$$)',
    'required-column',
  ),
  bad('ALTER TABLE subscribers ALTER COLUMN email SET NOT NULL', 'set-not-null'),
  good('ALTER TABLE subscribers ADD COLUMN country text'),
  good("ALTER TABLE subscribers ADD COLUMN country text NOT NULL DEFAULT 'FR'"),
  good('ALTER TABLE subscribers ADD COLUMN since timestamptz DEFAULT now() NOT NULL'),
  good('ALTER TABLE subscribers ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY NOT NULL'),
  good('ALTER TABLE subscribers ADD COLUMN n serial NOT NULL'),
  good(
    'ALTER TABLE subscribers ADD COLUMN full_name text GENERATED ALWAYS AS (first || last) STORED NOT NULL',
  ),
  good('CREATE TABLE letters (id int NOT NULL, body text NOT NULL)'),
  good('CREATE TABLE letters (id int); ALTER TABLE letters ADD COLUMN body text NOT NULL'),
  good(
    'ALTER TABLE subscribers ADD COLUMN plan text DEFAULT $$free$$; ALTER TABLE subscribers ALTER COLUMN plan SET NOT NULL',
  ),
  good(
    'ALTER TABLE subscribers ADD CONSTRAINT email_set CHECK (email IS NOT NULL) NOT VALID;' +
      'ALTER TABLE subscribers VALIDATE CONSTRAINT email_set;' +
      'ALTER TABLE subscribers ALTER COLUMN email SET NOT NULL',
  ),
  good('ALTER TABLE subscribers ALTER COLUMN country SET DEFAULT $$FR$$'),

  // Types
  bad('ALTER TABLE articles ALTER COLUMN id TYPE bigint', 'column-type'),
  bad('ALTER TABLE articles ALTER day TYPE date USING day::date', 'column-type'),
  bad('ALTER TABLE articles ALTER COLUMN byline SET DATA TYPE varchar(40)', 'column-type'),
  bad('ALTER TABLE articles ALTER COLUMN tags TYPE text[]', 'column-type'),
  good('ALTER TABLE articles ALTER COLUMN byline TYPE text'),
  good('ALTER TABLE articles ALTER COLUMN byline TYPE varchar'),
  good('CREATE TABLE t (a int); ALTER TABLE t ALTER COLUMN a TYPE bigint'),

  // Indexes
  bad('CREATE INDEX articles_by_day ON articles (day)', 'index-blocks-writes'),
  bad(
    'CREATE UNIQUE INDEX IF NOT EXISTS one_slug ON press.articles USING btree (slug) WHERE live',
    'index-blocks-writes',
  ),
  bad('CREATE TABLE other (id int); CREATE INDEX ON articles (day)', 'index-blocks-writes'),
  bad('DROP INDEX articles_by_day', 'index-blocks-writes'),
  bad('REINDEX TABLE articles', 'index-blocks-writes'),
  bad('REINDEX (VERBOSE) INDEX articles_by_day', 'index-blocks-writes'),
  bad('REINDEX (CONCURRENTLY false) TABLE articles', 'index-blocks-writes'),
  bad('ALTER TABLE articles ADD CONSTRAINT one_slug UNIQUE (slug)', 'constraint-builds-index'),
  bad('ALTER TABLE articles ADD PRIMARY KEY (id)', 'constraint-builds-index'),
  bad('ALTER TABLE articles ADD COLUMN code text UNIQUE', 'constraint-builds-index'),
  bad('ALTER TABLE articles ADD COLUMN code text PRIMARY KEY', 'required-column', 'constraint-builds-index'),
  good('CREATE INDEX CONCURRENTLY articles_by_day ON articles (day)'),
  good('CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS one_slug ON articles (slug)'),
  good('DROP INDEX CONCURRENTLY IF EXISTS articles_by_day'),
  good('REINDEX INDEX CONCURRENTLY articles_by_day'),
  good('REINDEX (CONCURRENTLY, VERBOSE) TABLE articles'),
  good('CREATE INDEX articles_by_day ON ONLY articles (day)'),
  good('ALTER TABLE articles ADD CONSTRAINT one_slug UNIQUE USING INDEX one_slug'),
  good('CREATE TABLE letters (id int); CREATE INDEX letters_by_id ON letters (id)'),
  good('CREATE TABLE public.letters (id int); CREATE INDEX ON letters (id)'),
  good('CREATE TABLE letters AS SELECT 1 AS id; ALTER TABLE letters ADD PRIMARY KEY (id)'),
  good('CREATE MATERIALIZED VIEW most_read AS SELECT 1 AS id; CREATE UNIQUE INDEX ON most_read (id)'),
  good('CREATE TABLE letters (id int); CREATE INDEX letters_by_id ON letters (id); DROP INDEX letters_by_id'),
  good(
    'ALTER TABLE articles ADD CONSTRAINT by_author FOREIGN KEY (author) REFERENCES authors (id) NOT VALID',
  ),
  good('ALTER TABLE articles VALIDATE CONSTRAINT by_author'),

  // Out of sight
  bad('DO $$ BEGIN DROP TABLE drafts; END $$', 'drop-table'),
  bad(
    "DO $$ BEGIN IF true THEN EXECUTE 'ALTER TABLE articles DROP COLUMN byline'; END IF; END $$",
    'drop-column',
  ),
  bad(
    "DO $$ DECLARE t text; BEGIN FOR t IN SELECT 'articles' LOOP EXECUTE format('ALTER TABLE %I RENAME byline TO line', t); END LOOP; END $$",
    'rename',
  ),
  bad('DO $$ BEGIN PERFORM 1; EXCEPTION WHEN others THEN DROP VIEW front_page; END $$', 'drop-object'),
  good("DO $$ BEGIN RAISE NOTICE 'DROP TABLE drafts'; END $$"),
  good('DO $$ BEGIN CREATE TABLE letters (id int); CREATE INDEX ON letters (id); END $$'),
]
