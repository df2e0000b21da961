/**
 * 32-bit floats without loss in as few bits as their spread needs. Propensities lie in a few octaves, so 27 bits are usual.
 *
 *   count u32 │ least u32 │ width u8 │ count × width bits, the lowest first      (little-endian)
 *
 * A value is its bit pattern less `least`, plus 1; 0 is NaN, whichever NaN it was, so that equal scores are equal bytes.
 */
const HEAD = 9;

/** No bytes for no values. */
export function packScores(values: Float32Array): Uint8Array {
  if (values.length === 0) return new Uint8Array(0);
  const patterns = new Uint32Array(values.length);
  const view = new DataView(new ArrayBuffer(4));
  let least = 0xffff_ffff;
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    view.setFloat32(0, value);
    const pattern = view.getUint32(0);
    patterns[i] = pattern;
    if (pattern < least) least = pattern;
    if (pattern > most) most = pattern;
  }
  // No pattern but a NaN's is above 0xff800000, so adding 1 never overflows.
  const width = most < least ? 1 : 32 - Math.clz32(most - least + 1);
  const bytes = new Uint8Array(HEAD + ((values.length * width + 7) >>> 3));
  const head = new DataView(bytes.buffer);
  head.setUint32(0, values.length, true);
  head.setUint32(4, least, true);
  head.setUint8(8, width);
  let bit = HEAD << 3;
  for (let i = 0; i < values.length; i++) {
    let rest = Number.isNaN(values[i]) ? 0 : (patterns[i] as number) - least + 1;
    for (let left = width; left > 0; ) {
      const taken = Math.min(8 - (bit & 7), left);
      bytes[bit >>> 3] = (bytes[bit >>> 3] as number) | ((rest & ((1 << taken) - 1)) << (bit & 7));
      rest >>>= taken;
      bit += taken;
      left -= taken;
    }
  }
  return bytes;
}

/** Throws a RangeError for bytes that packScores does not write. */
export function unpackScores(bytes: Uint8Array): Float32Array {
  if (bytes.length === 0) return new Float32Array(0);
  const head = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length <= HEAD) throw new RangeError(`scores in ${bytes.length} bytes: their head alone takes ${HEAD}`);
  const [count, least, width] = [head.getUint32(0, true), head.getUint32(4, true), head.getUint8(8)];
  if (width < 1 || width > 32 || bytes.length !== HEAD + Math.ceil((count * width) / 8))
    throw new RangeError(`${count} scores of ${width} bits in ${bytes.length} bytes: they were changed`);
  const values = new Float32Array(count);
  const view = new DataView(new ArrayBuffer(4));
  let bit = HEAD << 3;
  for (let i = 0; i < count; i++) {
    let read = 0;
    for (let done = 0; done < width; ) {
      const taken = Math.min(8 - (bit & 7), width - done);
      read |= (((bytes[bit >>> 3] as number) >>> (bit & 7)) & ((1 << taken) - 1)) << done;
      bit += taken;
      done += taken;
    }
    if (read === 0) values[i] = Number.NaN;
    else {
      view.setUint32(0, (read >>> 0) - 1 + least);
      values[i] = view.getFloat32(0);
    }
  }
  return values;
}
