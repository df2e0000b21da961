import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packScores, unpackScores } from '#core';

const bitsOf = (values: Float32Array): readonly number[] => {
  const view = new DataView(new ArrayBuffer(4));
  return Array.from(values, (value) => {
    if (Number.isNaN(value)) return -1;
    view.setFloat32(0, value);
    return view.getUint32(0);
  });
};

describe('packed scores', () => {
  it('are the same to the last bit when they are unpacked, whatever a model gave', () => {
    fc.assert(
      fc.property(fc.float32Array({ maxLength: 40 }), (values) => {
        expect(bitsOf(unpackScores(packScores(values)))).toEqual(bitsOf(values));
      }),
      { numRuns: 2_000, seed: 51 },
    );
    for (const values of [[], [0], [-0], [Number.NaN], [1, Number.NaN, 1], [0, -Infinity, Infinity, 1e-45], [0.5, 0.5, 0.5]])
      expect(bitsOf(unpackScores(packScores(Float32Array.from(values))))).toEqual(bitsOf(Float32Array.from(values)));
  });

  it('take fewer bytes than the floats they are', () => {
    const values = Float32Array.from({ length: 333 }, (_, i) => 0.02 + ((i * 37) % 333) / 400);
    expect(packScores(values).length).toBeLessThan(values.length * 4 * 0.88);
  });

  it('are refused where a byte is missing or too many, or their width is none', () => {
    const packed = packScores(Float32Array.of(0.25, 0.5, 0.75));
    for (const wrong of [packed.subarray(0, -1), packed.subarray(0, 5), Uint8Array.of(...packed, 0), packed.with(8, 0), packed.with(8, 40)])
      expect(() => unpackScores(wrong)).toThrow(RangeError);
  });
});
