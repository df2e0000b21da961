/** `Notification`: written down instead of shown; a lever plays the person who clicks it. */
import type { Notification as ElectronNotification, Event, NotificationConstructorOptions } from 'electron';
import { electronEvent } from './event.ts';
import type { Recorder } from './recorder.ts';
import { type Agrees, refuseUnknown, StrictEmitter } from './strict.ts';

interface NotificationEvents {
  click: [event: Event];
  close: [event: Event];
  show: [event: Event];
}

const known: readonly (keyof NotificationConstructorOptions)[] = ['title', 'body', 'silent', 'urgency', 'timeoutType'];

export class Notification extends StrictEmitter<NotificationEvents> implements Agrees<Notification, ElectronNotification> {
  static #recorder: Recorder;
  static #shown: Notification | undefined;

  title: string;
  body: string;

  constructor(options: NotificationConstructorOptions = {}) {
    refuseUnknown(options, known, 'Notification');
    super('Notification', ['click', 'close', 'show']);
    this.title = options.title ?? '';
    this.body = options.body ?? '';
  }

  static recordWith(recorder: Recorder): void {
    Notification.#recorder = recorder;
  }

  static isSupported(): boolean {
    return true;
  }

  /** A lever of tests. */
  static clickLast(): void {
    if (!Notification.#shown) throw new Error('electron stand-in: no notification was shown');
    Notification.#shown.emit('click', electronEvent());
  }

  show(): void {
    Notification.#shown = this;
    Notification.#recorder.record('notification', { title: this.title, body: this.body });
    setImmediate(() => this.emit('show', electronEvent()));
  }

  close(): void {
    setImmediate(() => this.emit('close', electronEvent()));
  }
}
