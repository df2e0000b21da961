/** Which alerts a call raises, and since when: worked out anew at each look from what is so, so that nothing has to be remembered or taken back. */
import { ALERT_SEVERITIES, type Alert, type AlertKind, type AlertRuleView } from '#contract/supervision.ts';

/** What alerts are about, of one call. */
export interface Watched {
  readonly teams: readonly string[];
  /** The talk, or where its beginning is not known the offer. */
  readonly startedAtMs: number;
  /** Since when a prompt stands that must be said. */
  readonly mustSinceMs: number | null;
  readonly approvalSinceMs: number | null;
  readonly awaySinceMs: number | null;
  readonly topic: { readonly intent: string; readonly atMs: number } | null;
}

/** The most urgent first, then the oldest. */
export function alertsOf(call: Watched, rules: readonly AlertRuleView[], nowMs: number): Alert[] {
  const alerts = rules.flatMap((rule): readonly Alert[] => {
    if (rule.teamId !== null && !call.teams.includes(rule.teamId)) return [];
    const sinceMs = sinceOf(rule, call);
    if (sinceMs === null || sinceMs > nowMs) return [];
    const { ruleId, name, kind, severity } = rule;
    return [{ ruleId, name, kind, severity, sinceMs }];
  });
  return alerts.toSorted((a, b) => ALERT_SEVERITIES.indexOf(a.severity) - ALERT_SEVERITIES.indexOf(b.severity) || a.sinceMs - b.sinceMs);
}

/** When it became so, or will; null = it is not on its way. */
function sinceOf({ kind, afterS, topic }: AlertRuleView, call: Watched): number | null {
  if (kind === 'topic') return call.topic !== null && call.topic.intent === topic ? call.topic.atMs : null;
  const fromMs = beginningOf(kind, call);
  return fromMs === null ? null : fromMs + (afterS ?? 0) * 1_000;
}

function beginningOf(kind: Exclude<AlertKind, 'topic'>, call: Watched): number | null {
  switch (kind) {
    case 'call-longer':
      return call.startedAtMs;
    case 'must-unanswered':
      return call.mustSinceMs;
    case 'approval-waiting':
      return call.approvalSinceMs;
    case 'desk-offline':
      return call.awaySinceMs;
  }
}
