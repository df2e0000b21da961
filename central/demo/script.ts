/**
 * A scripted call as its author writes it (`calls/<id>.yaml`): who rings whom, what is said and done in order, how the agent
 * answers prompts, and which prompts must, may and must not appear. The world is closed: a prompt that is neither in a `must`
 * nor in a `may` is a fault of the script or of the policy.
 *
 * Times are worked out from the words (expand-script.ts); an author writes only pauses that matter.
 */
import { z } from 'zod';
import { CALL_EVENT_TYPES } from '#contract/call-events.ts';
import { RejectReason } from '#contract/policy.ts';
import { Id, LanguageTag, Slug } from '#contract/text.ts';

/** One action, `issue:NAME` or `group:NAME`. */
const ActionPattern = z.string().regex(/^(?:(?:issue|group):)?[a-z0-9]+(?:-[a-z0-9]+)*$/, 'must be an action, issue:NAME or group:NAME');
const Must = z.union([
  Slug.transform((action) => ({ action })),
  z.strictObject({ action: Slug, role: z.enum(['primary', 'chip']).optional() }),
]);

const expectation = {
  /** On the screen (as primary or chip, unless a role is named) at some time between this step and `withinS` later. */
  must: z.array(Must).min(1).optional(),
  /** Allowed from this step on. */
  may: z.array(ActionPattern).min(1).optional(),
  /** Not shown from this step on, and gone within a second if it was. */
  mustNot: z.array(ActionPattern).min(1).optional(),
  withinS: z.number().positive().max(120).default(8),
};

/** Since the end of what was last said or done. */
const pauseS = z.number().min(-5).max(120);

const Step = z.union([
  z.strictObject({ customer: z.string().min(1).max(600), pauseS: pauseS.default(0.8), ...expectation }),
  z.strictObject({ agent: z.string().min(1).max(600), pauseS: pauseS.default(0.8), ...expectation }),
  z.strictObject({
    event: z.enum(CALL_EVENT_TYPES),
    data: z.record(z.string(), z.unknown()).default({}),
    pauseS: pauseS.default(0.3),
    ...expectation,
  }),
  z.strictObject({ silenceS: z.number().positive().max(120), ...expectation }),
  /** The agent answers a prompt while the talk goes on: this takes no time of the conversation. */
  z.strictObject({
    answer: z.enum(['accept', 'reject', 'snooze', 'override', 'ignore']),
    action: Slug,
    reason: RejectReason.optional(),
    /** With `override`: what the agent does instead. */
    chosen: Slug.optional(),
    pauseS: pauseS.default(4),
    ...expectation,
  }),
]);
export type Step = z.infer<typeof Step>;

export const Script = z.strictObject({
  id: Slug,
  title: z.string().min(1).max(80),
  theme: Slug,
  agent: Id,
  /** Absent: the caller could not be matched. */
  customer: Id.optional(),
  identity: z.enum(['unknown', 'asserted', 'verified']),
  direction: z.enum(['inbound', 'outbound']).default('inbound'),
  queue: z.string().min(1).max(64),
  language: LanguageTag.default('en'),
  ivr: z.array(z.string().max(64)).max(16).default([]),
  /** Rings the same agent right after this call. */
  after: z.strictObject({ script: Slug, gapS: z.number().min(1).max(600) }).optional(),
  /** Allowed at any time. */
  may: z.array(ActionPattern).default([]),
  /** Must not be shown at all, even where a `may` pattern would allow it. */
  never: z.array(ActionPattern).default([]),
  steps: z.array(Step).min(10).max(120),
  end: z.enum(['customer-hung-up', 'agent-hung-up', 'transferred-out', 'dropped', 'abandoned']).default('customer-hung-up'),
  wrapUpS: z.number().min(1).max(120).default(6),
  disposition: z.string().max(64).default('done'),
});
export type Script = z.infer<typeof Script>;

/** Names a script may use: actions with their issue and group, agents, customers. */
export interface KnownNames {
  readonly actions: ReadonlyMap<string, { readonly issue: string; readonly group: string }>;
  readonly agents: ReadonlySet<string>;
  readonly customers: ReadonlySet<string>;
}

/** Whether an action is meant by a pattern. */
export const isMeant = (pattern: string, actionId: string, actions: KnownNames['actions']): boolean => {
  const [kind, name] = pattern.includes(':') ? pattern.split(':', 2) : ['action', pattern];
  if (kind === 'issue') return actions.get(actionId)?.issue === name;
  if (kind === 'group') return actions.get(actionId)?.group === name;
  return actionId === name;
};

/** The names in a script that stand for nothing, and answers to prompts no expectation mentions. */
export const scriptFaults = (script: Script, known: KnownNames, scripts: readonly Script[]): readonly string[] => {
  const faults: string[] = [];
  const fault = (text: string) => faults.push(`calls/${script.id}.yaml: ${text}`);
  const pattern = (text: string) => {
    if (![...known.actions.keys()].some((id) => isMeant(text, id, known.actions))) fault(`"${text}" names no action`);
  };
  if (!known.agents.has(script.agent)) fault(`agent "${script.agent}" is not in agents.yaml`);
  if (script.customer !== undefined && !known.customers.has(script.customer))
    fault(`customer "${script.customer}" is not in customers.jsonl`);
  if ((script.customer === undefined) !== (script.identity === 'unknown')) fault('a caller is unknown exactly when no customer is named');
  if (script.after !== undefined && !scripts.some(({ id }) => id === script.after?.script))
    fault(`follows "${script.after.script}", which is no script`);
  const expected = new Set(script.may);
  for (const text of [...script.may, ...script.never]) pattern(text);
  for (const step of script.steps) {
    for (const { action } of step.must ?? []) expected.add(action);
    for (const text of step.may ?? []) expected.add(text);
    for (const text of [...(step.must ?? []).map(({ action }) => action), ...(step.may ?? []), ...(step.mustNot ?? [])]) pattern(text);
  }
  for (const step of script.steps) {
    if (!('answer' in step)) continue;
    if (![...expected].some((text) => isMeant(text, step.action, known.actions)))
      fault(`answers "${step.action}", which is not expected anywhere`);
    if ((step.answer === 'override') !== (step.chosen !== undefined)) fault(`"chosen" belongs to an override, and only to it`);
    if (step.chosen !== undefined) pattern(step.chosen);
  }
  return faults;
};
