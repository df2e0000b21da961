import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleFile, serveBundle } from '#main/shell/app-protocol.ts';
import { CONTENT_SECURITY_POLICY } from '#main/shell/content-security-policy.ts';

let root: string;
beforeAll(async () => {
  const parent = await mkdtemp(path.join(tmpdir(), 'sotto-bundle-'));
  root = path.join(parent, 'renderer');
  await mkdir(path.join(root, 'assets'), { recursive: true });
  await writeFile(path.join(root, 'index.html'), '<!doctype html>');
  await writeFile(path.join(root, 'assets', 'app.js'), '1');
  await writeFile(path.join(root, 'notes.txt'), 'inside, but not of a kind that is served');
  await writeFile(path.join(parent, 'secret.html'), 'outside');
});
afterAll(() => rm(path.dirname(root), { recursive: true, force: true }));

const get = (url: string): Promise<Response> => serveBundle(root)(new Request(url));

test('our own files are served with their type and the policy', async () => {
  const page = await get('app://bundle/index.html?x=1#y');
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
  expect((await get('app://bundle/assets/app.js')).headers.get('x-content-type-options')).toBe('nosniff');
});

test('everything else is not found, with the policy still on it', async () => {
  for (const url of ['app://bundle/notes.txt', 'app://bundle/assets', 'app://bundle/missing.js', 'app://other/index.html']) {
    const answer = await get(url);
    expect(answer.status, url).toBe(404);
    expect(answer.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
  }
  expect(bundleFile(root, 'app://a@bundle/index.html')).toBeUndefined();
  expect((await serveBundle(root)(new Request('app://bundle/index.html', { method: 'POST' }))).status).toBe(404);
});

test('[E18] no way of writing a path leads out of the folder', () => {
  const step = fc.constantFrom(
    '..',
    '.',
    '%2e%2e',
    '%2E.',
    '..%2f',
    '..%5c',
    '\\',
    '..\\',
    '%00',
    '//',
    'C:',
    '%252e%252e',
    '..;',
    '…',
    'assets',
    'secret.html',
  );
  let looked = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), fc.constantFrom('/', '\\', '%2f', ''), (steps, joiner) => {
      looked += 1;
      const file = bundleFile(root, `app://bundle/${steps.join(joiner)}`);
      expect(file === undefined || file.startsWith(root + path.sep)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
  expect(looked).toBeGreaterThanOrEqual(1_000);
});
