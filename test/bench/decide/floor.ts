/**
 * The floor: what a good programmer writes by hand for exactly this workload, in typed arrays, over customers encoded
 * beforehand. It filters, scores and ranks, keeps no reason, no record and no hash, and knows no other policy.
 */
import type { Contestant } from './contestant.ts';
import { Scorer } from './scorer.ts';
import { type Asked, FIELDS, NUMBERS, VALUES, type Workload } from './workload.ts';

/** Field and limit of each of the five conditions. */
const PER_ACTION = 10;

const placeOf = (field: string): number => (field.startsWith('f') ? 0 : NUMBERS) + Number(field.slice(1));
const bitOf = (value: string): number => 1 << VALUES.indexOf(value as (typeof VALUES)[number]);

function limitOf(asked: Asked): number {
  switch (asked.op) {
    case '>=':
    case '<=':
      return asked.value;
    case 'in':
      return asked.values.reduce((bits, value) => bits | bitOf(value), 0);
    case '!=':
      return bitOf(asked.value);
  }
}

const encode = (profile: Workload['profiles'][number]): Int32Array => {
  const fields = new Int32Array(FIELDS);
  for (const [field, value] of Object.entries(profile)) fields[placeOf(field)] = typeof value === 'number' ? value : bitOf(value);
  return fields;
};

export function floor(workload: Workload): Contestant {
  const { actions, profiles } = workload;
  const asked = new Int32Array(actions.length * PER_ACTION);
  for (const [number, { conditions }] of actions.entries()) {
    for (const [place, condition] of conditions.entries()) {
      asked[number * PER_ACTION + place * 2] = placeOf(condition.field);
      asked[number * PER_ACTION + place * 2 + 1] = limitOf(condition);
    }
  }
  const customers = profiles.map(encode);
  const scorer = new Scorer(workload);
  const eligible = new Int32Array(actions.length);
  const filter = (profile: number): number => {
    const fields = customers[profile]!;
    let count = 0;
    for (let action = 0, at = 0; at < asked.length; action++, at += PER_ACTION) {
      if (
        fields[asked[at]!]! >= asked[at + 1]! &&
        fields[asked[at + 2]!]! <= asked[at + 3]! &&
        (fields[asked[at + 4]!]! & asked[at + 5]!) !== 0 &&
        (fields[asked[at + 6]!]! & asked[at + 7]!) === 0 &&
        fields[asked[at + 8]!]! >= asked[at + 9]!
      )
        eligible[count++] = action;
    }
    return count;
  };
  return {
    name: 'floor',
    profiles: profiles.length,
    decide: (profile) => scorer.rank(eligible, filter(profile), profile),
    answer: (profile) => {
      const count = filter(profile);
      scorer.rank(eligible, count, profile);
      return scorer.answer(eligible, count);
    },
  };
}
