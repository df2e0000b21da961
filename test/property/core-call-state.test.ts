import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CallState } from '#contract/call-state.ts';
import { emptyCall, reduceCall } from '#core';
import { anyEvent } from '../core/arbitrary-inputs.ts';
import { activeCall } from '../core/fixtures.ts';
import { RUNS, SEED as seed, TIMEOUT_MS } from './runs.ts';

it(
  '[O1] the state of a call depends on the set of its events, whatever the order, the drops and the duplicates',
  () => {
    let late = 0;
    fc.assert(
      fc.property(
        fc.array(anyEvent, { maxLength: 25 }).chain((more) => {
          const events = [...activeCall(more).events];
          const delivered = fc.subarray(events, { minLength: 1 });
          return delivered.chain((kept) =>
            fc.tuple(
              fc.constant(kept),
              fc.shuffledSubarray(kept, { minLength: kept.length }),
              fc.array(fc.nat({ max: kept.length - 1 }), { maxLength: 6 }),
            ),
          );
        }),
        ([kept, shuffled, repeats]) => {
          const inOrder = kept.reduce(reduceCall, emptyCall('call-1'));
          const deliveries = [...shuffled];
          for (const [at, which] of repeats.entries()) deliveries.splice(at * 2, 0, shuffled[which]!);
          const anyOrder = deliveries.reduce(reduceCall, emptyCall('call-1'));
          expect(anyOrder).toEqual(inOrder);
          // Each intermediate state too is the state of the events so far.
          let state = emptyCall('call-1');
          for (const [index, delivery] of deliveries.entries()) {
            const next = reduceCall(state, delivery);
            const repeated = deliveries.slice(0, index).some(({ seq }) => seq === delivery.seq);
            if (repeated) expect(next).toBe(state);
            else if (delivery.seq < (state.events.at(-1)?.seq ?? 0)) late++;
            state = next;
          }
          const missing = inOrder.gaps.reduce((sum, { fromSeq, toSeq }) => sum + toSeq - fromSeq + 1, 0);
          expect(missing + inOrder.events.length).toBe(inOrder.events.at(-1)!.seq);
        },
      ),
      { seed, numRuns: RUNS * 5 },
    );
    expect(late).toBeGreaterThan(RUNS);
  },
  TIMEOUT_MS,
);

const withoutEvents = (call: CallState) => ({ ...call, events: [] });

it('[O1] canary: a fold that believes the order of arrival is another call, and the comparison sees it', () => {
  const { failed, counterexample } = fc.check(
    fc.property(fc.array(anyEvent, { minLength: 2, maxLength: 25 }), fc.infiniteStream(fc.nat()), (more, shuffle) => {
      const { events } = activeCall(more);
      const order = new Map(events.map(({ seq }) => [seq, shuffle.next().value as number]));
      const arrived = events.toSorted((a, b) => (order.get(a.seq) ?? 0) - (order.get(b.seq) ?? 0));
      const believed = arrived.map((delivery, index) => ({ ...delivery, seq: index + 1 }));
      expect(withoutEvents(believed.reduce(reduceCall, emptyCall('call-1')))).toEqual(
        withoutEvents(events.reduce(reduceCall, emptyCall('call-1'))),
      );
    }),
    { seed, numRuns: RUNS },
  );
  expect(failed).toBe(true);
  expect(counterexample).not.toBeNull();
});
