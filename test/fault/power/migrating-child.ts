/** Runs behind the shim: makes a store of an earlier version, marks the log, and brings it to the newest. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { MIGRATIONS } from '../../conformance/sqlite-scratch.ts';
import { bring, connect, fixture } from './migration-fixture.ts';
import { tellDisk } from './tell-disk.ts';

const [file = '', version = '', variant = ''] = process.argv.slice(2);
mkdirSync(dirname(file), { recursive: true });
fixture(file, MIGRATIONS, Number(version));
tellDisk('mark/0');
const db = connect(file);
// The canary's migrations are not transactions.
if (variant === 'no-transaction') Object.defineProperty(db, 'transaction', { value: (work: () => void) => ({ immediate: work }) });
bring(db, MIGRATIONS);
tellDisk('mark/1');
db.pragma('wal_checkpoint(TRUNCATE)');
process.kill(process.pid, 'SIGKILL');
