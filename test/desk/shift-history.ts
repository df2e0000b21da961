/** What was asked for and what was promised over a shift, one line each, and the pure check of it against what central has. */
import { z } from 'zod';
import type { Outcome } from '#contract/outcome.ts';
import { Id, Slug } from '#contract/text.ts';

const ANSWERED = ['accepted', 'rejected', 'snoozed'] as const;

/** Written before anything else happens: `invoke` before the answer is handed over, `ok` when it was said to be saved, `no` when it was refused. */
export const HistoryLine = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('invoke'), op: z.int(), callId: Id, decisionId: Id, actionId: Slug, kind: z.enum(ANSWERED) }),
  z.strictObject({ t: z.literal('ok'), op: z.int(), /** Null: it was not told. */ outcomeId: Id.nullable() }),
  /** Something was not taken, because nothing more fits. */
  z.strictObject({ t: z.literal('full') }),
  z.strictObject({ t: z.literal('no'), op: z.int(), reason: z.string() }),
]);
export type HistoryLine = z.infer<typeof HistoryLine>;

export interface ShiftVerdict {
  readonly invoked: number;
  readonly acknowledged: number;
  readonly refused: number;
  /** Asked for, and nobody was told what became of it: it may be there or not. */
  readonly unknown: number;
  /** Acknowledged and not at central. */
  readonly lost: number;
  /** One answer, or one id, more than once. */
  readonly doubled: number;
  /** At central, and never asked for, or refused. */
  readonly phantom: number;
  /** Pairs of answers of one call that were acknowledged in one order and have another at central. */
  readonly outOfOrder: number;
}

/** Parses a history file; a last line that was cut off by the end of its process is left out. */
export function parseHistory(text: string): readonly HistoryLine[] {
  const lines = text.split('\n');
  const whole = lines.slice(0, -1).filter((line) => line !== '');
  return whole.map((line) => HistoryLine.parse(JSON.parse(line)));
}

type Invoked = Extract<HistoryLine, { t: 'invoke' }>;
type Acknowledged = Extract<HistoryLine, { t: 'ok' }>;
const promptOf = ({ decisionId, actionId, kind }: Pick<Invoked, 'decisionId' | 'actionId' | 'kind'> | Outcome): string =>
  `${decisionId} ${actionId} ${kind}`;

export function checkShift(history: readonly HistoryLine[], atCentral: readonly Outcome[]): ShiftVerdict {
  const answers = atCentral.filter(({ kind }) => (ANSWERED as readonly string[]).includes(kind));
  const byId = new Map(answers.map((answer) => [answer.id, answer]));
  const invoked = new Map(history.filter((line) => line.t === 'invoke').map((line) => [line.op, line]));
  const acknowledged = history.filter((line) => line.t === 'ok');
  const refused = history.filter((line) => line.t === 'no');
  const told = new Set([...acknowledged, ...refused].map(({ op }) => op));
  const unknown = [...invoked.values()].filter(({ op }) => !told.has(op));

  const mayBeThere = new Set([...acknowledged.flatMap(({ op }) => invoked.get(op) ?? []), ...unknown].map(promptOf));
  const prompts = Map.groupBy(answers, promptOf);
  const arrived = ({ op, outcomeId }: Acknowledged): Outcome | undefined => {
    if (outcomeId !== null) return byId.get(outcomeId);
    const asked = invoked.get(op);
    return asked === undefined ? undefined : prompts.get(promptOf(asked))?.[0];
  };
  const orders = [...Map.groupBy(acknowledged, ({ op }) => invoked.get(op)?.callId ?? '').values()].map((ofCall) =>
    ofCall.flatMap((line) => arrived(line)?.clock ?? []),
  );
  return {
    invoked: invoked.size,
    acknowledged: acknowledged.length,
    refused: refused.length,
    unknown: unknown.length,
    lost: acknowledged.filter((line) => arrived(line) === undefined).length,
    doubled: answers.length - byId.size + [...prompts.values()].filter((same) => new Set(same.map(({ id }) => id)).size > 1).length,
    phantom: [...prompts.keys()].filter((prompt) => !mayBeThere.has(prompt)).length,
    outOfOrder: orders.reduce((sum, clocks) => sum + clocks.filter((clock, i) => i > 0 && clock <= (clocks[i - 1] ?? 0)).length, 0),
  };
}
