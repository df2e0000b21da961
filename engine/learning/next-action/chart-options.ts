/** What an agent may do next in a task: its chart's actions, and the common ones that are not on it. */
import type { FlowChart } from './flow-chart.ts';
import { TypedLikeness } from './typed-likeness.ts';

export interface ChartOptions {
  readonly chart: FlowChart;
  /** The chart's actions, then the common ones. */
  readonly actions: readonly string[];
  /** How like the names and words of each, in their order, something typed is. */
  readonly likeness: TypedLikeness;
}

export const optionsOf = (chart: FlowChart, common: readonly string[]): ChartOptions => {
  const actions = [...chart.actions, ...common.filter((action) => !chart.words.has(action))];
  const texts = actions.map((action) => `${action.replaceAll('_', ' ')} ${chart.words.get(action) ?? ''}`);
  return { chart, actions, likeness: new TypedLikeness(texts) };
};
