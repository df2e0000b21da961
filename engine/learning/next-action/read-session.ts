/**
 * A recorded session (github.com/RasaHQ/STAR, MIT) as the moments at which the agent acted: what had happened by then, and what
 * the agent did. Before agents pick an action they type what they mean to say, and are shown suggestions for it: that is an event of
 * its own, which comes first. The event that records what was picked, its words and the suggestions listed in it are never looked at.
 */
import type { SessionRecord } from '#contract/recorded-session.ts';

/** What is known at the moment the agent acts. */
export interface Moment {
  readonly task: string;
  /** What the customer said since the agent's last action. */
  readonly said: string;
  /** What the customer said before, oldest first. */
  readonly before: readonly string[];
  /** What the agent did so far, oldest first. */
  readonly done: readonly string[];
  /** What a query gave since the agent's last action; null = nothing came, an empty record = nothing was found. */
  readonly result: Readonly<Record<string, unknown>> | null;
  /** The last result that came, used or not. */
  readonly standing: Readonly<Record<string, unknown>> | null;
  /** What the agent said in words of their own since the last action; empty = nothing. */
  readonly spoken: string;
  /** Names of what the last query asked by. */
  readonly askedBy: readonly string[];
  /**
   * What the agent has typed to find an action since they last said or did something, the latest last; empty = nothing so far.
   * null = what they type is not recorded, as in most calls.
   */
  readonly typed: readonly string[] | null;
}

/** The moment as it is where what the agent types is not recorded. */
export const untyped = (moment: Moment): Moment => ({ ...moment, typed: null });

/** The moment as it was and, where it differs, untyped: what is learnt must hold for both. */
export const bothWays = (moment: Moment): readonly Moment[] => (moment.typed === null ? [moment] : [moment, untyped(moment)]);

export interface Example {
  readonly moment: Moment;
  readonly label: string;
}

export interface Session {
  /** One task, and everything went as the flow chart wants. */
  readonly isHappy: boolean;
  readonly examples: readonly Example[];
}

const queryLabel = (constraints: readonly Readonly<Record<string, unknown>>[]): string => {
  const asked = constraints.flatMap((constraint) => (typeof constraint['RequestType'] === 'string' ? [constraint['RequestType']] : []));
  const [first = ''] = asked;
  if (first.includes('Check')) return 'query_check';
  return first.includes('Book') ? 'query_book' : 'query';
};

export const readSession = ({ Scenario, Events }: SessionRecord): Session => {
  let task = Scenario.WizardCapabilities[0]?.Task ?? '';
  const examples: Example[] = [];
  const before: string[] = [];
  let said: string[] = [];
  const done: string[] = [];
  let result: Moment['result'] = null;
  let standing: Moment['standing'] = null;
  let spoken: string[] = [];
  let askedBy: readonly string[] = [];
  const isTypingRecorded = Events.some(({ Agent, Action }) => Agent === 'Wizard' && Action === 'request_suggestions');
  let typed: string[] = [];
  for (const event of Events) {
    if (event.Action === 'select_task' && event.Task !== undefined) task = event.Task;
    if (event.Agent === 'User' && event.Action === 'utter' && event.Text !== undefined) said.push(event.Text);
    if (event.Agent === 'KnowledgeBase') {
      result = event.Item ?? {};
      standing = result;
    }
    if (event.Agent === 'Wizard' && event.Action === 'utter' && event.Text !== undefined) {
      // What was said before it has been answered, and so has the result.
      spoken.push(event.Text);
      before.push(...said);
      said = [];
      result = null;
      typed = [];
    }
    if (event.Agent === 'Wizard' && event.Action === 'request_suggestions' && event.Text !== undefined) typed.push(event.Text);
    if (event.Agent !== 'Wizard' || (event.Action !== 'query' && event.Action !== 'pick_suggestion')) continue;
    const constraints = event.Constraints ?? [];
    const label = event.ActionLabel ?? (event.Action === 'query' ? queryLabel(constraints) : undefined);
    if (label === undefined) continue;
    const moment = {
      task,
      said: said.join(' '),
      before: [...before],
      done: [...done],
      result,
      standing,
      spoken: spoken.join(' '),
      askedBy,
      typed: isTypingRecorded ? [...typed] : null,
    };
    examples.push({ moment, label });
    before.push(...said);
    said = [];
    spoken = [];
    typed = [];
    done.push(label);
    result = null;
    if (event.Action === 'query') askedBy = constraints.flatMap((constraint) => Object.keys(constraint));
  }
  return { isHappy: Scenario.Happy && Scenario.MultiTask !== true, examples };
};
