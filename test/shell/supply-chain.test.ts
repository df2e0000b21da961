/* What comes from others: exact, from one registry, under licences that allow it, and running nothing when it is installed. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

interface Locked {
  readonly version?: string;
  readonly name?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}
const lock = JSON.parse(read('package-lock.json')) as { readonly packages: Readonly<Record<string, Locked>> };
const packages = Object.entries(lock.packages).filter(([place]) => place !== '');
const nameOf = ([place, { name }]: readonly [string, Locked]): string => name ?? place.slice(place.lastIndexOf('node_modules/') + 13);
/** What runs at the agent's desk or at central; the rest builds and tests. */
const shipped = packages.filter(([, { dev }]) => dev !== true);

/** Packages with an install script. None is run (`ignore-scripts` in .npmrc), and each is here because it works without. */
const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  'onnxruntime-node': 'fetches libraries for other graphics processors; the one for the processor is in the package',
  'electron-winstaller': 'chooses an archiver for an installer that is not built',
};
/** Native libraries at the desk that could look up a host and call it. */
const COULD_CALL: Readonly<Record<string, string>> = {
  'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1':
    'would report to its makers; is told not to where a session is opened, which test/privacy/silent-runtime holds',
};
/** Licences of what is shipped. */
const SHIPPED = new Set([
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'Apache-2.0 AND BSL-1.0',
  '0BSD',
  '(MIT OR CC0-1.0)',
  'OFL-1.1',
]);
/** Licences of what only builds and tests: nothing of it is given away. */
const AT_WORK = new Set([
  ...SHIPPED,
  'MIT OR Apache-2.0',
  'BlueOak-1.0.0',
  'Python-2.0',
  'MPL-2.0',
  'CC-BY-4.0',
  'WTFPL',
  'WTFPL OR ISC',
  '(WTFPL OR MIT)',
]);
/** Packages whose manifest names no licence; read in the package itself. */
const UNNAMED: Readonly<Record<string, string>> = { 'xmlhttprequest-ssl': 'MIT' };
const licenceOf = (one: readonly [string, Locked]): string => one[1].license ?? UNNAMED[nameOf(one)] ?? 'none';

test('the lock file: each package with its hash, from no address of its own, and the versions asked for are exact', () => {
  expect(packages.length).toBeGreaterThanOrEqual(500);
  expect(packages.filter(([, { integrity }]) => !(integrity ?? '').startsWith('sha512-')).map(([place]) => place)).toEqual([]);
  // Without addresses in the lock file everything comes from the registry that npm was given.
  expect(packages.filter(([, { resolved, link }]) => resolved !== undefined || link === true).map(([place]) => place)).toEqual([]);
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json')) as Record<
    string,
    Record<string, string>
  >;
  const asked = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
  expect(asked.length).toBeGreaterThanOrEqual(40);
  expect(asked.filter(([, version]) => !/^(?:npm:[a-z0-9-]+@)?\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test('no package runs anything when it is installed, and those that would are known', () => {
  expect(read('.npmrc')).toMatch(/^ignore-scripts=true$/m);
  const scripts = packages.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(nameOf);
  expect(scripts.toSorted()).toEqual(Object.keys(INSTALL_SCRIPTS).toSorted());
});

test('no native library at the desk could call anybody, and those that could are known', () => {
  const libraries = ['better-sqlite3', 'onnxruntime-node'].flatMap((name) =>
    readdirSync(path.join(ROOT, 'node_modules', name), { recursive: true, encoding: 'utf8' })
      .filter((file) => /linux\W(?:.*\W)?x64\b.*(?:\.node|\.so(?:\.\d+)?)$|linux-x64\.node$/.test(file))
      .map((file) => `node_modules/${name}/${file}`),
  );
  expect(libraries.length).toBeGreaterThanOrEqual(3);
  const couldCall = libraries.filter((file) => readFileSync(path.join(ROOT, file)).includes('getaddrinfo'));
  expect(couldCall.toSorted()).toEqual(Object.keys(COULD_CALL).toSorted());
});

test('licences: what is shipped may be shipped, what only builds may be used, and nothing is under the GPL or AGPL', () => {
  expect(shipped.length).toBeGreaterThanOrEqual(80);
  expect(shipped.filter((one) => !SHIPPED.has(licenceOf(one))).map((one) => `${nameOf(one)}: ${licenceOf(one)}`)).toEqual([]);
  expect(packages.filter((one) => !AT_WORK.has(licenceOf(one))).map((one) => `${nameOf(one)}: ${licenceOf(one)}`)).toEqual([]);
});

test('the bill of materials names every package of the lock file and no other', () => {
  const text = execFileSync('npm', ['run', '--silent', 'sbom'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const sbom = JSON.parse(text) as { readonly bomFormat: string; readonly components: readonly { readonly purl: string }[] };
  expect(sbom.bomFormat).toBe('CycloneDX');
  const named = new Set(sbom.components.map(({ purl }) => decodeURIComponent(purl).replace('pkg:npm/', '')));
  const locked = new Set(packages.map((one) => `${nameOf(one)}@${one[1].version ?? ''}`));
  expect([...locked].filter((one) => !named.has(one))).toEqual([]);
  expect([...named].filter((one) => !locked.has(one))).toEqual([]);
});
