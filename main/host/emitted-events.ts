/** The events the stand-in emits, object by object. Listening to any other throws. */
import type {
  Details,
  Event,
  RenderProcessGoneDetails,
  WebContents,
  WebContentsConsoleMessageEventParams,
  WebContentsWillFrameNavigateEventParams,
  WebContentsWillNavigateEventParams,
} from 'electron';

export interface AppEvents {
  activate: [event: Event, hasVisibleWindows: boolean];
  'before-quit': [event: Event];
  'child-process-gone': [event: Event, details: Details];
  quit: [event: Event, exitCode: number];
  ready: [event: Event, launchInfo: object];
  'render-process-gone': [event: Event, webContents: WebContents, details: RenderProcessGoneDetails];
  'second-instance': [event: Event, argv: string[], workingDirectory: string, additionalData: unknown];
  'web-contents-created': [event: Event, webContents: WebContents];
  'will-quit': [event: Event];
  'window-all-closed': [];
}

export const appEvents = [
  'activate',
  'before-quit',
  'child-process-gone',
  'quit',
  'ready',
  'render-process-gone',
  'second-instance',
  'web-contents-created',
  'will-quit',
  'window-all-closed',
] as const satisfies readonly (keyof AppEvents)[];

export interface WindowEvents {
  blur: [];
  close: [event: Event];
  closed: [];
  focus: [];
  hide: [];
  minimize: [];
  move: [];
  'ready-to-show': [];
  resize: [];
  restore: [];
  show: [];
}

export const windowEvents = [
  'blur',
  'close',
  'closed',
  'focus',
  'hide',
  'minimize',
  'move',
  'ready-to-show',
  'resize',
  'restore',
  'show',
] as const satisfies readonly (keyof WindowEvents)[];

export interface WebContentsEvents {
  'console-message': [details: Event<WebContentsConsoleMessageEventParams>];
  destroyed: [];
  'did-fail-load': [event: Event, errorCode: number, errorDescription: string, url: string, isMainFrame: boolean];
  'did-finish-load': [];
  'did-navigate': [event: Event, url: string];
  'did-navigate-in-page': [event: Event, url: string, isMainFrame: boolean];
  'dom-ready': [event: Event];
  'preload-error': [event: Event, preloadPath: string, error: Error];
  'render-process-gone': [event: Event, details: RenderProcessGoneDetails];
  'will-attach-webview': [event: Event];
  'will-frame-navigate': [details: Event<WebContentsWillFrameNavigateEventParams>];
  'will-navigate': [details: Event<WebContentsWillNavigateEventParams>, url: string, isInPlace: boolean, isMainFrame: boolean];
}

export const webContentsEvents = [
  'console-message',
  'destroyed',
  'did-fail-load',
  'did-finish-load',
  'did-navigate',
  'did-navigate-in-page',
  'dom-ready',
  'preload-error',
  'render-process-gone',
  'will-attach-webview',
  'will-frame-navigate',
  'will-navigate',
] as const satisfies readonly (keyof WebContentsEvents)[];
