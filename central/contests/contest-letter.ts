/** The reply to a customer who contested a decision, as text: what was decided and why, who looked at it, what they found, and what can be done now. */
import type { ContestView } from '#contract/contest.ts';

const day = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
const listed = (lines: readonly string[], none: string): readonly string[] =>
  lines.length === 0 ? [`  ${none}`] : lines.map((line) => `  - ${line}`);

/** `name`: what the customer is called. Null while it is open, and where it was withdrawn: there is nothing to reply. */
export function contestLetter(view: ContestView, name: string): string | null {
  if (view.state !== 'answered' && view.state !== 'expired') return null;
  const { decision, answer } = view;
  return [
    `Date: ${day(view.endedAtMs ?? view.receivedAtMs)}`,
    `Reference: contest ${view.contestId}, decision ${view.decisionId}`,
    '',
    `Dear ${name},`,
    '',
    `On ${day(view.receivedAtMs)} you contested a decision about you. This is our reply.`,
    '',
    'What you told us',
    ...(view.words === null ? ['  (no longer held)'] : view.words.split('\n').map((line) => `  ${line}`)),
    '',
    'What was decided',
    ...(decision === null
      ? ['  The record of the decision is no longer held in a form that can be told.']
      : [
          `  On ${day(decision.atMs)}, by the rules "${decision.revision}":`,
          ...listed(
            decision.shown.map(({ name: action, do: words }) => `${action} (${words})`),
            'nothing was proposed to you',
          ),
          '',
          'The reasons that applied',
          ...listed(
            decision.shown.flatMap(({ name: action, because }) => because.map((reason) => `${action}: ${reason}`)),
            'no reason beyond the rules themselves',
          ),
          '',
          'What was known of you when it was decided',
          ...listed(
            decision.facts.map(({ label, value }) => `${label}: ${value}`),
            'nothing',
          ),
          '',
          'What was not proposed, and why',
          ...listed(
            decision.notShown.map(({ name: action, ended }) => `${action}: ${ended}`),
            'nothing else was considered',
          ),
        ]),
    '',
    'Who looked at it',
    ...(answer === null
      ? ['  Nobody answered in the time we set ourselves. That is our failure. The decision is not confirmed by it.']
      : [
          `  ${answer.reviewerName}, on ${day(answer.atMs)}. This person is not the one who decided, and has approved nothing that came of it.`,
        ]),
    ...(answer === null
      ? []
      : [
          '',
          'What was found',
          answer.finding === 'stands' ? '  The decision stands.' : '  The decision is set aside.',
          ...(answer.reasons === null ? ['  (no longer held)'] : answer.reasons.split('\n').map((line) => `  ${line}`)),
          ...(answer.remedy === null ? [] : ['', 'What happens now', ...answer.remedy.split('\n').map((line) => `  ${line}`)]),
        ]),
    '',
    'What you can do',
    '  You may contest it again, and another person will look at it. You may ask for all data that is held about you, and you may complain to',
    '  the supervisory authority for data protection.',
    '',
  ].join('\n');
}
