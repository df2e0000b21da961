/** `app://bundle/…`: the only place the window loads anything from. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CONTENT_SECURITY_POLICY } from './content-security-policy.ts';

export const APP_SCHEME = 'app';
export const APP_ORIGIN = `${APP_SCHEME}://bundle`;
export const APP_START = `${APP_ORIGIN}/index.html`;

/** What may be served at all, by ending: anything else in the folder is as if it were not there. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

const notFound = (): Response => new Response('Not found', { status: 404, headers: { ...HEADERS, 'content-type': 'text/plain' } });

/**
 * The file below `root` that an app URL names; undefined for another origin, a path that leaves the folder
 * however it is written, or an ending that is not served.
 */
export function bundleFile(root: string, url: string): string | undefined {
  let parsed: URL;
  let pathname: string;
  try {
    parsed = new URL(url);
    pathname = decodeURIComponent(parsed.pathname);
  } catch {
    return undefined;
  }
  if (`${parsed.protocol}//${parsed.host}` !== APP_ORIGIN || parsed.username !== '' || parsed.password !== '') return undefined;
  // A backslash is a separator on Windows, a colon names a stream, NUL ends a C string: none occurs in our file names.
  if (/[\\:%]/.test(pathname) || pathname.includes('\u0000')) return undefined;
  const file = path.join(root, path.normalize(pathname));
  if (!file.startsWith(root + path.sep)) return undefined;
  return CONTENT_TYPES[path.extname(file)] === undefined ? undefined : file;
}

/** Answers requests for app URLs from the folder `root`. */
export function serveBundle(root: string): (request: Request) => Promise<Response> {
  const folder = path.resolve(root);
  return async (request) => {
    const file = request.method === 'GET' ? bundleFile(folder, request.url) : undefined;
    if (file === undefined) return notFound();
    try {
      const body = await readFile(file);
      return new Response(new Uint8Array(body), { headers: { ...HEADERS, 'content-type': CONTENT_TYPES[path.extname(file)] ?? '' } });
    } catch {
      // A missing file is the caller's mistake and says no more than that.
      return notFound();
    }
  };
}
