"""The tables of a catalogue segment, and how one is copied into another."""

SCHEMA = """
CREATE TABLE sources (
  source INTEGER PRIMARY KEY, origin BLOB NOT NULL, record TEXT, stamp TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  facts TEXT NOT NULL, text BLOB  -- NULL: the text of its one article
);
CREATE TABLE articles (
  article INTEGER PRIMARY KEY, id TEXT NOT NULL, source INTEGER NOT NULL,
  facts TEXT NOT NULL, context TEXT NOT NULL, date TEXT, newspaper TEXT,
  n_characters INTEGER NOT NULL, n_passages INTEGER NOT NULL,
  text BLOB NOT NULL, alignment BLOB NOT NULL
);
CREATE TABLE passages (
  passage INTEGER PRIMARY KEY, article INTEGER NOT NULL, start INTEGER NOT NULL,
  "end" INTEGER NOT NULL, key BLOB NOT NULL
);
-- index.reprints: articles that share a band are compared
CREATE TABLE bands (
  band INTEGER NOT NULL, article INTEGER NOT NULL, PRIMARY KEY (band, article)
) WITHOUT ROWID;
CREATE TABLE reprints (
  article INTEGER NOT NULL, other INTEGER NOT NULL, PRIMARY KEY (article, other)
) WITHOUT ROWID;
"""

# Made when the rows are there: sorting them once is cheaper than finding each its place.
INDEXES = """
CREATE INDEX sources_by_origin ON sources (origin, record);
CREATE INDEX articles_by_id ON articles (id);
CREATE INDEX articles_by_source ON articles (source);
CREATE INDEX passages_by_article ON passages (article);
CREATE INDEX passages_by_key ON passages (key);
"""

# From the attached database `old`, all but the articles of the table `dead`; :shift is added to
# the numbers of sources. A source that loses one of its articles loses its stamp: it shall not
# pass for unchanged, or the next build would not bring the article back.
COPY = {
    "sources": """
INSERT INTO sources SELECT source + :shift, origin, record,
  CASE WHEN source IN (SELECT source FROM old.articles JOIN dead USING (article))
    THEN '' ELSE stamp END,
  sha256, facts, text
FROM old.sources WHERE source IN
  (SELECT source FROM old.articles WHERE article NOT IN (SELECT article FROM dead))
""",
    "articles": """
INSERT INTO articles SELECT article, id, source + :shift, facts, context, date, newspaper,
  n_characters, n_passages, text, alignment
FROM old.articles WHERE article NOT IN (SELECT article FROM dead)
""",
    "passages": """
INSERT INTO passages SELECT * FROM old.passages WHERE article NOT IN (SELECT article FROM dead)
""",
    "bands": """
INSERT INTO bands SELECT * FROM old.bands WHERE article NOT IN (SELECT article FROM dead)
""",
    "reprints": """
INSERT INTO reprints SELECT * FROM old.reprints WHERE article NOT IN (SELECT article FROM dead)
""",
}
