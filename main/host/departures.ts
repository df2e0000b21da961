/** The ways a page asks to leave: navigations of its own, which the app may prevent, and windows, which are always denied. */
import type {
  Event,
  HandlerDetails,
  WebContentsWillFrameNavigateEventParams,
  WebContentsWillNavigateEventParams,
  WindowOpenHandlerResponse,
} from 'electron';
import { electronEvent } from './event.ts';
import type { Recorder } from './recorder.ts';
import type { SchemeMap } from './scheme-map.ts';
import { notImplemented } from './strict.ts';
import { asElectronFrame, type WebFrame } from './web-frame.ts';

/** Asks the app's listeners. */
export interface DepartureEvents {
  willFrameNavigate(details: Event<WebContentsWillFrameNavigateEventParams>): void;
  willNavigate(details: Event<WebContentsWillNavigateEventParams>): void;
}

export class Departures {
  readonly #schemes: SchemeMap;
  readonly #recorder: Recorder;
  readonly #events: DepartureEvents;
  /** The URL each frame's own script or click asked for; Electron asks its listeners only about those. */
  readonly #asked = new Map<string, string>();
  #openHandler: ((details: HandlerDetails) => WindowOpenHandlerResponse) | undefined;

  constructor(schemes: SchemeMap, recorder: Recorder, events: DepartureEvents) {
    this.#schemes = schemes;
    this.#recorder = recorder;
    this.#events = events;
  }

  handleWindowOpen(handler: (details: HandlerDetails) => WindowOpenHandlerResponse): void {
    this.#openHandler = handler;
  }

  askedToLeave(frame: WebFrame, chromiumUrl: string): void {
    this.#asked.set(frame.frameToken, withoutFragment(chromiumUrl));
  }

  /** Whether a document may be loaded into the frame: true for loads the app or a driver began. */
  allows(frame: WebFrame, chromiumUrl: string): boolean {
    const asked = this.#asked.get(frame.frameToken);
    this.#asked.delete(frame.frameToken);
    if (asked !== withoutFragment(chromiumUrl)) return true;
    const electronFrame = asElectronFrame(frame);
    const details = {
      url: this.#schemes.toApp(chromiumUrl),
      isSameDocument: false,
      isMainFrame: frame.above === undefined,
      frame: electronFrame,
      initiator: electronFrame,
    };
    const anyFrame = electronEvent(details);
    this.#events.willFrameNavigate(anyFrame);
    if (anyFrame.defaultPrevented || !details.isMainFrame) return !anyFrame.defaultPrevented;
    const mainFrame = electronEvent(details);
    this.#events.willNavigate(mainFrame);
    return !mainFrame.defaultPrevented;
  }

  /** Every window a page asks for is denied; Chromium's own attempt dies in `Chromium`. */
  askedForWindow(wanted: string, base: string, frameName: string, features: string): void {
    const from = this.#schemes.toChromium(base);
    // Whatever a page passes, it must not throw here.
    const url = URL.canParse(wanted, from) ? this.#schemes.toApp(new URL(wanted, from).href) : wanted;
    const response = this.#openHandler?.({
      url,
      frameName: frameName === '_blank' ? '' : frameName,
      features,
      disposition: features === '' ? 'foreground-tab' : 'new-window',
      referrer: { url: '', policy: 'default' },
    });
    this.#recorder.record('window-open', { url, action: response?.action ?? 'no handler' });
    if (response?.action === 'deny') return;
    this.#recorder.failed('opening a window from a page')(notImplemented('a window opened by a page (setWindowOpenHandler must deny)'));
  }
}

function withoutFragment(url: string): string {
  return url.replace(/#.*$/u, '');
}
