/** Entry of the `sotto` command; `npm run sotto -- …`. */
import { runProgram } from './program.ts';
import { terminal } from './terminal.ts';

process.exitCode = await runProgram(process.argv.slice(2), terminal(process.stdout, process.stderr));
