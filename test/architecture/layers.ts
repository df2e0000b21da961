/** Who may import what: the table of docs/ARCHITECTURE.md (layers), read by the architecture test. */

export interface Layer {
  /** Folder it is about; the longest match wins. */
  readonly folder: string;
  /** Layers it may import by their `#` names; its own files it imports by relative paths. */
  readonly ours: readonly string[];
  /** Packages it may import. */
  readonly packages: readonly string[];
  /** Whether it may import Node's own modules. */
  readonly node: boolean;
}

/** Quantiles and probabilities, one package each. */
const DISTRIBUTIONS = ['chisquare-cdf', 'normal-cdf', 'normal-quantile', 't-cdf', 't-quantile'].map(
  (name) => `@stdlib/stats-base-dists-${name}`,
);

const ENTRIES = ['#contract', '#core', '#policy', '#learning', '#engine', '#ports'];

export const LAYERS: readonly Layer[] = [
  { folder: 'engine/contract', ours: [], packages: ['zod'], node: false },
  { folder: 'engine/core', ours: ['#contract'], packages: [], node: false },
  { folder: 'engine/ports', ours: ['#contract'], packages: [], node: false },
  { folder: 'engine/policy', ours: ['#contract', '#core'], packages: ['@marcbachmann/cel-js', 'yaml', 'zod'], node: false },
  { folder: 'engine/learning', ours: ['#contract', '#core', '#ports'], packages: ['protobufjs', ...DISTRIBUTIONS], node: false },
  { folder: 'engine/adapters', ours: ['#contract', '#ports'], packages: ['zod'], node: true },
  { folder: 'engine/adapters/sqlite', ours: ['#contract', '#ports'], packages: ['better-sqlite3', 'zod'], node: true },
  { folder: 'engine/adapters/onnx', ours: ['#contract', '#ports'], packages: ['onnxruntime-node', 'zod'], node: true },
  { folder: 'engine/adapters/socket', ours: ['#contract', '#ports'], packages: ['socket.io-client', 'zod'], node: true },
  { folder: 'engine', ours: ['#contract', '#core', '#policy', '#learning', '#ports'], packages: ['zod'], node: false },
  { folder: 'main', ours: ENTRIES, packages: ['electron', 'zod'], node: true },
  // Signing in at an identity provider.
  { folder: 'main/shell/browser-sign-in', ours: ENTRIES, packages: ['electron', 'openid-client', 'zod'], node: true },
  // What the rooms of the window hear of central comes by a socket.
  { folder: 'main/shell/central-door', ours: [...ENTRIES, '#adapters'], packages: ['zod'], node: true },
  // The places that put the parts together: only these build adapters, and only the command line starts central.
  { folder: 'main/engine-process', ours: [...ENTRIES, '#adapters'], packages: ['electron', 'zod'], node: true },
  { folder: 'main/cli', ours: [...ENTRIES, '#adapters', '#central', '#main'], packages: ['yaml', 'zod'], node: true },
  { folder: 'main/demonstration', ours: [...ENTRIES, '#central', '#main'], packages: ['playwright-core', 'zod'], node: true },
  { folder: 'main/build', ours: ENTRIES, packages: ['vite', '@vitejs/plugin-react', '@electron/fuses', 'yaml'], node: true },
  // The stand-in for Electron drives a Chromium.
  { folder: 'main/host', ours: ENTRIES, packages: ['electron', 'playwright-core', 'zod'], node: true },
  {
    folder: 'renderer',
    ours: ['#contract'],
    packages: ['react', 'react-dom', 'zustand', 'react-intl', 'react-aria-components', '@fontsource-variable/inter', 'zod'],
    node: false,
  },
  {
    folder: 'central',
    ours: ['#contract', '#core', '#policy', '#learning', '#central'],
    packages: ['@electric-sql/pglite', '@fastify/rate-limit', 'fastify', 'jose', 'kysely', 'pg', 'prom-client', 'socket.io', 'yaml', 'zod'],
    node: true,
  },
];

/** Layers the test folder holds to no table: tests look at everything. */
export const UNBOUND = ['test'];

/** Everything the top of the repository may hold. */
export const TOP = 'engine main renderer central migrations test docs README.md package.json package-lock.json biome.json'
  .concat(' tsconfig.json tsconfig.base.json vite.config.ts vitest.config.ts electron-builder.yml knip.json')
  // Made here and never committed.
  .concat(' node_modules out dist coverage')
  .split(' ');
/** A longer file is divided. */
export const MOST_LINES = 400;

/** Files a tool or a platform demands a default export of. */
export const DEFAULT_EXPORTS: Readonly<Record<string, string>> = {
  'vite.config.ts': 'vite reads its default export',
  'vitest.config.ts': 'vitest reads its default export',
  'main/host/electron.ts': 'stands in for the electron package, which has one',
};

/** Files beside mod.ts that pass on what others export. */
export const PASSING_ON: Readonly<Record<string, string>> = {
  'engine/contract/ipc.ts': 'the bridge is declared apart so that the preload script stays free of zod',
};

/** Words that say nothing of what a file is for. */
export const EMPTY_WORDS = ['util', 'utils', 'helper', 'helpers', 'common', 'manager', 'managers', 'service', 'services'];
