import type { ActionView } from '#contract/desk.ts';
import { isMessageId } from '../wording/use-text.ts';
import type { MessageId } from '../wording/use-text.ts';

/** The first gate that stopped an action, in the agent's words. */
export function gateMessage({ stage, code }: Pick<ActionView, 'stage' | 'code'>): MessageId {
  const exact = `gate.${stage}.${code}`;
  return isMessageId(exact) ? exact : `gate.${stage}`;
}
