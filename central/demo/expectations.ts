/** Were the right prompts shown? A pure check of what appeared during a call against what its script expects. */
import type { ScriptedCall } from './expand-script.ts';
import { isMeant, type KnownNames } from './script.ts';

/** One prompt as it was on the screen. */
export interface ShownPrompt {
  readonly atMs: number;
  /** When it left the screen; null = still there at the end. */
  readonly untilMs: number | null;
  readonly actionId: string;
  readonly role: 'primary' | 'chip';
}

export interface Violation {
  readonly callId: string;
  readonly scriptId: string;
  /** Index of the step that says so; -1 = the script as a whole. */
  readonly step: number;
  /** `missing`: a must that did not appear; `forbidden`: a must-not that appeared or stayed; `unexpected`: in no list. */
  readonly kind: 'missing' | 'forbidden' | 'unexpected';
  readonly actionId: string;
  readonly detail: string;
}

/** How long something forbidden may take to leave the screen, and a clock may be off. */
const GRACE_MS = 1_000;

/** Every way in which `shown` differs from what the script expects, in order of its steps; empty = all hold. */
export const expectationViolations = (
  call: Pick<ScriptedCall, 'callId' | 'scriptId' | 'startMs' | 'expectations'>,
  shown: readonly ShownPrompt[],
  actions: KnownNames['actions'],
): readonly Violation[] => {
  const { callId, scriptId, startMs, expectations } = call;
  const seconds = (atMs: number) => `${((atMs - startMs) / 1_000).toFixed(1)} s`;
  const violations: Violation[] = [];
  const add = (step: number, kind: Violation['kind'], actionId: string, detail: string) =>
    violations.push({ callId, scriptId, step, kind, actionId, detail });

  for (const { step, atMs, untilMs, must, mustNot } of expectations) {
    for (const { actionId, role } of must) {
      const found = shown.some(
        (prompt) =>
          prompt.actionId === actionId &&
          prompt.atMs <= untilMs &&
          (prompt.untilMs === null || prompt.untilMs > atMs) &&
          (role === undefined || prompt.role === role),
      );
      if (!found)
        add(
          step,
          'missing',
          actionId,
          `must be on the screen${role === undefined ? '' : ` as ${role}`} between ${seconds(atMs)} and ${seconds(untilMs)}`,
        );
    }
    for (const prompt of shown) {
      if (!mustNot.some((pattern) => isMeant(pattern, prompt.actionId, actions))) continue;
      if (prompt.atMs >= atMs) add(step, 'forbidden', prompt.actionId, `shown at ${seconds(prompt.atMs)}, forbidden from ${seconds(atMs)}`);
      else if (prompt.untilMs === null || prompt.untilMs > atMs + GRACE_MS) {
        add(step, 'forbidden', prompt.actionId, `still shown after ${seconds(atMs + GRACE_MS)}`);
      }
    }
  }
  for (const prompt of shown) {
    const allowed = expectations.some(
      ({ atMs, must, may }) =>
        prompt.atMs >= atMs &&
        (must.some(({ actionId }) => actionId === prompt.actionId) || may.some((pattern) => isMeant(pattern, prompt.actionId, actions))),
    );
    if (!allowed) add(-1, 'unexpected', prompt.actionId, `shown at ${seconds(prompt.atMs)}, and no step allows it then`);
  }
  return violations;
};
