import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeCodec } from '#main/host/codec.ts';

const codec = makeCodec();
const copy = (value: unknown): unknown => codec.unpack(codec.pack(value));

describe('values between processes', () => {
  test('arrive as structured clone would deliver them', () => {
    const leaf = fc.oneof(
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.bigInt(),
      fc.constantFrom(null, undefined, -0),
      fc.date({ noInvalidDate: false }),
      fc.uint8Array(),
      fc.float64Array(),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
        fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
        fc.array(tie('value'), { maxLength: 3 }).map((items) => new Set(items)),
      ),
    }));
    fc.assert(
      fc.property(value, (given) => {
        expect(copy(given)).toStrictEqual(structuredClone(given));
      }),
      { numRuns: 500 },
    );
  });

  test('keep identity and cycles', () => {
    const shared = { name: 'shared' };
    const given: Record<string, unknown> = { first: shared, list: [shared], map: new Map([[shared, shared]]) };
    given['self'] = given;
    const back = copy(given) as { first: object; list: object[]; map: Map<object, object>; self: object };
    expect(back.self).toBe(back);
    expect(back.list[0]).toBe(back.first);
    expect(back.map.get(back.first)).toBe(back.first);
  });

  test('keep errors with their kind, message, stack and cause', () => {
    const back = copy(new RangeError('too far', { cause: new Error('inner') })) as RangeError;
    expect(back).toBeInstanceOf(RangeError);
    expect([back.message, (back.cause as Error).message]).toEqual(['too far', 'inner']);
    expect(back.stack).toContain('codec.test.ts');
  });

  test('a key named __proto__ stays a key', () => {
    const back = copy(JSON.parse('{"__proto__": {"polluted": true}}')) as object;
    expect(Object.keys(back)).toEqual(['__proto__']);
    expect('polluted' in back).toBe(false);
  });

  test('what cannot be cloned throws DataCloneError', () => {
    for (const value of [() => 1, Symbol('x'), { deep: [Promise.resolve()] }, new WeakMap(), new Map([[1, () => 1]]), new Blob(['x'])])
      expect(() => codec.pack(value)).toThrow(expect.objectContaining({ name: 'DataCloneError' }));
  });
});
