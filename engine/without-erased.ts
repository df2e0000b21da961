/** What may still be taken of an event that names a customer who was erased: that it happened, without them. */
import type { CallEvent } from '#contract/call-events.ts';

/** In the place of a customer where an event cannot do without one; no customer's id. */
const NOBODY = 'erased';

export function withoutErased(event: CallEvent, isErased: (customerId: string) => boolean): CallEvent {
  if (!('customerId' in event.data) || event.data.customerId === undefined || !isErased(event.data.customerId)) return event;
  switch (event.type) {
    case 'sotto.call.offered':
    case 'sotto.call.identified': {
      const { customerId: _, ...data } = event.data;
      return { ...event, data: { ...data, identity: 'unknown' } } as CallEvent;
    }
    case 'sotto.profile.updated':
      return { ...event, data: { ...event.data, customerId: NOBODY, fields: {} } };
    default:
      return { ...event, data: { ...event.data, customerId: NOBODY } } as CallEvent;
  }
}
