"""The tables, as numbered migrations; a migration that has been released is never changed.

Times are text (UTC, fixed width, sortable). Every statement runs inside the migration's own
transaction, so a migration that fails or is killed leaves the database as it was.
"""

from __future__ import annotations

from monitor.store.lean import Database, Migrations

MIGRATIONS = Migrations("newsmonitor")

_FEEDS = """
CREATE TABLE feeds (
  id INTEGER PRIMARY KEY,
  url TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  outlet TEXT NOT NULL,
  language TEXT NOT NULL,
  country TEXT NOT NULL,
  state_affiliated INTEGER NOT NULL,
  subscribed INTEGER NOT NULL DEFAULT 1,
  added_at TEXT NOT NULL,
  etag TEXT,
  last_modified TEXT,
  next_poll_at TEXT,
  why_then TEXT NOT NULL DEFAULT '',
  last_poll_at TEXT,
  last_well_at TEXT,
  last_new_at TEXT,
  last_full_at TEXT,
  outcome TEXT,
  reason TEXT NOT NULL DEFAULT '',
  failures INTEGER NOT NULL DEFAULT 0,
  failing_since TEXT,
  body_hash TEXT NOT NULL DEFAULT '',
  moved_to TEXT,
  moves INTEGER NOT NULL DEFAULT 0,
  gone INTEGER NOT NULL DEFAULT 0,
  interval_s REAL,
  rhythm_s REAL,
  same_answers INTEGER NOT NULL DEFAULT 0,
  lying INTEGER NOT NULL DEFAULT 0,
  empties INTEGER NOT NULL DEFAULT 0,
  noticed_at TEXT,
  recovered_at TEXT,
  expect_s REAL
)"""

_POLLS = """
CREATE TABLE polls (
  id INTEGER PRIMARY KEY,
  feed_id INTEGER NOT NULL REFERENCES feeds(id),
  at TEXT NOT NULL,
  outcome TEXT NOT NULL,
  status INTEGER,
  reason TEXT NOT NULL,
  conditional INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  elapsed_s REAL NOT NULL,
  found INTEGER NOT NULL,
  new INTEGER NOT NULL,
  sighted INTEGER NOT NULL,
  edited INTEGER NOT NULL,
  hits INTEGER NOT NULL,
  left_out INTEGER NOT NULL,
  possible_gap INTEGER NOT NULL,
  next_poll_at TEXT,
  why_then TEXT NOT NULL
)"""

_ITEMS = """
CREATE TABLE items (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  feed_id INTEGER NOT NULL REFERENCES feeds(id),
  url TEXT UNIQUE,
  link TEXT NOT NULL,
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  language TEXT NOT NULL,
  source TEXT NOT NULL,
  published_at TEXT,
  first_seen_at TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  versions INTEGER NOT NULL DEFAULT 1,
  backfill INTEGER NOT NULL
)"""

_SIGHTINGS = """
CREATE TABLE sightings (
  feed_id INTEGER NOT NULL REFERENCES feeds(id),
  key TEXT NOT NULL,
  item_id INTEGER NOT NULL REFERENCES items(id),
  outlet TEXT NOT NULL,
  seen_at TEXT NOT NULL,
  PRIMARY KEY (feed_id, key)
) WITHOUT ROWID"""

_VERSIONS = """
CREATE TABLE item_versions (
  id INTEGER PRIMARY KEY,
  item_id INTEGER NOT NULL REFERENCES items(id),
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  until TEXT NOT NULL
)"""

_STORIES = """
CREATE TABLE stories (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  opened_at TEXT NOT NULL,
  last_at TEXT NOT NULL
)"""

_HITS = """
CREATE TABLE hits (
  -- Never given twice, since digests and alerts follow these numbers.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  item_id INTEGER NOT NULL REFERENCES items(id),
  watchlist TEXT NOT NULL,
  level INTEGER NOT NULL,
  score REAL NOT NULL,
  evidence TEXT NOT NULL,
  matched_at TEXT NOT NULL,
  story_id INTEGER REFERENCES stories(id),
  story_reason TEXT NOT NULL DEFAULT '',
  UNIQUE (item_id, watchlist)
)"""

_DIGESTS = """
CREATE TABLE digests (
  id TEXT PRIMARY KEY,
  profile TEXT NOT NULL,
  local_date TEXT NOT NULL,
  window_start TEXT NOT NULL,
  window_end TEXT NOT NULL,
  built_at TEXT NOT NULL,
  catch_up INTEGER NOT NULL,
  stories INTEGER NOT NULL,
  items INTEGER NOT NULL,
  -- Hits up to this id are told; the next digest begins behind it, so a hit that was committed
  -- while a digest was built falls into the next one and never between two.
  hits_upto INTEGER NOT NULL,
  UNIQUE (profile, local_date)
)"""

_SHOWN = """
CREATE TABLE digest_stories (
  digest_id TEXT NOT NULL REFERENCES digests(id),
  story_id INTEGER NOT NULL REFERENCES stories(id),
  PRIMARY KEY (digest_id, story_id)
) WITHOUT ROWID"""

_DELIVERIES = """
CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY,
  digest_id TEXT NOT NULL REFERENCES digests(id),
  channel TEXT NOT NULL,
  recipient TEXT NOT NULL,
  part INTEGER NOT NULL,
  parts INTEGER NOT NULL,
  name TEXT NOT NULL,
  content_type TEXT NOT NULL,
  body BLOB NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at TEXT NOT NULL,
  first_tried_at TEXT,
  ended_at TEXT,
  error TEXT NOT NULL DEFAULT '',
  repeat INTEGER NOT NULL DEFAULT 0,
  UNIQUE (digest_id, channel, recipient, part)
)"""

_REST = (
    # What the daemon must remember of itself: when watching began, when it last drew breath.
    "CREATE TABLE memory (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # Hosts that asked for silence, for all their feeds.
    "CREATE TABLE hosts (host TEXT PRIMARY KEY, until TEXT NOT NULL, why TEXT NOT NULL)",
    "CREATE TABLE absences (id INTEGER PRIMARY KEY, start TEXT NOT NULL, end TEXT NOT NULL)",
    (
        "CREATE VIRTUAL TABLE items_fts USING fts5(title, text, content='items',"
        " content_rowid='id', tokenize=\"unicode61 remove_diacritics 2\")"
    ),
    # Items whose index row is missing or old; title and text are what the index holds, if anything.
    "CREATE TABLE fts_pending (item_id INTEGER PRIMARY KEY, title TEXT, text TEXT)",
    "CREATE INDEX polls_by_feed ON polls (feed_id, at)",
    "CREATE INDEX polls_by_time ON polls (at)",
    "CREATE INDEX items_by_time ON items (first_seen_at)",
    "CREATE INDEX items_by_wording ON items (feed_id, fingerprint)",
    "CREATE INDEX sightings_by_item ON sightings (item_id)",
    "CREATE INDEX versions_by_item ON item_versions (item_id)",
    "CREATE INDEX hits_by_time ON hits (matched_at)",
    "CREATE INDEX hits_by_story ON hits (story_id)",
    "CREATE INDEX stories_by_time ON stories (last_at)",
    "CREATE INDEX deliveries_open ON deliveries (state, due_at) WHERE state != 'sent'",
)


_LAST_DOCUMENTS = """
CREATE TABLE last_documents (
  feed_id INTEGER PRIMARY KEY REFERENCES feeds(id),
  whole_at TEXT NOT NULL,
  entries BLOB NOT NULL
)"""


@MIGRATIONS()
def m0001_first_house(db: Database) -> None:
    for statement in (
        _FEEDS, _POLLS, _ITEMS, _SIGHTINGS, _VERSIONS, _STORIES, _HITS, _DIGESTS, _SHOWN,
        _DELIVERIES, *_REST,
    ):  # fmt: skip
        db.execute(statement)


@MIGRATIONS()
def m0002_last_documents(db: Database) -> None:
    db.execute(_LAST_DOCUMENTS)


#: A delivery belongs to a digest or to an alert, so its key names no table any more.
_DELIVERIES_OF_ALL = _DELIVERIES.replace(
    "CREATE TABLE deliveries", "CREATE TABLE deliveries_new"
).replace(" REFERENCES digests(id)", "")

_SERVICE = (
    "ALTER TABLE feeds ADD COLUMN declared_s REAL",
    "ALTER TABLE feeds ADD COLUMN skip_hours TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE feeds ADD COLUMN skip_days TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE feeds ADD COLUMN by_link INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE feeds ADD COLUMN twin TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE items ADD COLUMN dated TEXT NOT NULL DEFAULT ''",
    # A tombstone: title and text are gone, the identity stays, so that it never comes back as new.
    "ALTER TABLE items ADD COLUMN purged INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE hits ADD COLUMN lost_at TEXT",
    "ALTER TABLE stories ADD COLUMN merged_into INTEGER REFERENCES stories(id)",
    "ALTER TABLE stories ADD COLUMN merged_at TEXT",
    "ALTER TABLE stories ADD COLUMN merge_reason TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX hits_by_list ON hits (watchlist, matched_at)",
    "CREATE INDEX items_kept ON items (first_seen_at) WHERE NOT purged",
    # What a reader said of a hit; kept when the item is purged, since it is worth more than it.
    (
        "CREATE TABLE marks (item_id INTEGER NOT NULL REFERENCES items(id),"
        " watchlist TEXT NOT NULL, verdict TEXT NOT NULL, note TEXT NOT NULL DEFAULT '',"
        " at TEXT NOT NULL,"
        " PRIMARY KEY (item_id, watchlist)) WITHOUT ROWID"
    ),
    # Silence wanted by a person: kind is watchlist, story or outlet.
    (
        "CREATE TABLE mutes (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, target TEXT NOT NULL,"
        " reason TEXT NOT NULL, until TEXT, at TEXT NOT NULL)"
    ),
    (
        "CREATE TABLE alerts (id TEXT PRIMARY KEY, rule TEXT NOT NULL, at TEXT NOT NULL,"
        " stories INTEGER NOT NULL) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE alert_stories (alert_id TEXT NOT NULL REFERENCES alerts(id),"
        " story_id INTEGER NOT NULL REFERENCES stories(id), level INTEGER NOT NULL,"
        " reason TEXT NOT NULL, PRIMARY KEY (alert_id, story_id)) WITHOUT ROWID"
    ),
    "CREATE INDEX alerts_by_story ON alert_stories (story_id)",
    "CREATE INDEX alerts_by_time ON alerts (at)",
    # Hits that a rule wants told and that are held: gathering, quiet hours, cool-down.
    (
        "CREATE TABLE alert_waiting (rule TEXT NOT NULL,"
        " hit_id INTEGER NOT NULL REFERENCES hits(id) ON DELETE CASCADE, since TEXT NOT NULL,"
        " PRIMARY KEY (rule, hit_id)) WITHOUT ROWID"
    ),
    _DELIVERIES_OF_ALL,
    "INSERT INTO deliveries_new SELECT * FROM deliveries",
    "DROP TABLE deliveries",
    "ALTER TABLE deliveries_new RENAME TO deliveries",
    "CREATE INDEX deliveries_open ON deliveries (state, due_at) WHERE state != 'sent'",
    # Whether somebody was told by another channel that this was given up; old ones are known.
    "ALTER TABLE deliveries ADD COLUMN told INTEGER NOT NULL DEFAULT 0",
    "UPDATE deliveries SET told = 1 WHERE state = 'dead'",
    # So that a story can go without a look at every row that might name it.
    "CREATE INDEX stories_merged ON stories (merged_into) WHERE merged_into IS NOT NULL",
    "CREATE INDEX shown_by_story ON digest_stories (story_id)",
)


@MIGRATIONS()
def m0003_service(db: Database) -> None:
    for statement in _SERVICE:
        db.execute(statement)
