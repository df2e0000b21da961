/**
 * Starts an Electron app on the stand-in: `node start.ts [SWITCHES] APP [ARGS…]`, APP being a folder with a
 * package.json or a file. `process.argv` is left as Electron leaves it: the binary, then all that was given.
 */
import { pathToFileURL } from 'node:url';
import { launchedApp } from './launched-app.ts';
import './register.ts';

process.argv.splice(1, 1);
const launched = launchedApp(process.argv);
if (launched === undefined) {
  console.error('electron stand-in: no app given; use: electron [SWITCHES] APP [ARGS…]');
  process.exit(2);
}
await import(pathToFileURL(launched.mainFile).href);
