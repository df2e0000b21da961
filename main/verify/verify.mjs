/**
 * Verifies an exported ledger against heads that were noted down elsewhere, or that central has countersigned. One file, plain
 * JavaScript, nothing but Node's own crypto and fs, no network: copy it anywhere and run it with any Node from 20.11.
 *
 *   node verify.mjs FILE [--head HEAD] [--key KEY] [--json]
 *
 * FILE   the ledger as `sotto ledger export` writes it (docs/LEDGER.md): a first line, then one line a record.
 * HEAD   a position and the hash of the chain there, `120:9f86d0…`; or a file of heads, one a line: such ones, and ones that
 *        central has countersigned, as it gives them.
 * KEY    central's public key, ed25519: a PEM file, or its 32 bytes in base64. Without it nothing countersigned is believed.
 *        With it and without HEAD, the file's own countersigned head is what it is held against, and must be there.
 *
 * Every hash is computed anew; those in the file are only compared. So a file can lie about nothing up to the last head
 * that holds. Where it contradicts itself, the record is named at which it does. Where somebody made all hashes anew from a
 * record on, the file contradicts only the heads: then the first bad record lies after the last head that holds, and no
 * later than the first that does not. Exit code 0 = holds, 1 = does not, 2 = could not be looked at.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync, realpathSync } from 'node:fs';

export const START = '0'.repeat(64);
export const HASH = /^[0-9a-f]{64}$/;
/** Empty for records from before salts. */
const SALT = /^(?:[0-9a-f]{64})?$/;
export const SIGNATURE = /^[A-Za-z0-9+/]{86}==$/;
/** What stands before the 32 bytes of an ed25519 public key in SPKI (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const KINDS = new Set(['decision', 'repeat', 'outcome']);
const CHUNK_BYTES = 1 << 20;
/** More than any record: a file without line ends is not read into memory whole. */
const MAX_LINE_BYTES = 16 << 20;

const WORDS = {
  'first-line': 'the first line is not that of an exported ledger',
  countersignature: 'the file has no head that the given key has countersigned',
  'no-record': 'is not a record as the export writes it',
  position: 'stands in another place than its number says: one was taken out, put in or moved',
  commitment: 'holds a body that is not the one it was committed to',
  chain: 'does not follow from the records before it',
  fork: 'is where the chain differs from the given head; all hashes were made anew from somewhere before it',
  short: 'is missing: a given head, or the first line, knows more records than there are',
  surplus: 'is more than the first line knows of',
};

export const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** An ed25519 public key: a PEM file, or its 32 bytes in base64. Throws a RangeError in words. */
export function readKey(text) {
  try {
    const key = /^[A-Za-z0-9+/]{43}=$/.test(text)
      ? createPublicKey({ key: Buffer.concat([SPKI, Buffer.from(text, 'base64')]), format: 'der', type: 'spki' })
      : createPublicKey(readFileSync(text));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Neither form.
  }
  throw new RangeError(`${text} is no ed25519 public key: it must be a PEM file, or 32 bytes in base64`);
}

/** Whether the key has signed this head, as central does. */
function isCountersigned(head, key) {
  if (typeof head !== 'object' || head === null || key === null) return false;
  const { deviceId, epoch, entries, hash, atMs, ed25519 } = head;
  const isWhole = isName(deviceId) && isName(epoch) && Number.isSafeInteger(atMs);
  if (!isWhole || !isHead(entries, hash) || typeof ed25519 !== 'string' || !SIGNATURE.test(ed25519)) return false;
  const text = ['sotto-head-1', deviceId, epoch, entries, hash, atMs].join('\n');
  return verify(null, Buffer.from(text, 'utf8'), key, Buffer.from(ed25519, 'base64'));
}

export const isName = (word) => typeof word === 'string' && /^[!-~]+$/.test(word);
export const isHead = (entries, hash) => Number.isSafeInteger(entries) && entries >= 0 && typeof hash === 'string' && HASH.test(hash);

/**
 * `N:HASH`, or a file with one head a line, as a map of positions to hashes. Heads that were countersigned need the key. Throws a
 * RangeError in words.
 */
export function readHeads(text, key = null) {
  const isFile = !/^\d+:/.test(text);
  if (isFile && !existsSync(text)) throw new RangeError(`${text} is neither a head such as 120:9f86… nor a file of heads`);
  const lines = (isFile ? readFileSync(text, 'utf8').split(/\r?\n/) : [text]).filter((line) => line !== '');
  const heads = new Map();
  for (const line of lines) {
    const [position, hash] = readHead(line, key);
    if ((heads.get(position) ?? hash) !== hash) throw new RangeError(`two heads at ${position} contradict each other`);
    heads.set(position, hash);
  }
  if (heads.size === 0) throw new RangeError(`${text} holds no head`);
  return heads;
}

function readHead(line, key) {
  const [, position, noted] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(line) ?? [];
  if (position !== undefined) return [Number(position), noted];
  const signed = parseLine(line);
  const shown = `"${line.slice(0, 80)}"`;
  if (signed === null)
    throw new RangeError(`${shown} is no head: it must be a position, a colon and 64 hexadecimal digits, or one that was countersigned`);
  if (key === null) throw new RangeError(`${shown} says that it was countersigned: --key must name the key`);
  if (!isCountersigned(signed, key)) throw new RangeError(`${shown} was not countersigned by the given key`);
  return [signed.entries, signed.hash];
}

/**
 * `key`: whose countersigned head in the file is a head like those given; one that is not of this key, or with no other head none
 * at all, is a fault. `entries`: records read. `proven`: up to where a given head confirms them. `countersigned`: of which device the
 * file's own head is, how far it goes and since when; null without a key. `bad`: null, or what is wrong first; `record` is where it
 * shows, `since` the first record that no given head confirms: where hashes were made anew, it may begin there.
 * The memory it takes does not grow with the file.
 */
export function verifyLedger(file, given, key = null) {
  const heads = new Map(given);
  let at = START;
  let entries = 0;
  let proven = 0;
  let first = null;
  let countersigned = null;
  const bad = (reason, record) => ({ entries, proven, countersigned, bad: { record, since: Math.min(proven + 1, record), reason } });
  for (const line of linesOf(file)) {
    if (first === null) {
      first = parseFirst(line);
      if (first === null) return bad('first-line', 0);
      const signed = key === null ? null : first.countersigned;
      if (signed === null ? key !== null && heads.size === 0 : !isCountersigned(signed, key)) return bad('countersignature', 0);
      if (signed !== null) {
        countersigned = { deviceId: signed.deviceId, entries: signed.entries, atMs: signed.atMs };
        if ((heads.get(signed.entries) ?? signed.hash) !== signed.hash) return bad('fork', signed.entries);
        heads.set(signed.entries, signed.hash);
      }
      if ((heads.get(0) ?? START) !== START) return bad('fork', 0);
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
  return { entries, proven, countersigned, bad: null };
}

/** A verdict in words, and the exit code that goes with it. */
export function tell({ entries, proven, countersigned, bad }) {
  if (bad === null) {
    const when = countersigned === null ? null : new Date(countersigned.atMs).toISOString();
    const whose = when === null ? '' : ` Central countersigned ${countersigned.entries} of ${countersigned.deviceId} at ${when}.`;
    const rest = entries > proven ? ` Records ${proven + 1} to ${entries} only follow from each other: no given head confirms them.` : '';
    return `${entries} records, each following from the one before; ${proven} confirmed by a given head.${whose}${rest}`;
  }
  const { record, since, reason } = bad;
  if (reason === 'countersignature') return `Not verified: ${WORDS[reason]}.`;
  if (reason === 'first-line') return `Not verified: ${WORDS[reason]}, or does not fit what follows.`;
  const earlier =
    since < record
      ? ` Where hashes were made anew, what is wrong may begin at record ${since}: the last given head that holds is before it.`
      : '';
  return `Not verified: record ${record} ${WORDS[reason]}.${earlier}`;
}

function parseFirst(line) {
  const value = parseLine(line);
  if (value === null || value.sotto !== 'ledger' || value.v !== 2 || !isHead(value.entries, value.head)) return null;
  const { entries, head } = value;
  const countersigned = value.countersigned === null ? null : asCountersigned(value.countersigned);
  return JSON.stringify({ sotto: 'ledger', v: 2, entries, head, countersigned }) === line ? { entries, head, countersigned } : null;
}

/** With the members that the export writes, in its order. */
function asCountersigned(value) {
  const { deviceId, epoch, entries, hash, atMs, keyId, ed25519 } = Object(value);
  return { deviceId, epoch, entries, hash, atMs, keyId, ed25519 };
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

export function parseLine(line) {
  try {
    const value = JSON.parse(line);
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** Whole lines, each ended by a line feed; null for one that is too long, is no UTF-8 or has no end. */
export function* linesOf(file) {
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

/**
 * A verifier as a command of its own: reads the arguments, prints the verdict and returns the exit code. `look` is given the file, the
 * head as it was written and the key, and gives the verdict. `needs`: of which of the latter two one at least must be there.
 */
export function runVerifier(args, { name, usage, needs, look, tell: inWords }) {
  const json = args.includes('--json');
  const rest = args.filter((arg) => arg !== '--json');
  const taken = (option) => {
    const at = rest.indexOf(option);
    return at < 0 ? undefined : rest.splice(at, 2)[1];
  };
  const given = { head: taken('--head'), key: taken('--key') };
  if (needs.every((option) => given[option] === undefined) || rest.length !== 1 || rest[0].startsWith('-')) {
    process.stderr.write(`Usage: ${usage}\n`);
    return 2;
  }
  try {
    const result = look(rest[0], given.head, given.key === undefined ? null : readKey(given.key));
    process.stdout.write(`${json ? JSON.stringify(result) : inWords(result)}\n`);
    return result.bad === null ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${name}: ${error.message}\n`);
    return 2;
  }
}

// An old Node cannot tell whether it was asked to verify: saying nothing would look like yes.
if (import.meta.filename === undefined) {
  process.stderr.write('verify: Node 20.11 or newer is needed\n');
  process.exitCode = 2;
} else if (process.argv[1] !== undefined && existsSync(process.argv[1]) && realpathSync(process.argv[1]) === import.meta.filename) {
  process.exitCode = runVerifier(process.argv.slice(2), {
    name: 'verify',
    usage: 'node verify.mjs FILE [--head N:HASH|HEADS_FILE] [--key PEM_FILE|BASE64] [--json]',
    needs: ['head', 'key'],
    look: (file, head, key) => verifyLedger(file, head === undefined ? new Map() : readHeads(head, key), key),
    tell,
  });
}
