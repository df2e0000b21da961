/**
 * The decision benchmark: `node run.ts [--json] [--quick]`, started by `sotto bench decide`. Progress and tables go to
 * standard error, the figures as one line of JSON to standard output. Ends with 1 when an engine disagrees or a budget is missed.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { floor } from './floor.ts';
import { installPeers } from './install-peers.ts';
import { measureExplaining, measureWhatIf } from './measure-explaining.ts';
import { growthWithActions, growthWithCustomers, growthWithHistory } from './measure-growth.ts';
import { measureLoading } from './measure-loading.ts';
import { countCollections, measureTail } from './measure-pauses.ts';
import { Disagreement, measureSize } from './measure-size.ts';
import { PEERS } from './peers.ts';
import { FULL, type Plan, QUICK } from './plan.ts';
import { type BenchResult, misses, type SizeResult } from './result.ts';
import { sotto } from './sotto-decider.ts';
import { resultLine, tables } from './tables.ts';
import { makeWorkload, selective } from './workload.ts';

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function measure(plan: Plan): Promise<BenchResult> {
  const { base, profiles, pace } = plan;
  const sizes: Record<string, SizeResult> = {};
  for (const size of plan.sizes) {
    say(`${size} actions …`);
    sizes[size] = await measureSize(makeWorkload(size, profiles), PEERS, plan, say);
  }
  const workload = makeWorkload(base, profiles);
  say('A selective policy …');
  const picky = await measureSize(selective(workload), [], plan, say);
  say('Customers never decided about …');
  const unseen = await measureSize(workload, [], plan, say, { unseen: true });
  say('More actions …');
  const actions = await growthWithActions(plan.growth, profiles, pace, say);
  say('More customers …');
  const customers = await growthWithCustomers(workload, [profiles, plan.manyProfiles], pace, say);
  say('Longer histories …');
  const history = await growthWithHistory(workload, plan.histories, pace, say);
  say('Sotto alone …');
  const ours = sotto(workload);
  const gc = await countCollections(ours, plan.decisionsAlone);
  const tail = measureTail(ours, floor(workload), plan.decisionsAlone);
  const explain = measureExplaining(ours, base, plan.explanations);
  const whatIf = measureWhatIf(ours, base, plan.searches);
  const load = await measureLoading(base, plan.loads);
  return { sizes, selective: picky, unseen, growth: { actions, profiles: customers, history }, gc, tail, explain, whatIf, load };
}

/** What else the machine does decides about the figures: they are read together. */
const machine = (): string => `${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`;

const { values } = parseArgs({ options: { json: { type: 'boolean' }, quick: { type: 'boolean' } } });
const plan = values.quick === true ? QUICK : FULL;
try {
  await installPeers(say);
  say(`Measuring (${machine()})`);
  const result = await measure(plan);
  say(`Done (${machine()})`);
  if (values.json !== true) say(`\n${tables(result)}\n`);
  const missed = plan.isMeasured ? misses(result) : [];
  for (const words of missed) say(words);
  process.stdout.write(`${resultLine(result)}\n`);
  process.exitCode = missed.length === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof Disagreement)) throw error;
  say(error.message);
  process.exitCode = 1;
}
