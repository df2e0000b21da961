/** The agent's answer to a prompt that was seen. */
import type { Outcome } from '#contract/outcome.ts';
import type { Prompt } from './reward.ts';

export interface AgentAnswer {
  readonly outcome: Outcome;
  readonly isPositive: boolean;
}

/**
 * The last answer holds. Rejecting, overriding, and letting a prompt pass that was seen are no; snoozing is none yet; a prompt that
 * was taken away or never seen was not answered. Null = no answer.
 */
export function agentAnswer({ outcomes }: Prompt): AgentAnswer | null {
  let answer: AgentAnswer | null = null;
  for (const outcome of outcomes) {
    const isPositive = answered(outcome);
    if (isPositive !== null) answer = { outcome, isPositive };
  }
  return answer;
}

function answered({ kind, seen }: Outcome): boolean | null {
  switch (kind) {
    case 'accepted':
      return true;
    case 'rejected':
    case 'overridden':
      return false;
    case 'expired':
      return seen === true ? false : null;
    case 'offered':
    case 'delivered':
    case 'seen':
    case 'snoozed':
    case 'superseded':
    case 'withdrawn':
    case 'retracted':
    case 'acted':
    case 'not-acted':
    case 'customer-accepted':
    case 'customer-declined':
    case 'complaint':
    case 'opt-out':
    case 'resolved':
    case 'churned':
      return null;
  }
}
