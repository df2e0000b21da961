/** Electron's event objects: `preventDefault`, `defaultPrevented` and whatever the event carries. */
import type { Event } from 'electron';

export function electronEvent(): Event;
export function electronEvent<Carried extends object>(carried: Carried): Event<Carried>;
export function electronEvent(carried: object = {}): Event {
  let prevented = false;
  const event = {
    preventDefault: () => {
      prevented = true;
    },
    get defaultPrevented() {
      return prevented;
    },
  };
  return Object.defineProperties(event, Object.getOwnPropertyDescriptors(carried));
}
