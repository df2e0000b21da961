/** A task's flow chart: what the agent may do, in words, and what comes after what when all goes well. */
import type { FlowChartFile } from '#contract/text-model.ts';

export interface FlowChart {
  readonly task: string;
  /** What the agent may do, in the order of the file. */
  readonly actions: readonly string[];
  readonly words: ReadonlyMap<string, string>;
  /** The action after an action; nodes that are no action themselves are skipped over. */
  readonly next: ReadonlyMap<string, string>;
  /** The node that stands for a result or an answer ("available", "yes") and leads to the action; absent for all others. */
  readonly condition: ReadonlyMap<string, string>;
}

/** Nodes of at most so many words that nothing leads to are answers and results, not something the agent says. */
const CONDITION_WORDS = 2;

export const readFlowChart = (task: string, { replies, graph }: FlowChartFile): FlowChart => {
  const reached = new Set(Object.values(graph));
  const isCondition = (node: string): boolean =>
    graph[node] !== undefined && !reached.has(node) && (replies[node] ?? '').trim().split(/\s+/).length <= CONDITION_WORDS;
  const actions = Object.keys(replies).filter((node) => !isCondition(node));
  const next = new Map<string, string>();
  const condition = new Map<string, string>();
  for (const [node, to] of Object.entries(graph)) {
    if (isCondition(node)) condition.set(to, node);
    else next.set(node, to);
  }
  return { task, actions, words: new Map(Object.entries(replies)), next, condition };
};
