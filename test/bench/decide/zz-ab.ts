import { measureSize } from '/work/main/test/bench/decide/measure-size.ts';
import { makeWorkload } from '/work/main/test/bench/decide/workload.ts';
import { FULL } from '/work/main/test/bench/decide/plan.ts';
const r = await measureSize(makeWorkload(1000, 256), [], FULL, () => {});
console.log('/work/main', r.ratioToFloor, JSON.stringify(r.us));
