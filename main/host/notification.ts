/** `Notification`: written down instead of shown; a lever plays the person who clicks it. */
import type { Event, Notification as ElectronNotification, NotificationConstructorOptions } from 'electron';
import { electronEvent } from './event.ts';
import type { Recorder } from './recorder.ts';
import { refuseUnknown, StrictEmitter } from './strict.ts';

interface NotificationEvents {
  click: [event: Event];
  close: [event: Event];
  show: [event: Event];
}

const known: readonly (keyof NotificationConstructorOptions)[] = ['title', 'body', 'silent', 'urgency', 'timeoutType'];

/** The class, and what a person can do to the notifications shown so far. */
export function createNotification(recorder: Recorder) {
  const shown: StandInNotification[] = [];

  class StandInNotification
    extends StrictEmitter<NotificationEvents>
    implements Pick<ElectronNotification, 'title' | 'body' | 'show' | 'close'>
  {
    title: string;
    body: string;

    constructor(options: NotificationConstructorOptions = {}) {
      refuseUnknown(options, known, 'Notification');
      super('Notification', ['click', 'close', 'show']);
      this.title = options.title ?? '';
      this.body = options.body ?? '';
    }

    static isSupported(): boolean {
      return true;
    }

    show(): void {
      shown.push(this);
      recorder.record('notification', { title: this.title, body: this.body });
      setImmediate(() => this.emit('show', electronEvent()));
    }

    close(): void {
      setImmediate(() => this.emit('close', electronEvent()));
    }
  }

  return {
    Notification: StandInNotification,
    /** A lever of tests: clicks the notification shown last. */
    clickLast: () => {
      const last = shown.at(-1);
      if (!last) throw new Error('electron stand-in: no notification was shown');
      last.emit('click', electronEvent());
    },
  };
}
