import { useCallback } from 'react';
import type { ReactNode } from 'react';
import { useIntl } from 'react-intl';
import { messages } from '../messages/messages.ts';

/** A key of messages/en.json; a test holds that every one in use is there. */
export type MessageId = string;

/** Whether a text is written for a name that comes from data (an event type, a reason code). */
export const isMessageId = (id: string): boolean => Object.hasOwn(messages, id);

export interface TextOf {
  (id: MessageId, values?: Record<string, string | number>): string;
}

/** Messages as strings, for names and announcements; the same function until the language changes. */
export function useText(): TextOf {
  const intl = useIntl();
  return useCallback((id, values) => intl.formatMessage({ id }, values), [intl]);
}

/** Messages with elements in them, so that a foreign value stays in its own `<bdi>`. */
export function useRichText(): (id: MessageId, values: Record<string, ReactNode>) => ReactNode {
  const intl = useIntl();
  return (id, values) => intl.formatMessage({ id }, values);
}
