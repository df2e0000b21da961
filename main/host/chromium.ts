/**
 * One Chromium process driven over a pipe.
 *
 *   this process ──fd 3──► chromium ──fd 4──► this process
 *
 * The pipe is its life line: when this process ends, by whatever means, Chromium reads the end of the pipe and quits,
 * and the shell that started it (its own process group, so that Ctrl-C does not reach it) removes the profile.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { DevToolsConnection } from './devtools-connection.ts';
import { type DevToolsSession, ignoreGone } from './devtools-session.ts';
import { findChromium } from './find-chromium.mjs';

export interface ChromiumOptions {
  readonly headed: boolean;
  /** Opens a debugging port on the loopback for a test driver; 0 lets Chromium choose. */
  readonly debuggingPort: number | undefined;
  /** Further command line switches, complete with their dashes. */
  readonly switches: readonly string[];
  readonly failed: (operation: string) => (cause: unknown) => void;
}

export interface Page {
  readonly session: DevToolsSession;
  readonly targetId: string;
}

/** What the window Chromium starts with shows; an address that `--app` takes. */
export const startPage = 'data:text/html,';

const startTimeoutMs = 60_000;

const usualSwitches: readonly string[] = [
  '--remote-debugging-pipe',
  '--no-first-run',
  '--no-default-browser-check',
  '--no-service-autorun',
  '--disable-background-networking',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-breakpad',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-extensions',
  '--disable-quic',
  '--disable-renderer-backgrounding',
  '--disable-sync',
  // Sub-frames stay in the page's process, so that the page's session sees all their requests.
  '--disable-site-isolation-trials',
  '--disable-features=IsolateSandboxedIframes,Translate,MediaRouter,OptimizationHints,HttpsUpgrades',
  '--disk-cache-size=1',
  '--mute-audio',
  '--password-store=basic',
  '--use-mock-keychain',
  // Pages reach what protocol.handle answers and nothing else.
  '--host-resolver-rules=MAP * ~NOTFOUND',
];

// $1 is the profile; the rest is the command. Chromium's helpers may still write for a moment after it has ended.
const shellThatCleansUp = `profile=$1; shift; "$@"; tries=0
while [ -e "$profile" ] && [ $tries -lt 50 ]; do rm -rf "$profile" 2>/dev/null || sleep 0.1; tries=$((tries + 1)); done`;

function spawnChromium(binary: string, profile: string, switches: readonly string[]): ChildProcess {
  const options = {
    stdio: ['ignore', 'ignore', process.env['SOTTO_CHROMIUM_LOG'] === '1' ? 'inherit' : 'ignore', 'pipe', 'pipe'] as const,
  };
  if (process.platform === 'win32') return spawn(binary, switches, { stdio: [...options.stdio] });
  return spawn('/bin/sh', ['-c', shellThatCleansUp, 'sh', profile, binary, ...switches], { stdio: [...options.stdio], detached: true });
}

export class Chromium {
  readonly root: DevToolsSession;
  readonly #connection: DevToolsConnection;
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #failed: ChromiumOptions['failed'];
  /** Pages attached at birth and not yet claimed, by target. */
  readonly #born = new Map<string, DevToolsSession>();
  #creating = 0;
  /** The window Chromium starts with, until it is claimed. */
  #first = Promise.withResolvers<Page>();
  #awaitsFirst: boolean;

  private constructor(child: ChildProcess, profile: string, { headed, failed }: ChromiumOptions) {
    this.#awaitsFirst = headed;
    this.#child = child;
    this.#profile = profile;
    this.#failed = failed;
    this.#connection = new DevToolsConnection(child.stdio[3] as Writable, child.stdio[4] as Readable);
    this.root = this.#connection.root;
    child.once('error', failed('starting Chromium'));
    child.once('exit', () => this.#connection.close());
  }

  /** Starts Chromium with a fresh profile. Throws when none is found or it does not answer. */
  static async start(options: ChromiumOptions): Promise<Chromium> {
    const binary = findChromium({ headed: options.headed });
    if (binary === undefined) {
      const chosen = process.env['SOTTO_CHROMIUM'];
      throw new Error(
        chosen
          ? `electron stand-in: SOTTO_CHROMIUM names ${chosen}, which does not exist`
          : 'electron stand-in: no Chromium found; install chromium, or set SOTTO_CHROMIUM to its binary',
      );
    }
    const profile = mkdtempSync(join(tmpdir(), 'sotto-chromium-'));
    const asRoot = process.getuid?.() === 0;
    const child = spawnChromium(binary, profile, [
      ...usualSwitches,
      // The window Chromium starts with has neither tabs nor an address field; it becomes the app's first.
      ...(options.headed
        ? [`--app=${startPage}`, '--test-type']
        : ['--headless=new', '--hide-scrollbars', '--disable-gpu', '--no-startup-window']),
      ...(asRoot ? ['--no-sandbox'] : []),
      ...(options.debuggingPort === undefined ? [] : [`--remote-debugging-port=${options.debuggingPort}`]),
      ...options.switches,
      `--user-data-dir=${profile}`,
    ]);
    const chromium = new Chromium(child, profile, options);
    const tooLate = AbortSignal.timeout(startTimeoutMs);
    await Promise.race([
      chromium.#holdPagesAtBirth(),
      new Promise((_, reject) => {
        tooLate.addEventListener('abort', () => reject(new Error(`electron stand-in: ${binary} did not answer in ${startTimeoutMs} ms`)));
      }),
    ]);
    return chromium;
  }

  /** Chromium ended, by itself or because it was closed. */
  onExit(listener: () => void): void {
    this.#child.once('exit', listener);
  }

  /** Opens a page in a window of its own; its session is held until `Runtime.runIfWaitingForDebugger`. */
  async createPage(size: { readonly width: number; readonly height: number }): Promise<Page> {
    if (this.#awaitsFirst) {
      this.#awaitsFirst = false;
      return this.#first.promise;
    }
    this.#creating += 1;
    let targetId: string;
    try {
      ({ targetId } = await this.root.send('Target.createTarget', { url: 'about:blank', newWindow: true, ...size }));
    } finally {
      this.#creating -= 1;
    }
    const held = this.#born.get(targetId);
    this.#born.delete(targetId);
    if (this.#creating === 0) for (const other of this.#born.keys()) this.#refuse(other);
    if (held) return { session: held, targetId };
    const { sessionId } = await this.root.send('Target.attachToTarget', { targetId, flatten: true });
    return { session: this.#connection.session(sessionId), targetId };
  }

  closePage(targetId: string): void {
    ignoreGone(this.root.send('Target.closeTarget', { targetId }), (cause) => {
      if (!String(cause).includes('No target with given id')) this.#failed('closing a page')(cause);
    });
  }

  /** The address of the debugging port, once Chromium has written it down. */
  async endpoint(): Promise<string> {
    for (let tries = 0; tries < 200; tries += 1) {
      try {
        const [port, path] = readFileSync(join(this.#profile, 'DevToolsActivePort'), 'utf8').split('\n');
        if (port && path) return `ws://127.0.0.1:${port}${path}`;
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
      }
      await wait(25);
    }
    throw new Error('electron stand-in: Chromium did not open its debugging port');
  }

  /** Ends Chromium without waiting; usable while this process exits. */
  close(): void {
    this.#connection.close();
    if (process.platform !== 'win32') return;
    this.#child.kill('SIGKILL');
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  async #holdPagesAtBirth(): Promise<void> {
    let first = this.#awaitsFirst;
    this.root.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
      if (first && targetInfo.openerId === undefined) {
        first = false;
        this.#first.resolve({ session: this.#connection.session(sessionId), targetId: targetInfo.targetId });
        return;
      }
      this.#born.set(targetInfo.targetId, this.#connection.session(sessionId));
      // Ours come without an opener while we are creating one; anything else is a popup and dies before its first request.
      if (targetInfo.openerId !== undefined || this.#creating === 0) this.#refuse(targetInfo.targetId);
    });
    await Promise.all([
      this.root.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: true, filter: [{ type: 'page' }] }),
      this.root.send('Target.setDiscoverTargets', { discover: true, filter: [{ type: 'page' }] }),
    ]);
  }

  #refuse(targetId: string): void {
    this.#born.delete(targetId);
    this.closePage(targetId);
  }
}
