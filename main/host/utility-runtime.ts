/** Loaded into each utility process before the app's module: gives it `process.parentPort` and takes Node's own channel away. */
import type { MessageEvent, ParentPort } from 'electron';
import type { EventEmitter } from 'node:events';
import { registerHooks } from 'node:module';
import { messageEvent, PortLink } from './message-ports.ts';
import { notImplemented, StrictEmitter } from './strict.ts';
import type { UtilityMessage } from './utility-messages.ts';

registerHooks({
  resolve: (specifier, context, next) => {
    if (specifier === 'electron' || specifier.startsWith('electron/'))
      throw notImplemented(`the module '${specifier}' in a utility process`);
    return next(specifier, context);
  },
});

const sendToParent = process.send?.bind(process);
if (sendToParent === undefined) throw new Error('electron stand-in: utility-runtime.ts was loaded outside a utility process');
const send = (message: UtilityMessage): void => {
  // A parent that is gone closes the channel; `disconnect` below ends this process then, and not the message that found nobody.
  if (process.connected) sendToParent(message, undefined, undefined, () => undefined);
};

class UtilityParentPort extends StrictEmitter<{ message: [event: MessageEvent] }> implements Pick<ParentPort, 'postMessage'> {
  readonly #early: MessageEvent[] = [];

  constructor() {
    super('process.parentPort', ['message']);
  }

  postMessage(data: unknown): void {
    send({ kind: 'message', data: structuredClone(data), ports: [] });
  }

  /** Holds messages until the module listens. */
  deliver(event: MessageEvent): void {
    if (this.listenerCount('message') > 0) this.emit('message', event);
    else this.#early.push(event);
  }

  flush(): void {
    for (const event of this.#early.splice(0)) this.emit('message', event);
  }
}

const parentPort = new UtilityParentPort();
const link = new PortLink('utility', send);
(parentPort as EventEmitter).on('newListener', () => setImmediate(() => parentPort.flush()));
process.on('message', (message) => {
  const received = message as UtilityMessage;
  if (received.kind === 'message') parentPort.deliver(messageEvent(received.data, link.accept(received.ports)));
  else link.receive(received);
});
process.on('disconnect', () => process.exit(0));
Object.defineProperty(process, 'parentPort', { value: parentPort });
Object.defineProperty(process, 'type', { value: 'utility' });
Object.defineProperty(process, 'send', { value: undefined });
