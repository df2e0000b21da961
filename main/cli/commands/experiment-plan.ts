/** How many decisions an experiment needs, or what so many of them would find. */
import { designEffectOf, detectableRate, type ExperimentDesign, powerOf, sampleSize } from '#learning';
import type { Command, Given } from '../command.ts';
import { EXPERIMENT_UNITS, STANDING_EXPERIMENTS } from '#contract/experiments.ts';
import { rounded } from '../statistics/rounded.ts';

interface Plan extends Omit<ExperimentDesign, 'treatmentRate'> {
  /** Null where it is asked for. */
  readonly treatmentRate: number | null;
  readonly total: number | null;
  readonly perDay: number | null;
}

export const experimentPlan: Command = {
  summary: 'Plan an experiment: how many decisions it needs, for how long',
  positionals: [],
  options: {
    rate: { type: 'string', value: 'SHARE', help: 'Rate under control', required: true },
    lift: { type: 'string', value: 'SHARE', help: 'Relative lift to be found: 0.1 is ten per cent of the rate' },
    'treatment-rate': { type: 'string', value: 'SHARE', help: 'Rate to be found under treatment, instead of --lift' },
    total: { type: 'string', value: 'N', help: 'Decisions there will be: says what they would find' },
    'control-share': { type: 'string', value: 'SHARE', help: 'Share of control; 0.5 where not given' },
    power: { type: 'string', value: 'SHARE', help: 'Chance of finding it where it is; 0.8 where not given' },
    confidence: { type: 'string', value: 'SHARE', help: 'Chance of finding nothing where nothing is, two-sided; 0.95 where not given' },
    'cluster-size': { type: 'string', value: 'N', help: 'Decisions of one agent or site, where those are assigned' },
    correlation: { type: 'string', value: 'SHARE', help: 'How alike decisions of one are (intra-class correlation)' },
    'per-day': { type: 'string', value: 'N', help: 'Decisions a day, for how long it takes' },
    experiment: {
      type: 'string',
      help: 'A standing experiment: what to write into revision.yaml',
      oneOf: STANDING_EXPERIMENTS.map(({ id }) => id),
    },
    unit: { type: 'string', help: 'What it assigns as one; customer where not given', oneOf: EXPERIMENT_UNITS },
    json: { type: 'boolean', help: 'Print the plan as one JSON line' },
  },
  notes: 'N = (z_a + z_b)² · [p₁(1 − p₁)/c + p₂(1 − p₂)/(1 − c)] / (p₂ − p₁)² in total, times 1 + (m − 1)·ρ for clusters of m.',
  async run(given, terminal) {
    const plan = planOf(given);
    if (typeof plan === 'string') {
      terminal.note(plan);
      return 2;
    }
    const { total, perDay, treatmentRate: wanted, ...design } = plan;
    const treatmentRate = wanted ?? (total === null ? null : detectableRate(design, total));
    if (treatmentRate === null) {
      terminal.note(`${total ?? 0} decisions would find no rate below 1`);
      return 1;
    }
    const whole = { ...design, treatmentRate };
    const size = sampleSize(whole);
    const decisions = total ?? size.total;
    const shown = {
      total: decisions,
      control: total === null ? size.control : Math.round(total * design.controlShare),
      treatment: total === null ? size.treatment : total - Math.round(total * design.controlShare),
      controlRate: design.controlRate,
      treatmentRate,
      lift: treatmentRate / design.controlRate - 1,
      controlShare: design.controlShare,
      confidence: design.confidence,
      power: total === null ? design.power : powerOf(whole, total),
      designEffect: design.designEffect,
      days: perDay === null ? null : Math.ceil(decisions / perDay),
      experiment: standing(given, design.controlShare),
    };
    if (given.flag('json')) await terminal.print(JSON.stringify(rounded(shown)));
    else {
      const days = shown.days === null ? '' : `, ${shown.days} days`;
      await terminal.print(
        `${shown.total} decisions (${shown.control} control, ${shown.treatment} treatment)${days}: finds ${(treatmentRate * 100).toPrecision(4)} % beside ${(design.controlRate * 100).toPrecision(4)} % (lift ${(shown.lift * 100).toFixed(1)} %) with power ${shown.power.toFixed(2)}`,
      );
      if (shown.experiment !== null) {
        const { id, asks, policy } = shown.experiment;
        const arms = policy.arms.map(({ arm, share }) => `{ arm: ${arm}, share: ${share} }`).join(', ');
        await terminal.print(`${id}: ${asks} In revision.yaml:`);
        await terminal.print(`  experiment: { salt: ${policy.salt}, unit: ${policy.unit}, arms: [${arms}] }`);
      }
    }
    return 0;
  },
};

/** The arm is the control: it gets the control's share, and everybody else the policy as it is. */
const standing = (given: Given, share: number) => {
  const found = STANDING_EXPERIMENTS.find(({ id }) => id === given.text('experiment'));
  if (found === undefined) return null;
  const { id, asks, arm } = found;
  return { id, asks, policy: { salt: id, unit: given.text('unit') ?? 'customer', arms: [{ arm, share }] } };
};

const planOf = (given: Given): Plan | string => {
  const number = (option: string): number | null => (given.text(option) === undefined ? null : Number(given.text(option)));
  const controlRate = number('rate') ?? Number.NaN;
  const lift = number('lift');
  const total = number('total');
  const treatmentRate = number('treatment-rate') ?? (lift === null ? null : controlRate * (1 + lift));
  const clusterSize = number('cluster-size') ?? 1;
  const correlation = number('correlation') ?? 0;
  const perDay = number('per-day');
  const between = {
    'control-share': number('control-share') ?? 0.5,
    power: number('power') ?? 0.8,
    confidence: number('confidence') ?? 0.95,
  };
  if (!(controlRate > 0 && controlRate < 1)) return '--rate must be a number between 0 and 1';
  for (const [option, value] of Object.entries(between))
    if (!(value > 0 && value < 1)) return `--${option} must be a number between 0 and 1`;
  if (lift !== null && number('treatment-rate') !== null) return 'give --lift or --treatment-rate, not both';
  if (treatmentRate === null && total === null)
    return 'say what is to be found (--lift or --treatment-rate), or how many decisions there will be (--total)';
  if (treatmentRate !== null && !(treatmentRate > 0 && treatmentRate < 1))
    return `the rate under treatment would be ${treatmentRate}; it must be between 0 and 1`;
  if (treatmentRate === controlRate) return 'no number of decisions finds a difference of nothing: --lift must not be 0';
  if (total !== null && !(Number.isInteger(total) && total >= 2)) return '--total must be a whole number from 2';
  if (!(clusterSize >= 1) || !(correlation >= 0 && correlation <= 1)) return '--cluster-size must be from 1, and --correlation from 0 to 1';
  if (perDay !== null && !(perDay > 0)) return '--per-day must be above 0';
  return {
    controlRate,
    treatmentRate,
    total,
    perDay,
    controlShare: between['control-share'],
    power: between.power,
    confidence: between.confidence,
    designEffect: designEffectOf(clusterSize, correlation),
  };
};
