/**
 * Verifies a witness file, central's log of all desks' ledgers, against central's key and against heads it gave earlier or elsewhere.
 * Plain JavaScript, nothing but verify.mjs beside it and Node's own crypto and fs: copy the two anywhere and run this one with any
 * Node from 20.11.
 *
 *   node verify-witness.mjs FILE --key KEY [--head HEAD] [--json]
 *
 * FILE   as `sotto witness export` writes it (docs/LEDGER.md): a first line, then standings of ledgers and the heads that cover them.
 * KEY    central's public key, ed25519: a PEM file, or its 32 bytes in base64.
 * HEAD   a head's number and hash, `12:9f86d0…`; or a file of lines as central gives them: heads that were kept, an earlier witness
 *        file, or one got from another place.
 *
 * Every hash is computed anew. What was changed, taken out, put in or moved is named; what was made anew and signed contradicts only
 * what was given elsewhere. Exit code 0 = holds, 1 = does not, 2 = could not be looked at.
 */
import { verify } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { HASH, isHead, isName, linesOf, parseLine, runVerifier, sha256, SIGNATURE, START } from './verify.mjs';

const WITNESS_FIRST = '{"sotto":"witness","v":1}';

const WORDS = {
  'first-line': 'the first line is not that of a witness file',
  'no-line': 'is not a line as central writes it',
  number: 'has another number than its place: one was taken out, put in or moved',
  chain: 'does not follow from what is before it',
  'went-back': 'says less of a ledger than was said before, or something else',
  signature: 'is not signed by the given key',
  'no-head': 'is covered by no head',
  split: 'is not what a given head says: central told two stories',
  short: 'is missing: a given head knows of it',
};

/**
 * What a witness was given earlier or elsewhere: `SEQ:HASH`, or a file of lines as central gives them, the first line of a witness file
 * among them or not. Heads must be signed by the key. Throws a RangeError in words.
 */
export function readCentralHeads(text, key) {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq !== undefined) return [{ seq: Number(seq), hash }];
  if (!existsSync(text)) throw new RangeError(`${text} is neither a head such as 12:9f86… nor a file of heads`);
  const given = [];
  for (const line of linesOf(text)) {
    if (line === WITNESS_FIRST) continue;
    const read = line === null ? null : (parseStanding(line) ?? parseCentralHead(line));
    if (read === null) throw new RangeError(`"${String(line).slice(0, 80)}" in ${text} is no line of a witness file`);
    if ('seq' in read && !isSigned(read, key)) throw new RangeError(`head ${read.seq} in ${text} is not signed by the given key`);
    given.push(read);
  }
  if (!given.some((line) => 'seq' in line)) throw new RangeError(`${text} holds no head`);
  return given;
}

/**
 * `heads` and `standings`: how many were read and hold. `proven`: the last head that a given one confirms. `untilMs`: when the last was
 * signed. `bad`: null, or what is wrong first: the number of the standing or of the head, and of a standing whose ledger it is.
 */
export function verifyWitness(file, given, key) {
  const wanted = { heads: new Map(), standings: new Map() };
  for (const line of given) {
    if ('seq' in line) wanted.heads.set(line.seq, line.hash);
    else wanted.standings.set(line.n, line.chain);
  }
  const ledgers = new Map();
  let [heads, standings, proven, untilMs, covered] = [0, 0, 0, null, 0];
  let [chain, before] = [START, START];
  const bad = (reason, where) => ({
    heads,
    standings,
    proven,
    untilMs,
    bad: { standing: null, head: null, deviceId: null, ...where, reason },
  });
  let isFirst = true;
  for (const line of linesOf(file)) {
    if (isFirst) {
      if (line !== WITNESS_FIRST) return bad('first-line', {});
      isFirst = false;
      continue;
    }
    const standing = line === null ? null : parseStanding(line);
    if (standing !== null) {
      const { n, deviceId, epoch, entries, hash } = standing;
      const where = { standing: standings + 1, deviceId };
      if (n !== standings + 1) return bad('number', where);
      chain = sha256([chain, deviceId, epoch, entries, hash].join('\n'));
      if (chain !== standing.chain) return bad('chain', where);
      if ((wanted.standings.get(n) ?? chain) !== chain) return bad('split', where);
      const name = `${deviceId} ${epoch}`;
      if ((ledgers.get(name) ?? -1) >= entries) return bad('went-back', where);
      ledgers.set(name, entries);
      standings = n;
      continue;
    }
    const head = line === null ? null : parseCentralHead(line);
    if (head === null) return bad('no-line', { standing: standings + 1 });
    const where = { head: heads + 1 };
    if (head.seq !== heads + 1) return bad('number', where);
    if (head.before !== before || head.n !== standings || head.chain !== chain) return bad('chain', where);
    if (!isSigned(head, key)) return bad('signature', where);
    if ((wanted.heads.get(head.seq) ?? head.hash) !== head.hash) return bad('split', where);
    if (wanted.heads.has(head.seq)) proven = head.seq;
    ({ hash: before, atMs: untilMs } = head);
    [heads, covered] = [head.seq, standings];
  }
  if (isFirst) return bad('first-line', {});
  if (covered < standings) return bad('no-head', { standing: covered + 1 });
  if (heads < Math.max(0, ...wanted.heads.keys())) return bad('short', { head: heads + 1 });
  return { heads, standings, proven, untilMs, bad: null };
}

/** A verdict on a witness file in words. */
export function tellWitness({ heads, standings, proven, untilMs, bad }) {
  if (bad === null) {
    const until = untilMs === null ? '' : `, the last of ${new Date(untilMs).toISOString()}`;
    const rest = heads > proven ? ` No given head confirms those after ${proven}.` : '';
    return `${heads} heads over ${standings} standings of ledgers, all signed and each following from the one before${until}.${rest}`;
  }
  if (bad.reason === 'first-line') return `Not verified: ${WORDS[bad.reason]}.`;
  const what = bad.head === null ? `standing ${bad.standing}${bad.deviceId === null ? '' : ` (${bad.deviceId})`}` : `head ${bad.head}`;
  return `Not verified: ${what} ${WORDS[bad.reason]}.`;
}

/** Null unless it is, character for character, what central writes. */
function parseStanding(line) {
  const value = parseLine(line);
  if (value === null) return null;
  const { n, deviceId, epoch, entries, hash, chain } = value;
  const isWhole = Number.isSafeInteger(n) && isName(deviceId) && isName(epoch) && isHead(entries, hash) && HASH.test(String(chain));
  const standing = { n, deviceId, epoch, entries, hash, chain };
  return isWhole && JSON.stringify(standing) === line ? standing : null;
}

function parseCentralHead(line) {
  const value = parseLine(line);
  if (value === null) return null;
  const { seq, before, atMs, n, chain, hash, keyId, ed25519 } = value;
  const isWhole = [seq, atMs, n].every(Number.isSafeInteger) && [before, chain, hash].every((one) => HASH.test(String(one)));
  const head = { seq, before, atMs, n, chain, hash, keyId, ed25519 };
  return isWhole && JSON.stringify(head) === line ? head : null;
}

function isSigned({ seq, before, atMs, n, chain, hash, ed25519 }, key) {
  const text = Buffer.from(['sotto-central-head-1', seq, before, atMs, n, chain].join('\n'), 'utf8');
  if (sha256(text) !== hash || typeof ed25519 !== 'string' || !SIGNATURE.test(ed25519)) return false;
  return verify(null, text, key, Buffer.from(ed25519, 'base64'));
}

/** Whether the file begins as a witness file does. */
export function isWitness(file) {
  for (const line of linesOf(file)) return line === WITNESS_FIRST;
  return false;
}

if (process.argv[1] !== undefined && existsSync(process.argv[1]) && realpathSync(process.argv[1]) === import.meta.filename)
  process.exitCode = runVerifier(process.argv.slice(2), {
    name: 'verify-witness',
    usage: 'node verify-witness.mjs FILE --key PEM_FILE|BASE64 [--head SEQ:HASH|HEADS_FILE] [--json]',
    needs: ['key'],
    look: (file, head, key) => verifyWitness(file, head === undefined ? [] : readCentralHeads(head, key), key),
    tell: tellWitness,
  });
