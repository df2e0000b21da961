import { describe, expect, it } from 'vitest';
import { nGramGroups } from '#learning';

const FORM = { runs: 2, reach: 0, pieces: [2, 3] as [number, number], before: 0, unknown: true };
const wordsIn = (text: string): ReadonlySet<number> => new Set(nGramGroups({ text, before: [] }, { ...FORM, runs: 1 }, () => true)[0]);
const unknown = (text: string): readonly number[] | undefined =>
  nGramGroups({ text, before: [] }, FORM, (hash) => wordsIn('my name is it card').has(hash))[2];

describe('what is seen of a text', () => {
  it('words a model does not know are told by where they stand, and numbers by their length as well', () => {
    expect(unknown('my name is anna')).toEqual(unknown('My name is ZOLTAN'));
    expect(unknown('my name is anna')).not.toEqual(unknown('my name is it'));
    expect(unknown('anna is my name')).not.toEqual(unknown('my name is anna'));
    expect(unknown('card 4471')).toEqual(unknown('card 9023'));
    expect(unknown('card 4471')).not.toEqual(unknown('card 44'));
    expect(unknown('card 4471')).not.toEqual(unknown('card anna'));
    // Nothing but two counts is said of a text whose words are all known.
    expect(unknown('my card')).toHaveLength(2);
  });

  it('of a form that does not look at unknown words nothing is asked', () => {
    const { unknown: _, ...plain } = FORM;
    const groups = nGramGroups({ text: 'my name is anna', before: [] }, plain, () => {
      throw new Error('asked');
    });
    expect(groups).toHaveLength(2);
  });
});
