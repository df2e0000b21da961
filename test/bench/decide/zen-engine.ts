/**
 * The workload as one decision table that collects every row that matches. A cell the engine cannot parse matches nothing
 * and says nothing: whoever relies on it has to hold its answers against another's, as check-answers.ts does.
 */
import type { Peer } from './peers.ts';
import { type Asked, NUMBERS, WORDS, type Workload } from './workload.ts';

interface Decision {
  evaluate(input: object, options?: { readonly trace: boolean }): Promise<{ readonly result: readonly { readonly action: number }[] }>;
}
interface Package {
  readonly ZenEngine: new () => { createDecision(content: Buffer): Decision };
}

const COLUMNS = [...Array.from({ length: NUMBERS }, (_, i) => `f${i}`), ...Array.from({ length: WORDS }, (_, i) => `c${i}`)];

/** A condition as the text of a cell. */
const cell = (asked: Asked): string => {
  switch (asked.op) {
    case '>=':
    case '<=':
      return `${asked.op} ${asked.value}`;
    case 'in':
      return asked.values.map((value) => JSON.stringify(value)).join(', ');
    case '!=':
      return `$ != ${JSON.stringify(asked.value)}`;
  }
};

/** The row of an action; two limits on one field share a cell. */
const row = ({ id, conditions }: Workload['actions'][number], action: number): Record<string, string> => {
  const cells: Record<string, string> = Object.fromEntries(COLUMNS.map((column) => [column, '']));
  for (const asked of conditions) {
    const before = cells[asked.field]!;
    cells[asked.field] = before === '' ? cell(asked) : `${before.startsWith('$') ? before : `$ ${before}`} and $ ${cell(asked)}`;
  }
  return { _id: id, action: String(action), ...cells };
};

const column = (field: string): object => ({ id: field, name: field, field });
const node = (id: string, type: string, content?: object): object => ({ id, type, name: id, position: { x: 0, y: 0 }, content });

/** The whole decision as the engine reads it. */
export function decisionTable(workload: Workload): { readonly rules: Record<string, string>[]; readonly content: object } {
  const rules = workload.actions.map(row);
  const table = { hitPolicy: 'collect', inputs: COLUMNS.map(column), outputs: [column('action')], rules };
  return {
    rules,
    content: {
      contentType: 'application/vnd.gorules.decision',
      nodes: [node('in', 'inputNode'), node('table', 'decisionTableNode', table), node('out', 'outputNode')],
      edges: [
        { id: 'in-table', sourceId: 'in', targetId: 'table', type: 'edge' },
        { id: 'table-out', sourceId: 'table', targetId: 'out', type: 'edge' },
      ],
    },
  };
}

/** With its trace on, zen-engine says per row why it did or did not match. `edit` changes rows before they are loaded. */
export const zenEngine = ({
  trace,
  edit = () => {},
}: {
  readonly trace: boolean;
  readonly edit?: (rules: Record<string, string>[]) => void;
}): Peer => ({
  name: trace ? 'zen-engine-trace' : 'zen-engine',
  prepare(workload, load) {
    const { ZenEngine } = load('@gorules/zen-engine') as Package;
    const { rules, content } = decisionTable(workload);
    edit(rules);
    const decision = new ZenEngine().createDecision(Buffer.from(JSON.stringify(content)));
    const options = trace ? { trace } : undefined;
    return async (profile, eligible) => {
      const { result } = await decision.evaluate(profile, options);
      for (const [position, { action }] of result.entries()) eligible[position] = action;
      return result.length;
    };
  },
});
