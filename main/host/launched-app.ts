/** Which app this process was started for, read from the command line and the app's package.json as Electron does. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

export interface LaunchedApp {
  /** `app.getAppPath()` */
  readonly folder: string;
  readonly mainFile: string;
  readonly name: string | undefined;
  readonly version: string | undefined;
}

interface Manifest {
  readonly main?: string;
  readonly name?: string;
  readonly productName?: string;
  readonly version?: string;
}

/** @param argv as `process.argv`: the binary, then switches, the app and its arguments in the order given */
export function launchedApp(argv: readonly string[]): LaunchedApp | undefined {
  const given = argv.slice(1).find((argument) => !argument.startsWith('--'));
  if (given === undefined) return undefined;
  const path = resolve(given);
  if (!statSync(path).isDirectory()) return { folder: dirname(path), mainFile: path, name: undefined, version: undefined };
  const file = join(path, 'package.json');
  const manifest: Manifest = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Manifest) : {};
  return {
    folder: path,
    mainFile: join(path, manifest.main ?? 'index.js'),
    name: manifest.productName ?? manifest.name,
    version: manifest.version,
  };
}
