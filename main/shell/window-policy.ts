/** What a window's page may do by itself, as data: nothing. A test compares it exactly and asks it about any address. */
import type { WebContents, WindowOpenHandlerResponse } from 'electron';

/** Ways out that a page can try; each is prevented, wherever it leads. (What main loads asks none of them.) */
export const PREVENTED = ['will-navigate', 'will-frame-navigate', 'will-attach-webview'] as const;

/** The answer to every window a page asks for. */
export const OPEN_WINDOW: WindowOpenHandlerResponse = { action: 'deny' };

type Lockable = Pick<WebContents, 'setWindowOpenHandler'> & {
  on(event: (typeof PREVENTED)[number], listener: (event: { preventDefault(): void }) => void): unknown;
};

/** Puts the policy on contents, before anything is loaded into them. */
export function lockContents(contents: Lockable): void {
  contents.setWindowOpenHandler(() => OPEN_WINDOW);
  for (const event of PREVENTED) contents.on(event, (attempt) => attempt.preventDefault());
}
