/** What nobody caught in main: told with closed fields only, left behind as a crash file, and the end of the process. */
import { faultLine } from '#contract/fault.ts';
import { writeCrash } from '../crash/crash-files.ts';

interface Ending {
  getPath(name: 'userData'): string;
  exit(code: number): void;
}

/** The engine process sees main go and flushes by itself. */
export function installLastResort(app: Ending): void {
  const end =
    (operation: 'uncaught' | 'unhandled') =>
    (thrown: unknown): void => {
      process.stderr.write(`${faultLine(operation, thrown)}\n`);
      writeCrash(app.getPath('userData'), 'main', operation, thrown);
      app.exit(1);
    };
  process.on('uncaughtException', end('uncaught'));
  process.on('unhandledRejection', end('unhandled'));
}
