/** What somebody is given about themselves as plain text: in the order it happened, and without our words for things where there are others. */
import type { ReasonCode } from '#contract/reason-codes.ts';
import type { SubjectAccess, ToldAction, ToldContest, ToldDecision, ToldValue } from '#contract/subject-access.ts';

/** Why an action was not proposed, in words for the person it was about. */
const BECAUSE: Readonly<Record<ReasonCode, string>> = {
  'not-yet-valid': 'was not offered yet',
  'no-longer-valid': 'was not offered any more',
  'emergency-excluded': 'was taken out for everybody at that time',
  'revision-expired': 'could not be used, because the rules were too old',
  'no-treatment-for-channel': 'has no form for this channel',
  'no-basis': 'was not permitted: you had not agreed to what it is for',
  'basis-unknown': 'was left out: it was not known whether you agree to what it is for',
  objected: 'was not permitted: you had objected to what it is for',
  'condition-false': 'did not fit',
  'condition-unknown': 'was left out: something it depends on was not known',
  'care-before-sale': 'was held back: something else came before selling',
  'care-unknown': 'was held back: it was not known whether something else came before selling',
  'contact-limit': 'was held back, so that you are not asked too often',
  'contact-unknown': 'was held back: it was not known how often you had been asked',
  'rejected-in-call': 'had been declined on this call',
  'answered-in-call': 'had been answered on this call',
  snoozed: 'had been put off',
  'constraint-reached': 'had run out',
  'constraint-unknown': 'was left out: it was not known whether any is left',
  'score-failed': 'could not be weighed',
  'below-propensity': 'was too unlikely to be of use',
  'below-priority': 'mattered too little',
  'maturity-throttle': 'is new and proposed to a part of all only',
  'control-group': 'was not proposed to a small group chosen by chance, which you were in',
  'held-out': 'was not proposed for a time to a small group chosen by chance, which you were in',
  outranked: 'mattered less than what was proposed',
  'not-worth-interrupting': 'was not worth interrupting for',
  'cap-reached': 'was held back: enough had been proposed on this call',
  'gap-not-over': 'was held back: something had just been proposed',
  'someone-speaking': 'was held back while somebody was speaking',
  quiet: 'was held back: the agent had asked for quiet',
  'call-not-active': 'was held back: the call was not under way',
  'capture-paused': 'was held back: nothing is used while recording is paused',
  primary: 'was proposed',
  chip: 'was proposed in second place',
  'rules-only': 'was not weighed: only what must be said was left',
  'must-say-only': 'was left out: only what must be said was left',
  'not-drawn': 'was passed over by chance, to learn of something else',
};

const when = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
const shown = (value: ToldValue): string => (value === null ? 'not known' : typeof value === 'object' ? value.join(', ') : String(value));

export function subjectText(told: SubjectAccess): string {
  const lines = [
    `What is held about ${told.profile?.displayName ?? told.customerId} (${told.customerId}), as of ${when(told.madeAtMs)}`,
    '',
    'Your data',
    ...(told.profile === null ? ['  none'] : Object.entries(told.profile.fields).map(([name, value]) => `  ${name}: ${shown(value)}`)),
    '',
    'What you agreed to',
    ...orNone(told.consents.map(({ purpose, granted, atMs }) => `  ${purpose}: ${granted ? 'yes' : 'no'}, since ${when(atMs)}`)),
    '',
    'Contacts',
    ...orNone(
      told.contacts.map(
        ({ kind, channel, atMs, actionId }) => `  ${when(atMs)}  ${kind}${actionId === null ? '' : ` ${actionId}`}, by ${channel}`,
      ),
    ),
    '',
    'Calls',
    ...orNone(
      told.calls.flatMap(({ callId, offeredAtMs, said, coached }) => [
        `  ${when(offeredAtMs)}  call ${callId}`,
        ...said.map(({ by, text }) => `    ${by}: ${text}`),
        ...coached.map(({ by, text }) => `    ${by} wrote to the agent: ${text}`),
      ]),
    ),
    '',
    'Decisions about you',
    ...orNone(told.decisions.flatMap((decision) => decisionText(decision))),
    '',
    'What was asked for in your name',
    ...orNone(told.requests.map(({ actionId, state, amount }) => `  ${actionId}${amount === null ? '' : `, ${amount}`}: ${state}`)),
    '',
    'Decisions you contested',
    ...orNone(told.contests.flatMap(contestText)),
    '',
  ];
  return lines.join('\n');
}

function contestText({ decisionId, humanIntervention, pointOfView, contest }: ToldContest): readonly string[] {
  const { finding, reasons, remedy } = contest;
  return [
    `  ${when(pointOfView.atMs)}  decision ${decisionId}`,
    `    What you said: ${pointOfView.words ?? '(no longer held)'}`,
    humanIntervention === null
      ? `    No person has answered it${contest.state === 'expired' ? ' in time, which confirms nothing' : ' yet'}.`
      : `    ${humanIntervention.by} looked at it on ${when(humanIntervention.atMs)}, who had no part in the decision.`,
    ...(finding === null ? [] : [`    Found: the decision ${finding === 'stands' ? 'stands' : 'is set aside'}. ${reasons ?? ''}`]),
    ...(remedy === null ? [] : [`    What is done about it: ${remedy}`]),
  ];
}

function decisionText(decision: ToldDecision): readonly string[] {
  const { atMs, callId, policy, models, used, considered, outcomes, repeated } = decision;
  const rules = policy === null ? 'rules that are no longer held' : `${policy.name} ${policy.version}`;
  return [
    `  ${when(atMs)}  call ${callId}, by ${rules}${models.length === 0 ? ', without a model' : ' and a model of how likely something is of use'}${repeated === 0 ? '' : `; the same ${repeated} times more`}`,
    ...(decision.refrained === null ? [] : ['    Nothing was proposed.']),
    ...decision.shown.flatMap(({ name, words, because }) => [
      `    Proposed to the agent: ${name} (${words.do}${words.say === null ? '' : `: “${words.say}”`})`,
      ...because.map((reason) => `      because: ${reason}`),
    ]),
    ...(used.length === 0 ? [] : [`    What the rules read: ${used.map(({ label, value }) => `${label} = ${shown(value)}`).join('; ')}`]),
    ...considered.filter(({ stage }) => stage !== 'shown').map((action) => `    Not proposed: ${notProposed(action)}`),
    ...outcomes.map(
      ({ kind, actionId, atMs: thenMs, note }) => `    ${when(thenMs)}  ${actionId}: ${kind}${note === undefined ? '' : `, “${note}”`}`,
    ),
    ...(decision.reproduced ? [] : ['    (What each rule found cannot be told any more: only where each action ended is on record.)']),
  ];
}

function notProposed({ name, code, rule, values, ranked }: ToldAction): string {
  const found = values.map(({ label, found: value, required }) => `${label} was ${shown(value)}, ${required} was needed`);
  const because = [...(rule === null || found.length > 0 ? [] : [rule]), ...found].join('; ');
  const weight = ranked === null ? '' : ` (likely of use: ${Math.round(ranked.propensity * 100)} %, place ${ranked.rank})`;
  return `${name} ${BECAUSE[code]}${because === '' ? '' : `: ${because}`}${weight}`;
}

const orNone = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? ['  none'] : lines);
