/** The benchmark with the engines it compares with; installs them where they are not. */
import { beforeAll, describe, expect, it } from 'vitest';
import { floor } from './decide/floor.ts';
import { installPeers } from './decide/install-peers.ts';
import { agreed } from './decide/measure-size.ts';
import { contestantOf, PEERS } from './decide/peers.ts';
import { makeWorkload } from './decide/workload.ts';
import { zenEngine } from './decide/zen-engine.ts';
import { runSotto } from '../cli/run-sotto.ts';

beforeAll(() => installPeers((line) => process.stderr.write(`${line}\n`)));

const NAMES = ['json-rules-engine', 'zen-engine', 'zen-engine-trace', 'json-logic-engine', 'cel-js', 'node-rules'];

describe('sotto bench decide', () => {
  it('decides with every engine, all of one mind, and ends with the figures on one line', async () => {
    const { code, out, err } = await runSotto(['bench', 'decide', '--quick', '--json']);
    expect(code, err).toBe(0);
    const figures = JSON.parse(out.trimEnd().split('\n').at(-1)!) as Record<string, { ratioToFloor: number; timesFaster: object }>;
    for (const size of ['20', '60']) {
      expect(figures[size]!.ratioToFloor).toBeGreaterThan(0);
      expect(Object.keys(figures[size]!.timesFaster)).toEqual(NAMES);
      expect(Object.values(figures[size]!.timesFaster).every((times) => times > 0)).toBe(true);
    }
    expect(figures).toMatchObject({
      selective: expect.anything(),
      growth: expect.anything(),
      gc: expect.anything(),
      explain: expect.anything(),
      whatIf: expect.anything(),
      load: expect.anything(),
    });
    for (const name of NAMES) expect(err).toContain(`checking ${name}`);
  });
});

describe('the engines', () => {
  const workload = makeWorkload(50, 16);

  it('are the ones promised, and all agree with the floor', async () => {
    expect(PEERS.map(({ name }) => name)).toEqual(NAMES);
    await agreed([floor(workload), ...PEERS.map((peer) => contestantOf(peer, workload))], 16, () => {});
  });

  it.each([false, true])('are caught when one takes a cell it cannot read for one nobody meets: zen-engine, trace %s', async (trace) => {
    const slip = zenEngine({
      trace,
      edit: (rules) => {
        const cells = rules[5]!;
        const column = Object.keys(cells).find((key) => /^\$ != "v\d"$/.test(cells[key]!))!;
        // What other languages write for "is not".
        cells[column] = cells[column]!.replace('!=', '<>');
      },
    });
    await expect(agreed([floor(workload), contestantOf(slip, workload)], 16, () => {})).rejects.toThrow(
      /^zen-engine\S* disagrees with floor on \d+ of 16 customers: for customer \d+ it does not let a5 through$/,
    );
  });
});
