import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasRecorded, RECORDED } from '#test/cli/recorded-data.ts';
import { clincRows } from './clinc-rows.ts';

describe('the published CLINC150 file as rows', () => {
  it('has a row for every query of the splits asked for', () => {
    const published = JSON.stringify({
      train: [['how much is it', 'price']],
      oos_train: [['who won "the" game', 'oos']],
      test: [['so', 'x']],
    });
    expect(clincRows(published, ['train', 'oos_train'])).toBe(
      '{"text":"how much is it","label":"price"}\n{"text":"who won \\"the\\" game","label":"oos"}\n',
    );
    expect(clincRows(published).split('\n')).toHaveLength(4);
    expect(() => clincRows(published, ['val'])).toThrow('there is no split val; there are train, oos_train, test');
  });

  it.skipIf(!hasRecorded('clinc150/train-and-val.json'))('reads the file as it is given', () => {
    const rows = clincRows(readFileSync(path.join(RECORDED, 'clinc150', 'train-and-val.json'), 'utf8'))
      .trimEnd()
      .split('\n');
    expect(rows).toHaveLength(18_200);
    expect(rows.filter((row) => row.endsWith('"label":"oos"}'))).toHaveLength(200);
  });
});
