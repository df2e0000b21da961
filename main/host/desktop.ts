/** The parts of a desktop that are asked, answered or written down: dialogs, links, power, the screen, `net.fetch` of files. */
import type { BaseWindow, Dialog, Display, MessageBoxOptions, MessageBoxReturnValue, Net, Screen, Shell } from 'electron';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { display } from './browser-window.ts';
import type { Recorder } from './recorder.ts';
import { notImplemented, strict, StrictEmitter } from './strict.ts';

export class PowerMonitor extends StrictEmitter<{ suspend: []; resume: []; 'lock-screen': []; 'unlock-screen': []; shutdown: [] }> {
  constructor() {
    super('powerMonitor', ['suspend', 'resume', 'lock-screen', 'unlock-screen', 'shutdown']);
  }
}

/** `dialog`, and the queue of answers a test gives in advance; without one a message box is cancelled. */
export function createDialog(recorder: Recorder) {
  const answers: number[] = [];
  const showMessageBox = async (first: BaseWindow | MessageBoxOptions, second?: MessageBoxOptions): Promise<MessageBoxReturnValue> => {
    const options = second ?? (first as MessageBoxOptions);
    recorder.record('dialog', { ...options });
    const response = answers.shift() ?? options.cancelId ?? 0;
    console.error(`electron stand-in: message box "${options.message}" answered with ${options.buttons?.[response] ?? response}`);
    return { response, checkboxChecked: false };
  };
  const showErrorBox = (title: string, content: string): void => {
    recorder.record('dialog', { title, content });
    console.error(`${title}\n${content}`);
  };
  return {
    dialog: strict({ showMessageBox, showErrorBox } satisfies Pick<Dialog, 'showMessageBox' | 'showErrorBox'>, 'dialog'),
    answerNext: (response: number) => void answers.push(response),
  };
}

export function createShell(recorder: Recorder) {
  return strict({ openExternal: async (url) => recorder.record('external-link', { url }) } satisfies Pick<Shell, 'openExternal'>, 'shell');
}

export function createScreen() {
  const area = { x: 0, y: 0, ...display };
  const primary = strict(
    {
      id: 1,
      label: 'stand-in',
      scaleFactor: 1,
      rotation: 0,
      bounds: area,
      workArea: area,
      size: display,
      workAreaSize: display,
    } satisfies Partial<Display>,
    'Display',
  ) as Display;
  return strict(
    { getPrimaryDisplay: () => primary, getAllDisplays: () => [primary] } satisfies Pick<Screen, 'getPrimaryDisplay' | 'getAllDisplays'>,
    'screen',
  );
}

const fetchFile: Net['fetch'] = async (input) => {
  const url = typeof input === 'string' ? input : input.url;
  if (!url.startsWith('file:')) throw notImplemented(`net.fetch of ${new URL(url).protocol}`);
  try {
    return new Response(await readFile(fileURLToPath(url)));
  } catch (cause) {
    throw new Error('net::ERR_FILE_NOT_FOUND', { cause });
  }
};

export function createNet() {
  return strict({ fetch: fetchFile } satisfies Pick<Net, 'fetch'>, 'net');
}
