/** What a model file or bundle takes, gives and is made of, without running it on anybody. */
import { readFile } from 'node:fs/promises';
import { OnnxScorer } from '#adapters/onnx/onnx-scorer.ts';
import { decodeGraph, readExplainable, realInputs, scanPropensityModel, transparencyOf, type Value } from '#learning';
import type { Command } from '../command.ts';
import { readPropensityFolder } from '../read-model-folder.ts';

const ELEMENTS: Readonly<Record<number, string>> = { 1: 'float', 6: 'int32', 7: 'int64', 8: 'text', 9: 'boolean', 11: 'double' };

const described = ({ name = '', type }: Value) => ({
  name,
  type: type?.tensorType === undefined ? 'no tensor' : (ELEMENTS[type.tensorType.elemType ?? 0] ?? `type ${type.tensorType.elemType ?? 0}`),
  /** Null where it is free. */
  shape: (type?.tensorType?.shape?.dim ?? []).map(({ dimValue }) => (dimValue === undefined || dimValue === 0 ? null : dimValue)),
});

export const modelInspect: Command = {
  summary: 'Show what a model file or bundle takes, gives and is made of',
  positionals: [],
  options: {
    bundle: { type: 'string', value: 'DIR', help: 'Folder with model.onnx and manifest.json' },
    onnx: { type: 'string', value: 'FILE', help: 'An ONNX file that is no bundle yet' },
    json: { type: 'boolean', help: 'Print it as one JSON line' },
  },
  notes:
    'Of a bundle also whether its hash, its structure and its golden inputs hold, and whether its answers can be taken apart exactly. The exit code is 1 where a desk would refuse it; a plain file is only described: sotto model pack makes a bundle of it.',
  async run(given, terminal) {
    const folder = given.text('bundle');
    const file = given.text('onnx');
    if ((folder === undefined) === (file === undefined)) {
      terminal.note('name either --bundle or --onnx');
      return 2;
    }
    const read = folder === undefined ? null : readPropensityFolder(folder);
    if (read !== null && !read.ok) {
      terminal.note(read.words);
      return 1;
    }
    const bundle = read?.bundle ?? null;
    const bytes = bundle === null ? await readFile(file ?? '') : Buffer.from(bundle.onnxBase64, 'base64');
    const decoded = decodeGraph(bytes);
    if (!decoded.ok) {
      terminal.note(`${file ?? folder ?? ''}: ${decoded.why}`);
      return 1;
    }
    const operators = new Map<string, number>();
    for (const { opType = '', domain = '' } of decoded.graph.node ?? []) {
      const name = domain === '' || domain === 'ai.onnx' ? opType : `${domain}.${opType}`;
      operators.set(name, (operators.get(name) ?? 0) + 1);
    }
    const graph = {
      bytes: bytes.length,
      inputs: realInputs(decoded.graph).map(described),
      outputs: (decoded.graph.output ?? []).map(described),
      operators: Object.fromEntries([...operators].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    };
    let faults: readonly string[] = [];
    let about = {};
    if (bundle !== null) {
      const { manifest, hash, signed } = bundle;
      const scorer = new OnnxScorer();
      const loaded = await scorer.load(bundle);
      await scorer.close();
      faults = [...scanPropensityModel(bytes, manifest.width).map(({ detail }) => detail), ...(loaded.ok ? [] : [loaded.words])];
      const explained = readExplainable(bundle);
      about = {
        id: manifest.id,
        version: manifest.version,
        hash,
        features: manifest.features.length,
        width: manifest.width,
        actions: manifest.actions.length,
        columns: manifest.columns ?? null,
        golden: manifest.golden.length,
        signatures: signed?.signatures.length ?? 0,
        transparency: transparencyOf(manifest, explained),
        explained: explained.exact ? 'exactly' : explained.why,
        card: manifest.card,
        faults,
      };
    }
    if (given.flag('json')) await terminal.print(JSON.stringify({ ...about, graph }));
    else {
      for (const [name, value] of Object.entries(about))
        await terminal.print(`${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
      const shown = ({ name, type, shape }: ReturnType<typeof described>): string =>
        `${name}: ${type} [${shape.map((dim) => dim ?? 'N').join(', ')}]`;
      await terminal.print(
        `${graph.bytes} bytes; takes ${graph.inputs.map(shown).join('; ')}; gives ${graph.outputs.map(shown).join('; ')}`,
      );
      await terminal.print(
        `  made of ${Object.entries(graph.operators)
          .map(([name, count]) => `${name} ×${count}`)
          .join(', ')}`,
      );
    }
    for (const fault of faults) terminal.note(fault);
    return faults.length > 0 ? 1 : 0;
  },
};
