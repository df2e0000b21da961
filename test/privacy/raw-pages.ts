/**
 * Every byte of a store's files as they lie on the disk, decrypted page by page without SQLite: pages in use and on the
 * freelist, and every page image in the log, also those that were overwritten since. The cipher's layout: the last 32
 * bytes of a page are nonce, counter and tag; of the first page the first 24 bytes are not encrypted.
 */
import { createDecipheriv } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

const PAGE_BYTES = 4_096;
const RESERVED_BYTES = 32;
const NONCE_BYTES = 12;
const FIRST_PAGE_PLAIN_BYTES = 24;
const LOG_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/** The database and its log, decrypted. */
export function rawPages(file: string, keyHex: string): Buffer {
  const key = Buffer.from(keyHex, 'hex');
  return Buffer.concat([
    ...pagesOf(readFileSync(file), key),
    ...(existsSync(`${file}-wal`) ? framesOf(readFileSync(`${file}-wal`), key) : []),
  ]);
}

function* pagesOf(bytes: Buffer, key: Buffer): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += PAGE_BYTES) yield opened(bytes.subarray(at, at + PAGE_BYTES), at / PAGE_BYTES + 1, key);
}

function* framesOf(bytes: Buffer, key: Buffer): Iterable<Buffer> {
  for (let at = LOG_HEADER_BYTES; at < bytes.length; at += FRAME_HEADER_BYTES + PAGE_BYTES) {
    const begin = at + FRAME_HEADER_BYTES;
    yield opened(bytes.subarray(begin, begin + PAGE_BYTES), bytes.readUInt32BE(at), key);
  }
}

/** A page of a number; the same block cipher gives the page's own key first, and then what it is encrypted with. */
function opened(page: Buffer, number: number, key: Buffer): Buffer {
  const end = PAGE_BYTES - RESERVED_BYTES;
  const nonce = page.subarray(end, end + NONCE_BYTES);
  const counter = (page.readUInt32LE(end + NONCE_BYTES) ^ number) >>> 0;
  const pageKey = stream(key, nonce, counter, Buffer.alloc(64)).subarray(32);
  const begin = number === 1 ? FIRST_PAGE_PLAIN_BYTES : 0;
  return stream(pageKey, nonce, (counter + 1) >>> 0, page.subarray(begin, end));
}

function stream(key: Buffer, nonce: Buffer, counter: number, bytes: Buffer): Buffer {
  const iv = Buffer.alloc(16);
  iv.writeUInt32LE(counter);
  nonce.copy(iv, 4);
  return createDecipheriv('chacha20', key, iv).update(bytes);
}
