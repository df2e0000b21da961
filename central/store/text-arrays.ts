/**
 * Lists of texts as PostgreSQL's own bytes. Written as a literal, each would be searched for quotes twice here and taken apart
 * character by character there: for batches of records that is a good part of the work of storing them.
 */
import pg from 'pg';

/** `text`, of pg_type. */
const TEXT_OID = 25;
const HEADER_BYTES = 20;

/** A list of nothing but texts and nulls, at least one text; every other value stays as it is. */
const isTexts = (value: unknown): value is readonly (string | null)[] =>
  Array.isArray(value) &&
  value.some((each) => typeof each === 'string') &&
  value.every((each) => each === null || typeof each === 'string');

/** As array_recv reads it: dimensions, whether there are nulls, the element's type, the length, the first index, the elements. */
export function textArrayBytes(texts: readonly (string | null)[]): Buffer {
  const lengths = texts.map((text) => (text === null ? -1 : Buffer.byteLength(text)));
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + lengths.reduce((sum, length) => sum + 4 + Math.max(0, length), 0));
  let at = bytes.writeInt32BE(1, 0);
  at = bytes.writeInt32BE(lengths.includes(-1) ? 1 : 0, at);
  at = bytes.writeInt32BE(TEXT_OID, at);
  at = bytes.writeInt32BE(texts.length, at);
  at = bytes.writeInt32BE(1, at);
  texts.forEach((text, n) => {
    at = bytes.writeInt32BE(lengths[n] ?? -1, at);
    if (text !== null) at += bytes.write(text, at);
  });
  return bytes;
}

/** A connection that sends lists of texts so. Every list of texts in our statements is a `text[]` there. */
export class TextArrayClient extends pg.Client {
  override query(...args: readonly unknown[]): never {
    const [what, values, ...others] = args;
    const sent = Array.isArray(values) ? values.map((value) => (isTexts(value) ? textArrayBytes(value) : value)) : values;
    return (super.query as (...args: readonly unknown[]) => never).call(this, what, sent, ...others);
  }
}
