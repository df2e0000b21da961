/** The app under the contract tests: plain Electron code, the same on Electron and on the stand-in. */
/* oxlint-disable unicorn/require-post-message-target-origin -- these are processes, not windows */
import { app, BrowserWindow, ipcMain, MessageChannelMain, protocol, session, utilityProcess } from 'electron';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const pages = path.join(here, 'pages');
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'none'",
  'frame-src app:',
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' };

/** What tests read and turn; `log` is also written to the data folder when the app quits. */
const fixture = { log: [], served: [], windows: [], child: undefined, port: undefined, holdClose: false, slowQuit: false, blockedUrls: 0 };
globalThis.fixture = fixture;
const note = (...entry) => fixture.log.push(entry);

function serve(request) {
  const { host, pathname } = new URL(request.url);
  fixture.served.push(request.url);
  const file = path.join(pages, path.normalize(decodeURIComponent(pathname)));
  if (host !== 'bundle' || !file.startsWith(pages + path.sep) || !existsSync(file)) return new Response('not here', { status: 404 });
  return new Response(readFileSync(file), {
    headers: {
      'content-type': types[path.extname(file)] ?? 'application/octet-stream',
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
    },
  });
}

fixture.openWindow = async (page, options = {}, preferences = {}) => {
  const window = new BrowserWindow({
    width: 900,
    height: 600,
    show: false,
    ...options,
    webPreferences: {
      preload: path.join(here, 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      ...preferences,
    },
  });
  const contents = window.webContents;
  fixture.windows.push(window);
  contents.setWindowOpenHandler(({ url, disposition }) => {
    note('window-open', url, disposition);
    return { action: 'deny' };
  });
  contents.on('will-navigate', (event) => {
    note('will-navigate', event.url);
    event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (event.isMainFrame) return;
    note('will-frame-navigate', event.url);
    if (event.url !== 'app://bundle/inner.html') event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.on('console-message', ({ level, message }) => note('console', level, message));
  contents.on('preload-error', (_event, preload, error) => note('preload-error', path.basename(preload), error.message));
  contents.on('did-finish-load', () => note('did-finish-load', contents.getURL()));
  contents.on('render-process-gone', (_event, details) => note('contents-gone', details.reason));
  window.once('ready-to-show', () => note('ready-to-show'));
  window.on('close', (event) => {
    note('close');
    if (fixture.holdClose) event.preventDefault();
  });
  window.on('closed', () => note('closed'));
  await window.loadURL(`app://bundle/${page}`);
  return window;
};

/** Asks the utility process and waits for its answer. */
const asked = new Map();
function ask(operation, data) {
  const id = asked.size + 1;
  return new Promise((resolve) => {
    asked.set(id, resolve);
    fixture.child.postMessage({ id, operation, data });
  });
}

fixture.fork = (args = [], options = {}) => {
  const child = utilityProcess.fork(path.join(here, 'worker.js'), args, { serviceName: 'contract-worker', stdio: 'pipe', ...options });
  child.on('spawn', () => note('spawn', child.pid));
  child.on('exit', (code) => note('exit', code));
  child.on('message', ({ id, result }) => asked.get(id)?.(result));
  return child;
};

protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
app.enableSandbox();
for (const event of ['before-quit', 'window-all-closed', 'activate']) app.on(event, () => note(event));
app.on('window-all-closed', () => app.quit());
app.on('second-instance', (_event, argv, folder, data) => note('second-instance', argv.at(-1), folder, data));
app.on('web-contents-created', (_event, contents) => note('web-contents-created', contents.id));
app.on('render-process-gone', (_event, contents, details) => note('render-process-gone', contents.id, details.reason));
app.on('child-process-gone', (_event, details) => note('child-process-gone', details.type, details.name));
app.on('will-quit', (event) => {
  note('will-quit');
  if (!fixture.slowQuit) return;
  fixture.slowQuit = false;
  event.preventDefault();
  setTimeout(() => app.quit(), 50);
});
app.on('quit', (_event, code) => {
  note('quit', code);
  writeFileSync(path.join(app.getPath('userData'), 'log.json'), JSON.stringify(fixture.log));
});

if (app.requestSingleInstanceLock({ sent: 'with the lock' })) void app.whenReady().then(start);
else app.quit();

async function start() {
  note('ready');
  session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.defaultSession.setPermissionCheckHandler(() => false);
  session.defaultSession.webRequest.onBeforeRequest({ urls: ['*://*/*'] }, (_details, answer) => {
    fixture.blockedUrls += 1;
    answer({ cancel: true });
  });
  protocol.handle('app', serve);
  fixture.child = fixture.fork(['--kind=first']);

  ipcMain.handle('work', async (event, n) => {
    const squared = await ask('square', n);
    event.sender.send('worked', { squared, at: new Date(5), bytes: new Map([['key', new Uint8Array([1, 2, 3])]]) });
    return squared;
  });
  ipcMain.handle('echo', (_event, value) => value);
  ipcMain.handle('fail', () => {
    throw new TypeError('said no');
  });
  ipcMain.handle('uncloneable', () => () => 1);
  ipcMain.handle('who', ({ sender, senderFrame }) => ({
    url: senderFrame.url,
    origin: senderFrame.origin,
    isMain: senderFrame === sender.mainFrame,
    parent: senderFrame.parent?.url ?? null,
    top: senderFrame.top.url,
    siblings: sender.mainFrame.framesInSubtree.length,
    contents: sender.id,
  }));
  ipcMain.on('told', (event, value) => {
    note('told', value);
    event.reply('answered', value);
  });
  ipcMain.on('burst', (event, count) => {
    for (let index = 0; index < count; index += 1) event.sender.send('burst', index);
  });
  ipcMain.handle('channel', () => {
    const { port1, port2 } = new MessageChannelMain();
    fixture.child.postMessage({ operation: 'port' }, [port2]);
    fixture.port = port1;
    return new Promise((resolve) => {
      const heard = [];
      port1.on('message', ({ data }) => {
        heard.push(data);
        if (heard.length === 2) resolve(heard);
      });
      port1.start();
      port1.postMessage({ sent: new Date(7) });
    });
  });
  await fixture.openWindow('index.html', { show: true });
  console.log('contract-app: ready');
}
