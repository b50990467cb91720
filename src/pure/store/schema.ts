import { inWriteTransaction, integerOf, type Database } from './database.ts';
import { storeError } from './errors.ts';

/** Kept in SQLite's user_version. */
export const SCHEMA_VERSION = 2;

/** Versions since then have only more tables, which readers can do without. */
const OLDEST_READABLE = 1;

/**
 * `contents` and `layers` list every file of blobs/ and layers/: a row is committed before its file appears and
 * deleted after the file went, so that whatever a crash leaves behind is found without listing folders.
 */
const VERSION_1 = [
  `CREATE TABLE contents (
    digest TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    media_type TEXT NOT NULL
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE layers (
    file TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    digest TEXT NOT NULL
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE images (
    id TEXT PRIMARY KEY,
    manifest_digest TEXT NOT NULL REFERENCES contents (digest),
    config_digest TEXT NOT NULL REFERENCES contents (digest),
    created TEXT,
    size INTEGER NOT NULL,
    config TEXT NOT NULL
  ) STRICT`,
  `CREATE TABLE image_references (
    name TEXT PRIMARY KEY,
    image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID`,
  'CREATE INDEX image_references_by_image ON image_references (image_id)',
  `CREATE TABLE image_layers (
    image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    diff_id TEXT NOT NULL,
    chain_id TEXT NOT NULL,
    file TEXT NOT NULL REFERENCES layers (file),
    size INTEGER NOT NULL,
    PRIMARY KEY (image_id, position)
  ) STRICT, WITHOUT ROWID`,
  'CREATE INDEX image_layers_by_file ON image_layers (file)',
  `CREATE TABLE image_contents (
    image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    digest TEXT NOT NULL REFERENCES contents (digest),
    PRIMARY KEY (image_id, digest)
  ) STRICT, WITHOUT ROWID`,
  'CREATE INDEX image_contents_by_digest ON image_contents (digest)',
] as const;

/**
 * `leases` says what is in use though no image needs it: by a running loader (`holder` is its folder in tmp/), or for
 * a while by nobody (''), so that a pull that was ended goes on where it was. `item` is a digest of contents or a file of
 * layers, `expires` in seconds since 1970. `layer_records` has for a layer whose blob is not kept what its tar has besides files.
 */
const VERSION_2 = [
  `CREATE TABLE leases (
    holder TEXT NOT NULL,
    item TEXT NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (holder, item)
  ) STRICT, WITHOUT ROWID`,
  'CREATE INDEX leases_by_item ON leases (item)',
  `CREATE TABLE layer_records (
    layer TEXT PRIMARY KEY REFERENCES layers (file) ON DELETE CASCADE,
    file TEXT NOT NULL,
    size INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE manifest_lists (
    name TEXT PRIMARY KEY,
    content TEXT NOT NULL
  ) STRICT, WITHOUT ROWID`,
] as const;

/** Statements that lead from version n to n + 1, at index n. */
const MIGRATIONS: readonly (readonly string[])[] = [VERSION_1, VERSION_2];

/** Milliseconds that a connection waits for another one's transaction. */
const BUSY_TIMEOUT = 'PRAGMA busy_timeout = 10000';

/** Checks a store that is only read: a version that this build doesn't know is refused by its number. */
export function openForReading(db: Database): void {
  db.query(BUSY_TIMEOUT, []);
  const version = versionOf(db);
  if (version < OLDEST_READABLE) {
    throw storeError(
      'STORE_TOO_OLD',
      `images.db has schema version ${version} and this build reads ${OLDEST_READABLE} and later: load an image to bring it forward`,
    );
  }
}

/** Makes a connection durable and brings the schema forward; a newer store is refused. */
export function openForWriting(db: Database): void {
  db.query(BUSY_TIMEOUT, []);
  versionOf(db);
  db.query('PRAGMA journal_mode = WAL', []);
  db.query('PRAGMA synchronous = FULL', []);
  db.query('PRAGMA foreign_keys = ON', []);
  if (versionOf(db) < SCHEMA_VERSION) migrate(db);
}

function versionOf(db: Database): number {
  const version = integerOf(db.query('PRAGMA user_version', [])[0]?.[0]);
  if (version > SCHEMA_VERSION) {
    throw storeError(
      'STORE_TOO_NEW',
      `images.db has schema version ${version}, written by a newer corten, and this build knows ${SCHEMA_VERSION}: use the newer one`,
    );
  }
  return version;
}

function migrate(db: Database): void {
  inWriteTransaction(db, () => {
    // Read again under the lock: another process may have done it meanwhile.
    for (const statements of MIGRATIONS.slice(versionOf(db))) {
      for (const sql of statements) db.query(sql, []);
    }
    db.query(`PRAGMA user_version = ${SCHEMA_VERSION}`, []);
  });
}
