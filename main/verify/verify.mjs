/**
 * Verifies an exported ledger against heads that were noted down elsewhere. One file, plain JavaScript, nothing but Node's own
 * crypto and fs, no network: copy it anywhere and run it with any Node from 20.11.
 *
 *   node verify.mjs FILE --head HEAD [--json]
 *
 * FILE   the ledger as `sotto ledger export` writes it (docs/LEDGER.md): a first line, then one line a record.
 * HEAD   a position and the hash of the chain there, `120:9f86d0…`; or a file of such heads, one a line.
 *
 * Every hash is computed anew; those in the file are only compared. So a file can lie about nothing up to the last head
 * that holds. Where it contradicts itself, the record is named at which it does. Where somebody made all hashes anew from a
 * record on, the file contradicts only the heads: then the first bad record lies after the last head that holds, and no
 * later than the first that does not. Exit code 0 = holds, 1 = does not, 2 = could not be looked at.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync, realpathSync } from 'node:fs';

const START = '0'.repeat(64);
const HASH = /^[0-9a-f]{64}$/;
/** Empty for records from before salts. */
const SALT = /^(?:[0-9a-f]{64})?$/;
const KINDS = new Set(['decision', 'repeat', 'outcome']);
const CHUNK_BYTES = 1 << 20;
/** More than any record: a file without line ends is not read into memory whole. */
const MAX_LINE_BYTES = 16 << 20;

const WORDS = {
  'first-line': 'the first line is not that of an exported ledger',
  'no-record': 'is not a record as the export writes it',
  position: 'stands in another place than its number says: one was taken out, put in or moved',
  commitment: 'holds a body that is not the one it was committed to',
  chain: 'does not follow from the records before it',
  fork: 'is where the chain differs from the given head; all hashes were made anew from somewhere before it',
  short: 'is missing: a given head, or the first line, knows more records than there are',
  surplus: 'is more than the first line knows of',
};

const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** `N:HASH`, or a file with one a line, as a map of positions to hashes. Throws a RangeError in words. */
export function readHeads(text) {
  const isFile = !/^\d+:/.test(text);
  if (isFile && !existsSync(text)) throw new RangeError(`${text} is neither a head such as 120:9f86… nor a file of heads`);
  const lines = (isFile ? readFileSync(text, 'utf8').split(/\r?\n/) : [text]).filter((line) => line !== '');
  const heads = new Map();
  for (const line of lines) {
    const [, position, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(line) ?? [];
    if (position === undefined)
      throw new RangeError(`"${line.slice(0, 80)}" is no head: it must be a position, a colon and 64 hexadecimal digits`);
    if ((heads.get(Number(position)) ?? hash) !== hash) throw new RangeError(`two heads at ${position} contradict each other`);
    heads.set(Number(position), hash);
  }
  if (heads.size === 0) throw new RangeError(`${text} holds no head`);
  return heads;
}

/**
 * `entries`: records read. `proven`: up to where a given head confirms them. `bad`: null, or what is wrong first; `record` is
 * where it shows, `since` the first record that no given head confirms: where hashes were made anew, it may begin there.
 * The memory it takes does not grow with the file.
 */
export function verifyLedger(file, heads) {
  let at = START;
  let entries = 0;
  let proven = 0;
  let first = null;
  const bad = (reason, record) => ({ entries, proven, bad: { record, since: Math.min(proven + 1, record), reason } });
  if ((heads.get(0) ?? START) !== START) return bad('fork', 0);
  for (const line of linesOf(file)) {
    if (first === null) {
      first = parseFirst(line);
      if (first === null) return bad('first-line', 0);
      continue;
    }
    const record = entries + 1;
    if (line === null) return bad('no-record', record);
    const parsed = parseRecord(line);
    if (parsed === null) return bad('no-record', record);
    const { pos, kind, id, commitment, salt, body, hash } = parsed;
    if (pos !== record) return bad('position', record);
    if (record > first.entries) return bad('surplus', record);
    if (body !== null && sha256(Buffer.from(salt, 'hex'), body) !== commitment) return bad('commitment', record);
    at = sha256(`${at}\n${kind}\n${id}\n${commitment}`);
    if (at !== hash) return bad('chain', record);
    const head = heads.get(record);
    if (head !== undefined && head !== at) return bad('fork', record);
    entries = record;
    if (head !== undefined) proven = record;
  }
  if (first === null) return bad('first-line', 0);
  if (entries < Math.max(first.entries, ...heads.keys())) return bad('short', entries + 1);
  if (first.head !== at) return bad('first-line', 0);
  return { entries, proven, bad: null };
}

/** A verdict in words, and the exit code that goes with it. */
export function tell({ entries, proven, bad }) {
  if (bad === null) {
    const rest = entries > proven ? ` Records ${proven + 1} to ${entries} only follow from each other: no given head confirms them.` : '';
    return `${entries} records, each following from the one before; ${proven} confirmed by a given head.${rest}`;
  }
  const { record, since, reason } = bad;
  if (reason === 'first-line') return `Not verified: ${WORDS[reason]}, or does not fit what follows.`;
  const earlier =
    since < record
      ? ` Where hashes were made anew, what is wrong may begin at record ${since}: the last given head that holds is before it.`
      : '';
  return `Not verified: record ${record} ${WORDS[reason]}.${earlier}`;
}

function parseFirst(line) {
  const value = parseLine(line);
  if (value === null || value.sotto !== 'ledger' || value.v !== 1) return null;
  const { entries, head } = value;
  const isWhole = Number.isSafeInteger(entries) && entries >= 0 && typeof head === 'string' && HASH.test(head);
  return isWhole && JSON.stringify({ sotto: 'ledger', v: 1, entries, head }) === line ? { entries, head } : null;
}

/** Null unless it is, character for character, what the export writes: a key that is there twice would say two things. */
function parseRecord(line) {
  const value = parseLine(line);
  if (value === null) return null;
  const { pos, kind, id, commitment, salt, body, hash } = value;
  if (!Number.isSafeInteger(pos) || !KINDS.has(kind) || typeof id !== 'string' || id === '' || id.includes('\n')) return null;
  if (typeof commitment !== 'string' || !HASH.test(commitment) || typeof hash !== 'string' || !HASH.test(hash)) return null;
  // After erasure neither body nor salt is there.
  const isErased = salt === null && body === null;
  if (!isErased && (typeof salt !== 'string' || !SALT.test(salt) || typeof body !== 'string')) return null;
  const record = { pos, kind, id, commitment, salt, body, hash };
  return JSON.stringify(record) === line ? record : null;
}

function parseLine(line) {
  try {
    const value = JSON.parse(line);
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** Whole lines, each ended by a line feed; null for one that is too long, is no UTF-8 or has no end. */
function* linesOf(file) {
  const descriptor = openSync(file, 'r');
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const decode = (bytes) => {
    try {
      return decoder.decode(bytes);
    } catch {
      return null;
    }
  };
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let kept = [];
    let keptBytes = 0;
    for (let read = readSync(descriptor, chunk); read > 0; read = readSync(descriptor, chunk)) {
      let from = 0;
      for (let end = chunk.indexOf(10); end >= 0 && end < read; end = chunk.indexOf(10, from)) {
        const tail = chunk.subarray(from, end);
        yield decode(keptBytes === 0 ? tail : Buffer.concat([...kept, tail]));
        kept = [];
        keptBytes = 0;
        from = end + 1;
      }
      if (from < read) {
        kept.push(Buffer.from(chunk.subarray(from, read)));
        keptBytes += read - from;
      }
      if (keptBytes > MAX_LINE_BYTES) break;
    }
    if (keptBytes > 0) yield null;
  } finally {
    closeSync(descriptor);
  }
}

/** As a command of its own. Returns the exit code. */
function main(args) {
  const json = args.includes('--json');
  const at = args.indexOf('--head');
  const head = at < 0 ? undefined : args[at + 1];
  const files = args.filter((arg, index) => arg !== '--json' && index !== at && (at < 0 || index !== at + 1));
  if (head === undefined || files.length !== 1 || files[0].startsWith('-')) {
    process.stderr.write('Usage: node verify.mjs FILE --head N:HASH|HEADS_FILE [--json]\n');
    return 2;
  }
  try {
    const result = verifyLedger(files[0], readHeads(head));
    process.stdout.write(`${json ? JSON.stringify(result) : tell(result)}\n`);
    return result.bad === null ? 0 : 1;
  } catch (error) {
    process.stderr.write(`verify: ${error.message}\n`);
    return 2;
  }
}

// An old Node cannot tell whether it was asked to verify: saying nothing would look like yes.
if (import.meta.filename === undefined) {
  process.stderr.write('verify: Node 20.11 or newer is needed\n');
  process.exitCode = 2;
} else if (process.argv[1] !== undefined && existsSync(process.argv[1]) && realpathSync(process.argv[1]) === import.meta.filename) {
  process.exitCode = main(process.argv.slice(2));
}
