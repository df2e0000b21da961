import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Highest } from '../../engine/core/highest.ts';

it('holds the highest of a stream, the highest first; of equals the one that came first', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 12 }), { maxLength: 40 }), fc.integer({ min: 1, max: 8 }), (values, limit) => {
      const highest = new Highest(limit);
      // Used again, as for the next decision.
      for (const earlier of [3, 12, 12]) highest.offer(0, earlier);
      highest.clear();
      for (const [place, value] of values.entries()) highest.offer(place, value);
      const expected = values
        .map((value, place) => ({ value, place }))
        .toSorted((one, other) => other.value - one.value || one.place - other.place)
        .slice(0, limit)
        .map(({ place }) => place);
      expect([...highest.places.subarray(0, highest.count)]).toEqual(expected);
    }),
    { seed: 20_261_123, numRuns: 400 },
  );
});
