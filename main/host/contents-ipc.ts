/** Messages between one page and `ipcMain`. */
import type { WebContents as ElectronWebContents, Event, IpcMainEvent, IpcMainInvokeEvent } from 'electron';
import { makeCodec } from './codec.ts';
import { ignoreGone } from './devtools-session.ts';
import { electronEvent } from './event.ts';
import type { IpcMain } from './ipc-main.ts';
import type { Page } from './page.ts';
import type { PageToHost } from './page-messages.ts';
import type { Recorder } from './recorder.ts';
import { asElectronFrame, type WebFrame } from './web-frame.ts';

type Sent = Extract<PageToHost, { readonly kind: 'send' }>;
type Invoked = Extract<PageToHost, { readonly kind: 'invoke' }>;

const codec = makeCodec();

export class ContentsIpc {
  readonly #sender: ElectronWebContents;
  readonly #ipcMain: IpcMain;
  readonly #page: () => Page | undefined;
  readonly #recorder: Recorder;

  constructor(sender: ElectronWebContents, ipcMain: IpcMain, page: () => Page | undefined, recorder: Recorder) {
    this.#sender = sender;
    this.#ipcMain = ipcMain;
    this.#page = page;
    this.#recorder = recorder;
  }

  heard(frame: WebFrame, message: Sent | Invoked): void {
    if (message.kind === 'send')
      this.#ipcMain.deliver(message.channel, this.#event(frame) as IpcMainEvent, codec.unpack(message.args) as unknown[]);
    else ignoreGone(this.#answer(frame, message), this.#recorder.failed(`answering '${message.channel}'`));
  }

  async #answer(frame: WebFrame, { id, channel, args }: Invoked): Promise<void> {
    const { contextId } = frame;
    const reply = await this.#ipcMain
      .answer(channel, this.#event(frame) as IpcMainInvokeEvent, codec.unpack(args) as unknown[])
      .then((value) => ({ kind: 'answer', id, ok: true, value: codec.pack(value) }) as const)
      .catch((cause: unknown) => {
        console.error(`Error occurred in handler for '${channel}':`, cause);
        return { kind: 'answer', id, ok: false, message: `Error invoking remote method '${channel}': ${String(cause)}` } as const;
      });
    // Never to the document that came after the one that asked.
    if (frame.contextId === contextId) this.#page()?.tell(frame, reply);
  }

  #event(frame: WebFrame): Event<object> {
    return electronEvent({
      type: 'frame',
      sender: this.#sender,
      senderFrame: asElectronFrame(frame),
      processId: frame.processId,
      frameId: frame.routingId,
      ports: [],
      reply: (channel: string, ...args: unknown[]) => frame.send(channel, ...args),
    });
  }
}
