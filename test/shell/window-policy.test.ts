import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { denyPermissions } from '#main/shell/lock-down.ts';
import { lockContents, OPEN_WINDOW, PREVENTED } from '#main/shell/window-policy.ts';

const ADDRESSES = 5_000;

type Attempt = { readonly url: string; preventDefault(): void };

/** Contents that remember what was put on them, so that a page's attempts can be played. */
function lockedContents() {
  let openHandler: ((details: { readonly url: string }) => unknown) | null = null;
  const listeners = new Map<string, (attempt: Attempt) => void>();
  lockContents({
    setWindowOpenHandler: (handler) => void (openHandler = handler as unknown as typeof openHandler),
    on: (event, listener) => listeners.set(event, listener),
  });
  const open = (url: string): unknown => openHandler?.({ url });
  /** True when the attempt was prevented. */
  const leave = (event: string, url: string): boolean => {
    let prevented = false;
    listeners.get(event)?.({ url, preventDefault: () => void (prevented = true) });
    return prevented;
  };
  return { listeners, open, leave };
}

const schemes = ['http', 'https', 'app', 'file', 'smb', 'ms-msdt', 'javascript', 'data', 'blob', 'ws', 'ftp', 'view-source', 'chrome'];
const anyAddress = fc.oneof(
  fc.webUrl({ validSchemes: ['http', 'https', 'app', 'file'], withFragments: true, withQueryParameters: true }),
  fc.tuple(fc.constantFrom(...schemes), fc.string()).map(([scheme, rest]) => `${scheme}:${rest}`),
  fc.string(),
  fc.constantFrom(
    'app://bundle/index.html',
    'app://bundle.evil/index.html',
    'https://good.example@evil.test/',
    'https://good.example.evil.test/',
    'https://gооd.example/',
    '',
    'about:blank',
    '//evil.test',
  ),
);

test('[E12 E13 E14] whatever address a page tries, it leaves by no way and opens nothing', () => {
  const { listeners, open, leave } = lockedContents();
  expect([...listeners.keys()]).toEqual(['will-navigate', 'will-frame-navigate', 'will-attach-webview']);
  expect(PREVENTED).toEqual([...listeners.keys()]);
  expect(OPEN_WINDOW).toEqual({ action: 'deny' });
  let looked = 0;
  fc.assert(
    fc.property(anyAddress, (url) => {
      looked += 1;
      expect(open(url)).toBe(OPEN_WINDOW);
      for (const event of PREVENTED) expect(leave(event, url), event).toBe(true);
    }),
    { numRuns: ADDRESSES },
  );
  expect(looked).toBe(ADDRESSES);
});

/** Every permission Electron's declarations name, for a handler of the session. */
function permissionsOf(handler: string): readonly string[] {
  const file = createRequire(import.meta.url).resolve('electron/electron.d.ts');
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .find((each) => each.trimStart().startsWith(`${handler}(handler:`));
  const names = /permission: ((?:'[^']+'(?: \| )?)+)/.exec(line ?? '')?.[1] ?? '';
  return [...names.matchAll(/'([^']+)'/g)].map(([, name]) => name ?? '');
}

test('[E5] every permission Electron knows is denied, asked for and checked', () => {
  type Request = (contents: unknown, permission: string, answer: (granted: boolean) => void) => void;
  type Check = (contents: unknown, permission: string) => boolean;
  let [request, check]: [Request | null, Check | null] = [null, null];
  denyPermissions({
    setPermissionRequestHandler: (handler) => void (request = handler as unknown as Request),
    setPermissionCheckHandler: (handler) => void (check = handler as unknown as Check),
  });
  const asked = permissionsOf('setPermissionRequestHandler');
  const checked = permissionsOf('setPermissionCheckHandler');
  expect(Math.min(asked.length, checked.length)).toBeGreaterThanOrEqual(30);
  expect(asked).toEqual(expect.arrayContaining(['media', 'geolocation', 'openExternal', 'clipboard-read']));
  for (const permission of [...asked, 'one that is not known yet']) {
    const answers: boolean[] = [];
    (request as Request | null)?.(null, permission, (granted) => answers.push(granted));
    expect(answers, permission).toEqual([false]);
  }
  for (const permission of [...checked, 'one that is not known yet'])
    expect((check as Check | null)?.(null, permission), permission).toBe(false);
});
