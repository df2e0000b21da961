/**
 * Every request of a page is held by Chromium and decided here: navigation handlers first, then the request filter,
 * then the scheme's own handler. What no handler answers fails; pages have no network.
 */
import type { OnBeforeRequestListenerDetails, WebFrameMain as ElectronFrame } from 'electron';
import type { DevToolsSession } from './devtools-session.ts';
import type { Protocol } from './protocol.ts';
import type { SchemeMap } from './scheme-map.ts';
import type { Session } from './session.ts';

/** The part of DevTools' `Fetch.requestPaused` that decides. */
export interface HeldRequest {
  readonly requestId: string;
  readonly frameId: string;
  readonly resourceType: string;
  readonly request: {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly hasPostData?: boolean;
    readonly postDataEntries?: readonly { readonly bytes?: string }[];
  };
}

export interface RequestDecider {
  readonly schemes: SchemeMap;
  readonly protocol: Protocol;
  readonly session: Session;
  readonly page: DevToolsSession;
  readonly webContentsId: number;
  isMainFrame(frameId: string): boolean;
  frame(frameId: string): ElectronFrame | null;
  /** Asks the navigation handlers of the app; false when one of them prevented it. */
  allowsNavigation(frameId: string, chromiumUrl: string): boolean;
}

const resourceTypes: Readonly<Record<string, OnBeforeRequestListenerDetails['resourceType']>> = {
  Stylesheet: 'stylesheet',
  Image: 'image',
  Media: 'media',
  Font: 'font',
  Script: 'script',
  XHR: 'xhr',
  Fetch: 'xhr',
  Ping: 'ping',
  CSPViolationReport: 'cspReport',
};

let lastRequest = 0;

export async function decideRequest(held: HeldRequest, decider: RequestDecider): Promise<void> {
  const { requestId, request, frameId } = held;
  const fail = (errorReason: 'Aborted' | 'BlockedByClient' | 'Failed' | 'NameNotResolved') =>
    decider.page.send('Fetch.failRequest', { requestId, errorReason });
  const url = decider.schemes.toApp(request.url);
  const isDocument = held.resourceType === 'Document';

  if (isDocument && !decider.allowsNavigation(frameId, request.url)) {
    await fail('Aborted');
    return;
  }
  lastRequest += 1;
  const documentType = decider.isMainFrame(frameId) ? 'mainFrame' : 'subFrame';
  const refused = await decider.session.refusesRequest({
    id: lastRequest,
    url,
    method: request.method,
    webContentsId: decider.webContentsId,
    frame: decider.frame(frameId),
    resourceType: isDocument ? documentType : (resourceTypes[held.resourceType] ?? 'other'),
    referrer: decider.schemes.toApp(request.headers['Referer'] ?? ''),
    timestamp: Date.now(),
    uploadData: [],
  });
  if (refused) {
    await fail('BlockedByClient');
    return;
  }
  const handler = decider.protocol.handlerOf(url);
  if (!handler) {
    await fail('NameNotResolved');
    return;
  }
  let response: Response;
  try {
    response = await handler(requestFor(held, url, decider.schemes));
  } catch (cause) {
    console.error(`electron stand-in: the protocol handler failed for ${url}:`, cause);
    await fail('Failed');
    return;
  }
  if (response.type === 'error') {
    await fail('Failed');
    return;
  }
  await decider.page.send('Fetch.fulfillRequest', {
    requestId,
    responseCode: response.status,
    responseHeaders: [...response.headers].map(([name, value]) => ({ name, value: headerToChromium(name, value, decider.schemes) })),
    body: Buffer.from(await response.arrayBuffer()).toString('base64'),
  });
}

function requestFor({ request }: HeldRequest, url: string, schemes: SchemeMap): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers))
    headers.set(name, /^(?:origin|referer)$/iu.test(name) ? schemes.toApp(value) : value);
  const body = request.hasPostData
    ? Buffer.concat((request.postDataEntries ?? []).map((entry) => Buffer.from(entry.bytes ?? '', 'base64')))
    : null;
  return new Request(url, { method: request.method, headers, body });
}

function headerToChromium(name: string, value: string, schemes: SchemeMap): string {
  switch (name.toLowerCase()) {
    case 'content-security-policy':
    case 'content-security-policy-report-only':
      return schemes.policyToChromium(value);
    case 'location':
    case 'access-control-allow-origin':
      return schemes.toChromium(value).replace(/(?<=\.localhost)\/$/u, '');
    default:
      return value;
  }
}
