/** Plain text printed as PDF by the Chromium that is there: one text, one page after the other, nothing fetched. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findChromium } from '#main/host/find-chromium.mjs';

const TIMEOUT_MS = 60_000;
const SWITCHES = [
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-extensions',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--no-pdf-header-footer',
];

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** The first line is the document's title as well. */
const pageOf = (text: string, title: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>@page { size: A4; margin: 22mm 20mm } body { font: 10.5pt/1.45 sans-serif } pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 }</style>
</head><body><pre>${escaped(text)}</pre></body></html>`;

/** The bytes of the PDF, or in words why there are none. */
export async function printPdf(text: string, title: string): Promise<Uint8Array | string> {
  const chromium = findChromium();
  if (chromium === undefined) return 'no Chromium was found to print with: install one, or name it in SOTTO_CHROMIUM';
  const folder = mkdtempSync(join(tmpdir(), 'sotto-letter-'));
  try {
    const page = join(folder, 'letter.html');
    const pdf = join(folder, 'letter.pdf');
    await writeFile(page, pageOf(text, title), { mode: 0o600 });
    const isRoot = process.getuid?.() === 0;
    const code = await run(chromium, [
      ...SWITCHES,
      ...(isRoot ? ['--no-sandbox'] : []),
      `--user-data-dir=${join(folder, 'profile')}`,
      `--print-to-pdf=${pdf}`,
      pathToFileURL(page).href,
    ]);
    if (code !== 0) return `Chromium did not print it (${code})`;
    const bytes = await readFile(pdf).catch(() => null);
    return bytes ?? 'Chromium ended and printed nothing';
  } finally {
    // Its helpers may write for a moment after it has ended.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** Its exit code, or what ended it. */
function run(program: string, args: readonly string[]): Promise<number | string> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', timeout: TIMEOUT_MS });
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => resolve(code ?? signal ?? 'it ended'));
  });
}
