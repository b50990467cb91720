import { inPassingTransaction, inWriteTransaction, textOf, type Database } from './database.ts';

/** The holder of what nobody uses at the moment, but a pull that was ended may go on with. */
const NOBODY = '';
/** Seconds that such things stay. */
const RECENT = 24 * 60 * 60;
/** Seconds after which even a running loader's lease is void, should it live that long. */
const RUNNING = 7 * 24 * 60 * 60;

/** Seconds since 1970. */
export function currentTime(): number {
  return Math.floor(Date.now() / 1000);
}

/**
 * Keeps an item, a digest of `contents` or a file of `layers`, from every collection for as long as the holder lives.
 * Call it in a write transaction.
 */
export function lease(db: Database, holder: string, item: string): void {
  put(db, [holder, item, RUNNING]);
}

/** As lease(), and some time after: for what is whole before the image that it is for. */
export function leaseForLater(db: Database, holder: string, item: string): void {
  lease(db, holder, item);
  put(db, [NOBODY, item, RECENT]);
}

function put(db: Database, [holder, item, seconds]: readonly [string, string, number]): void {
  const sql = 'INSERT OR REPLACE INTO leases (holder, item, expires) VALUES (?, ?, ?)';
  db.query(sql, [holder, item, currentTime() + seconds]);
}

/** Ends what a holder kept; with `isForgotten` also what would stay for a while. */
export function endLeases(db: Database, holder: string, isForgotten: boolean): void {
  inPassingTransaction(db, () => {
    if (isForgotten) {
      const items = 'SELECT item FROM leases WHERE holder = ?';
      db.query(`DELETE FROM leases WHERE holder = '' AND item IN (${items})`, [holder]);
    }
    db.query('DELETE FROM leases WHERE holder = ?', [holder]);
  });
}

/** Ends the leases of all holders but these, which are alive. */
export function keepLeasesOf(db: Database, living: readonly string[]): void {
  const holders = db.query("SELECT DISTINCT holder FROM leases WHERE holder <> ''", []);
  const dead = holders.map((row) => textOf(row[0])).filter((holder) => !living.includes(holder));
  if (dead.length === 0) return;
  inPassingTransaction(db, () => {
    for (const holder of dead) db.query('DELETE FROM leases WHERE holder = ?', [holder]);
  });
}

/** Gives up what nobody uses at the moment. */
export function forgetRecent(db: Database): void {
  inWriteTransaction(db, () => db.query("DELETE FROM leases WHERE holder = ''", []));
}
