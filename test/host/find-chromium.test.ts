import { existsSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { findChromium } from '#main/host/find-chromium.mjs';

afterEach(() => vi.unstubAllEnvs());

test('finds a binary that is there', () => {
  vi.stubEnv('SOTTO_CHROMIUM', '');
  const found = findChromium();
  if (found !== undefined) expect(existsSync(found)).toBe(true);
});

test('where a window is to be seen, it is one that can show one', () => {
  vi.stubEnv('SOTTO_CHROMIUM', '');
  expect(findChromium({ headed: true }) ?? '').not.toContain('headless');
});

test('SOTTO_CHROMIUM alone decides when it is set', () => {
  vi.stubEnv('SOTTO_CHROMIUM', process.execPath);
  expect(findChromium()).toBe(process.execPath);
  vi.stubEnv('SOTTO_CHROMIUM', '/nowhere/chromium');
  expect(findChromium()).toBe(undefined);
});
