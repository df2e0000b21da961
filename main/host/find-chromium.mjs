// Plain JavaScript without imports of ours, so that the bootstrap can use it on any Node before anything is built.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The same engine without a browser around it: half the work where nobody looks, and what Electron is made of. */
const shells = ['/usr/lib/chromium/chromium-headless-shell'];

const linux = [
  // The binaries themselves: distributions put a shell script on the PATH that adds switches of its own.
  '/usr/lib/chromium/chromium',
  '/usr/lib64/chromium-browser/chromium-browser',
  '/usr/lib/chromium-browser/chromium-browser',
  '/snap/chromium/current/usr/lib/chromium-browser/chrome',
  '/opt/google/chrome/chrome',
  '/opt/google/chrome-beta/chrome',
  '/opt/microsoft/msedge/msedge',
];

const macBundles = [
  'Chromium.app/Contents/MacOS/Chromium',
  'Google Chrome.app/Contents/MacOS/Google Chrome',
  'Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];

const windowsPrograms = [
  'Chromium/Application/chrome.exe',
  'Google/Chrome/Application/chrome.exe',
  'Microsoft/Edge/Application/msedge.exe',
];

function usualPlaces() {
  if (process.platform === 'darwin')
    return ['/Applications', join(homedir(), 'Applications')].flatMap((folder) => macBundles.map((bundle) => join(folder, bundle)));
  if (process.platform !== 'win32') return linux;
  return ['LOCALAPPDATA', 'PROGRAMFILES', 'PROGRAMFILES(X86)']
    .map((name) => process.env[name])
    .filter((folder) => folder !== undefined)
    .flatMap((folder) => windowsPrograms.map((program) => join(folder, program)));
}

/**
 * Where a Chromium is: SOTTO_CHROMIUM alone when it is set, otherwise the first of the usual places.
 * @param {{ readonly headed?: boolean }} [wanted] `headed`: one that can show a window
 * @returns {string | undefined} the path of the binary
 */
export function findChromium({ headed = false } = {}) {
  const chosen = process.env.SOTTO_CHROMIUM;
  if (chosen) return existsSync(chosen) ? chosen : undefined;
  return [...(headed ? [] : shells), ...usualPlaces()].find((place) => existsSync(place));
}
