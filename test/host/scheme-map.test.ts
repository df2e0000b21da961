import { expect, test } from 'vitest';
import { SchemeMap } from '#main/host/scheme-map.ts';

const schemes = new SchemeMap();
schemes.register('app');

test('addresses of the app map to Chromium and back', () => {
  for (const url of ['app://bundle/', 'app://bundle/a/b.html?c=d#e', 'app://other.host/x'])
    expect(schemes.toApp(schemes.toChromium(url))).toBe(url);
  expect(schemes.toChromium('app://bundle')).toBe('https://bundle.app.localhost/');
  expect(schemes.toChromium('app://bundle/x?y')).toBe('https://bundle.app.localhost/x?y');
});

test('other addresses stay as they are', () => {
  for (const url of [
    'https://bundle.other.localhost/',
    'http://bundle.app.localhost/',
    'https://example.test/app://x',
    'about:blank',
    'data:text/plain,app://',
    '',
  ])
    expect([schemes.toChromium(url), schemes.toApp(url)]).toEqual([url, url]);
});

test('a policy names the mapped addresses', () => {
  expect(
    schemes.policyToChromium("default-src 'none'; script-src 'self' app:; frame-src app://bundle https://app.test; img-src data:app:"),
  ).toBe(
    "default-src 'none'; script-src 'self' https://*.app.localhost; frame-src https://bundle.app.localhost https://app.test; img-src data:app:",
  );
});

test('an origin is scheme and host, or null', () => {
  expect(['app://bundle/x', 'about:blank', ''].map((url) => schemes.originOf(url))).toEqual(['app://bundle', 'null', 'null']);
});
