/** The library that runs models would tell its makers of every process that does; a process of ours leaves nothing and starts nothing. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');

/** What a process wrote outside the project that ran these lines, with a home and a scratch folder of its own, and how many threads it had. */
function leftBy(lines: string): { readonly files: readonly string[]; readonly threads: number } {
  const folder = mkdtempSync(path.join(tmpdir(), 'sotto-home-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [home, scratch] = [path.join(folder, 'home'), path.join(folder, 'scratch')];
  for (const each of [home, scratch]) mkdirSync(each);
  const program = `${lines}
    console.log((await import('node:fs')).readdirSync('/proc/self/task').length);`;
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: root,
    // Nothing that a build server or a test would set: there the library keeps quiet of its own accord.
    env: { PATH: process.env['PATH'], HOME: home, TMPDIR: scratch },
    encoding: 'utf8',
  });
  return {
    files: readdirSync(folder, { recursive: true })
      .map(String)
      .filter((file) => file.includes(path.sep)),
    threads: Number(said),
  };
}

/** No model: a session is begun all the same. */
const OPENED = `await openSession(new Uint8Array(3)).catch(() => undefined);`;

test.skipIf(process.platform !== 'linux')('a model is opened without a word to anybody', () => {
  const ours = leftBy(`import { openSession } from './engine/adapters/onnx/open-session.ts'; ${OPENED}`);
  const theirs = leftBy(
    `import { InferenceSession } from 'onnxruntime-node'; const openSession = (x) => InferenceSession.create(x); ${OPENED}`,
  );
  expect(ours.files).toEqual([]);
  // The canary: this is what it would have been.
  expect(theirs.files.length).toBeGreaterThan(0);
  expect(theirs.threads).toBeGreaterThan(ours.threads);
});
