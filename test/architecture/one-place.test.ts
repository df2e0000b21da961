/** What is dangerous stands in one file, or nowhere. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '..', '..');
/** main/host is Electron's stand-in and never part of what is packed. */
const FILES = globSync('{engine,main,renderer,central}/**/*.{ts,tsx,mjs,cjs,html}', { cwd: ROOT })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => !file.startsWith('main/host/'));
const LEAST_FILES = 250;

interface Rule {
  readonly id: string;
  readonly what: RegExp;
  /** Files it may stand in. */
  readonly only: readonly string[];
  /** Code that must be caught. */
  readonly caught: string;
}

const RULES: readonly Rule[] = [
  {
    id: 'E2 a window is made',
    what: /new\s+(?:BrowserWindow|BrowserView|WebContentsView|BaseWindow)\b/,
    only: ['main/shell/secure-window.ts'],
    caught: 'new BrowserWindow({})',
  },
  { id: 'E17 main listens to a window', what: /ipcMain\s*\.\s*\w+\(/, only: ['main/shell/ipc-gate.ts'], caught: "ipcMain.on('x', f)" },
  {
    id: 'E17 ipcMain is handed on',
    what: /\bipcMain\b(?!\s*\.)/,
    only: ['main/shell/ipc-gate.ts', 'main/shell/main.ts'],
    caught: 'const door = ipcMain;',
  },
  {
    id: 'E17 a window listens by itself',
    what: /\.ipc\s*\.\s*(?:on|handle|once|handleOnce)\(/,
    only: [],
    caught: "contents.ipc.handle('x', f)",
  },
  {
    id: 'E20 the renderer is reached',
    what: /\b(?:contextBridge|ipcRenderer)\b/,
    only: ['main/shell/preload.ts'],
    caught: 'ipcRenderer.send()',
  },
  {
    id: 'E15 something is opened outside',
    what: /\bopenExternal\b|\bopenPath\b|\bshowItemInFolder\b|\bshell\s*\.\s*\w+\(/,
    only: ['main/shell/browser-sign-in/open-in-browser.ts'],
    caught: 'shell.openExternal(url)',
  },
  { id: 'E15 a link may start us', what: /setAsDefaultProtocolClient|'open-url'|'open-file'/, only: [], caught: "app.on('open-url', f)" },
  {
    id: 'E18 a page comes from a file or the web',
    what: /\bloadFile\(|\bregisterFileProtocol\b|\bloadURL\((?!APP_START\))/,
    only: [],
    caught: "window.loadURL('https://x')",
  },
  {
    id: 'safeStorage by its synchronous calls',
    what: /\b(?:encryptString|decryptString|isEncryptionAvailable)\b|setUsePlainTextEncryption/,
    only: [],
    caught: 'safeStorage.encryptString(key)',
  },
  {
    id: 'XSS: text becomes HTML',
    what: /\b(?:innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|srcdoc|srcDoc|createContextualFragment|setHTMLUnsafe|parseFromString)\b|\bdocument\s*\.\s*write/,
    only: [],
    caught: 'box.innerHTML = text',
  },
  {
    id: 'XSS: text becomes code',
    what: /(?<![.\w])eval\(|\bnew\s+Function\b|\bexecuteJavaScript\b|\binsertCSS\b/,
    only: [],
    caught: 'contents.executeJavaScript(text)',
  },
  {
    id: 'R7 a model is loaded from a path',
    what: /InferenceSession\s*\.\s*create\(/,
    only: ['engine/adapters/onnx/open-session.ts'],
    caught: 'InferenceSession.create(path)',
  },
  {
    id: 'TLS is switched off',
    what: /rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED|certificate-error|setCertificateVerifyProc|ignore-certificate-errors/,
    only: [],
    caught: 'rejectUnauthorized: false',
  },
];

/** Without comments, where such words may be spoken of. */
const codeOf = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');

test('[E2 E15 E17 E18 E20] each dangerous call stands in its one file, or nowhere', () => {
  expect(FILES.length).toBeGreaterThanOrEqual(LEAST_FILES);
  const found = FILES.flatMap((file) => {
    const code = codeOf(readFileSync(path.join(ROOT, file), 'utf8'));
    return RULES.filter(({ what, only }) => what.test(code) && !only.includes(file)).map(({ id }) => `${file}: ${id}`);
  });
  expect(found).toEqual([]);
});

test('each rule catches what it is for, and stands where it is allowed to', () => {
  expect(RULES.length).toBeGreaterThanOrEqual(12);
  for (const { id, what, caught, only } of RULES) {
    expect(what.test(codeOf(caught)), id).toBe(true);
    // A file that no longer holds it needs no exception.
    for (const file of only) expect(what.test(codeOf(readFileSync(path.join(ROOT, file), 'utf8'))), `${id} in ${file}`).toBe(true);
  }
});
