import { expect, test } from 'vitest';
import { fromBase64 } from '#core';
import { seededRandom } from '#learning';

test('base64 of any bytes becomes those bytes, as the platform’s own reading of it', () => {
  const random = seededRandom(64);
  for (let length = 0; length < 200; length++) {
    const bytes = Uint8Array.from({ length }, () => Math.floor(random() * 256));
    expect(fromBase64(Buffer.from(bytes).toString('base64'))).toEqual(bytes);
  }
});

test.each(['A', 'AAA', 'AA=A', 'A===', 'AA A', 'AAAé', 'AAA-', 'AAA_', 'AAAA\n'])('%j is not base64', (text) => {
  expect(() => fromBase64(text)).toThrow(RangeError);
});
