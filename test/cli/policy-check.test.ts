import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSotto } from './run-sotto.ts';

const DEMONSTRATION = path.join(import.meta.dirname, '..', '..', 'central', 'demo', 'policy');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-policy-'));
  cpSync(DEMONSTRATION, folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('sotto policy check', () => {
  it('passes the demonstration, and says how much it looked at', async () => {
    const { code, out } = await runSotto(['policy', 'check', DEMONSTRATION, '--json']);
    expect(code).toBe(0);
    const result = JSON.parse(out) as { ok: boolean; actions: number; files: number };
    expect(result.ok).toBe(true);
    expect(result.actions).toBeGreaterThanOrEqual(60);
    expect(result.files).toBeGreaterThan(result.actions);
  });

  it('tells what a model may not be used for under it', async () => {
    const models = path.join(DEMONSTRATION, '..', 'models');
    const fine = await runSotto(['policy', 'check', DEMONSTRATION, '--models', models, '--json']);
    expect(fine.code).toBe(0);
    expect(JSON.parse(fine.out)).toMatchObject({
      models: [{ id: 'propensity', isUsable: true, findings: [] }],
      intents: [{ id: 'intent', findings: [] }],
    });
    const opaque = mkdtempSync(path.join(tmpdir(), 'sotto-opaque-'));
    try {
      cpSync(path.join(models, 'propensity'), opaque, { recursive: true });
      const file = path.join(opaque, 'manifest.json');
      writeFileSync(file, readFileSync(file, 'utf8').replace('"transparency": 5', '"transparency": 3'));
      const { code, out } = await runSotto(['policy', 'check', DEMONSTRATION, '--models', opaque]);
      expect(code).toBe(0);
      expect(out).toMatch(
        /model propensity 1: its transparency is 3 and issue hardship asks for 4: \d+ actions of it go by their starting/,
      );
    } finally {
      rmSync(opaque, { recursive: true, force: true });
    }
  });

  it('names an intent that the model of text there never tells, and exits 1', async () => {
    const other = mkdtempSync(path.join(tmpdir(), 'sotto-policy-'));
    try {
      cpSync(DEMONSTRATION, other, { recursive: true });
      const file = path.join(other, 'actions', 'retention', 'save', 'ask-why-leaving.yaml');
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll('"cancel" in call.intents', '"cancle" in call.intents'));
      const models = path.join(DEMONSTRATION, '..', 'models');
      const { code, out } = await runSotto(['policy', 'check', other, '--models', models]);
      expect(code).toBe(1);
      expect(out).toMatch(/model intent 1: the policy asks for the intent "cancle", which it never tells; did you mean "cancel"\?/);
      expect((await runSotto(['policy', 'check', other])).code).toBe(0);
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });

  it('names file, line and reason of each fault and exits 1', async () => {
    writeFileSync(path.join(folder, 'purposes.yaml'), '- { id: service, name: Service, basis: goodwill }\n');
    writeFileSync(path.join(folder, 'actions', 'stray.txt'), 'x');
    const { code, out, err } = await runSotto(['policy', 'check', folder]);
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`^${folder}/purposes\\.yaml:1 .*basis`, 'm'));
    expect(out).toMatch(/actions\/stray\.txt:1 /);
    expect(err).toMatch(/\d+ faults in \d+ files/);
    const { out: json } = await runSotto(['policy', 'check', folder, '--json']);
    expect(JSON.parse(json)).toMatchObject({
      ok: false,
      faults: expect.arrayContaining([expect.objectContaining({ file: 'purposes.yaml', line: 1 })]),
    });
  });
});
