/** Bundles that must not be installed over the good ones, each by one thing that is wrong with it. */
import type { ModelBundle, ModelManifest } from '#contract/model.ts';
import type { RevisionBundle } from '#contract/policy.ts';
import type { Signed } from '#contract/signature.ts';
import { canonicalJson } from '#core';
import { ModelProto } from '#learning';
import { revisionHash } from '#policy';
import { demonstrationModel, sha256 } from '../engine/demonstration.ts';
import { signed, signerOf } from '../engine/signing.ts';
import { smallRevision } from '../engine/small-revision.ts';

export const GOOD_REVISION = smallRevision(5);
export const GOOD_MODEL = demonstrationModel((manifest) => ({ ...manifest, version: 3 }));

export type Bundle = { readonly revision: RevisionBundle } | { readonly model: ModelBundle };

export interface Bad {
  readonly name: string;
  readonly bundle: Bundle;
  readonly words: RegExp;
  /** The runtime has to run it to know. */
  readonly isRun?: true;
}

export const STRANGER = signerOf('x');
export const REVOKED = signerOf('r');

const next = smallRevision(6);
const nextModel = demonstrationModel((manifest) => ({ ...manifest, version: 4 }));

const withSigned = <T extends RevisionBundle | ModelBundle>(bundle: T, change: (signed: Signed) => Signed): T => {
  if (bundle.signed === undefined) throw new Error('the fixture is not signed');
  return { ...bundle, signed: change(bundle.signed) };
};
const without = <T extends RevisionBundle | ModelBundle>(bundle: T): T => {
  const copy = { ...bundle };
  delete copy.signed;
  return copy;
};
const flipped = (text: string, at: number): string => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);

/** What can be wrong with who signed, of a bundle of either kind. */
const badlySigned = <T extends RevisionBundle | ModelBundle>(
  kind: string,
  wrap: (bundle: T) => Bundle,
  good: T,
  older: T,
): readonly Bad[] => {
  const of = (name: string, bundle: T, words: RegExp): Bad => ({ name: `${kind}: ${name}`, bundle: wrap(bundle), words });
  return [
    of('unsigned', without(good), /nobody has signed/),
    of('signed by a key nobody knows', { ...good, signed: STRANGER.sign(good, null) }, /no key that this desk trusts/),
    of('signed by a revoked key', { ...good, signed: REVOKED.sign(good, null) }, /was revoked/),
    of(
      'a stranger’s signature under a trusted name',
      withSigned(good, ({ replaces, signatures: [own] }) => ({
        replaces,
        signatures: [{ keyId: own?.keyId ?? '', ed25519: STRANGER.sign(good, null).signatures[0]?.ed25519 ?? '' }],
      })),
      /not one of this hash/,
    ),
    of(
      'a flipped signature',
      withSigned(good, ({ replaces, signatures }) => ({
        replaces,
        signatures: signatures.map((one) => ({ ...one, ed25519: flipped(one.ed25519, 20) })),
      })),
      /not one of this hash/,
    ),
    of('the signature of another', { ...good, ...(older.signed === undefined ? {} : { signed: older.signed }) }, /not one of this hash/),
    of('an older version', older, /older than/),
    of('an older version that replaces one before', signed(older, 2), /older than/),
    of(
      'an older version with a claim that nobody signed',
      withSigned(older, ({ signatures }) => ({ replaces: 99, signatures })),
      /not one of this hash/,
    ),
    of('another hash, well signed', signed({ ...good, hash: 'a'.repeat(64) }), /hash/),
  ];
};

const revisionOf = (files: RevisionBundle['files'], version = 6): Bundle => ({
  revision: signed({ hash: revisionHash(files, sha256), version, publishedAtMs: next.publishedAtMs, files }),
});

export type Proto = Record<string, unknown> & { graph: Record<string, Record<string, unknown>[]> };
const goodBytes = Buffer.from(GOOD_MODEL.onnxBase64, 'base64');

/** A model that is what its manifest and its signature say, whatever that is. */
const modelOf = (
  bytes: Uint8Array,
  change: (manifest: ModelManifest) => ModelManifest = (manifest) => manifest,
): { readonly model: ModelBundle } => {
  const manifest = change({ ...GOOD_MODEL.manifest, version: 4, onnx: sha256(bytes), bytes: bytes.length });
  return { model: signed({ hash: sha256(canonicalJson(manifest)), manifest, onnxBase64: Buffer.from(bytes).toString('base64') }) };
};

export const rewritten = (change: (model: Proto) => void): { readonly model: ModelBundle } => {
  const model = ModelProto.toObject(ModelProto.decode(goodBytes), { longs: Number }) as Proto;
  change(model);
  return modelOf(ModelProto.encode(ModelProto.fromObject(model)).finish());
};
const addNode = (node: Record<string, unknown>) =>
  rewritten(({ graph }) => void graph['node']?.push({ input: [], output: ['extra'], ...node }));
const addTensor = (tensor: Record<string, unknown>) =>
  rewritten(({ graph }) => void (graph['initializer'] = [...(graph['initializer'] ?? []), { name: 'extra', ...tensor }]));
const outside = { dataType: 1, dims: [1], dataLocation: 1, externalData: [{ key: 'location', value: '../../secret' }] };
const weight = (value: number) => addTensor({ dataType: 1, dims: [1], floatData: [value] });
const renamed = (list: 'input' | 'output') => rewritten(({ graph }) => void Object.assign(graph[list]?.[0] ?? {}, { name: 'other' }));
/** An input or output by its name with another type of number (ONNX's own codes: 6 = int32, 11 = double). */
const retyped = (list: 'input' | 'output', name: string, elemType: number) =>
  rewritten(({ graph }) => {
    const value = graph[list]?.find((one) => one['name'] === name) as { type?: { tensorType?: { elemType?: number } } } | undefined;
    if (value?.type?.tensorType === undefined) throw new Error(`the good model has no ${list} ${name}`);
    value.type.tensorType.elemType = elemType;
  });
const scan = (name: string, bundle: Bundle, code: string): Bad => ({ name: `model: ${name}`, bundle, words: new RegExp(`\\(${code}\\)`) });

export const BAD_BUNDLES: readonly Bad[] = [
  ...badlySigned('revision', (revision: RevisionBundle) => ({ revision }), next, smallRevision(4)),
  ...badlySigned(
    'model',
    (model: ModelBundle) => ({ model }),
    nextModel,
    demonstrationModel((manifest) => ({ ...manifest, version: 2 })),
  ),
  {
    name: 'revision: an extra file',
    bundle: { revision: { ...next, files: [...next.files, { path: 'extra.yaml', text: '' }] } },
    words: /hash/,
  },
  { name: 'revision: a file less', bundle: { revision: { ...next, files: next.files.slice(1) } }, words: /hash/ },
  {
    name: 'revision: a path out of its folder',
    bundle: revisionOf([...next.files, { path: '../../outside.yaml', text: 'id: outside\n' }]),
    words: /fault/,
  },
  {
    name: 'revision: an action that is none',
    bundle: revisionOf([...next.files, { path: 'actions/care/billing/broken.yaml', text: 'id: broken\n' }]),
    words: /fault/,
  },
  { name: 'revision: no file at all', bundle: revisionOf([]), words: /fault/ },
  { name: 'revision: signed as a version that its files are not', bundle: revisionOf(next.files, 7), words: /was signed as 7/ },
  {
    name: 'model: truncated',
    bundle: { model: { ...nextModel, onnxBase64: goodBytes.subarray(0, goodBytes.length >> 1).toString('base64') } },
    words: /Fetch it again/,
  },
  {
    name: 'model: another file than its manifest names',
    bundle: { model: { ...nextModel, manifest: { ...nextModel.manifest, onnx: 'b'.repeat(64) } } },
    words: /hash/,
  },
  { name: 'model: not base64', bundle: { model: { ...nextModel, onnxBase64: '\u0000 not base64' } }, words: /base64/ },
  { name: 'model: larger than is read', bundle: modelOf(Buffer.alloc(17 * 1024 * 1024)), words: /larger than/ },
  scan('text', modelOf(Buffer.from('#!/bin/sh\nexit 1\n')), 'not-onnx'),
  scan('numbers outside, in an initializer', addTensor(outside), 'external-data'),
  scan(
    'numbers outside, in a constant',
    addNode({ opType: 'Constant', attribute: [{ name: 'value', type: 4, t: outside }] }),
    'external-data',
  ),
  scan(
    'numbers outside, in a list',
    addNode({ opType: 'Constant', attribute: [{ name: 'value', type: 9, tensors: [outside] }] }),
    'external-data',
  ),
  scan(
    'numbers outside, in an inner graph',
    addNode({ opType: 'Identity', attribute: [{ name: 'g', type: 5, g: { initializer: [outside] } }] }),
    'external-data',
  ),
  scan('an operator of somebody else', addNode({ opType: 'Run', domain: 'com.example' }), 'custom-operator'),
  scan(
    'a set of operators of somebody else',
    rewritten(
      (model) =>
        void (model['opsetImport'] = [
          { domain: '', version: 17 },
          { domain: 'com.example', version: 1 },
        ]),
    ),
    'custom-operator',
  ),
  ...['Loop', 'Scan', 'If', 'ConstantOfShape', 'RandomNormal', 'Expand', 'StringNormalizer', ''].map((opType) =>
    scan(`the operator ${opType || 'without a name'}`, addNode({ opType }), 'forbidden-operator'),
  ),
  scan('an inner graph', addNode({ opType: 'Identity', attribute: [{ name: 'body', type: 5, g: { node: [] } }] }), 'inner-graph'),
  scan('inner graphs', addNode({ opType: 'Identity', attribute: [{ name: 'bodies', type: 10, graphs: [{}] }] }), 'inner-graph'),
  scan(
    'a function',
    rewritten((model) => void (model['functions'] = [{}])),
    'inner-graph',
  ),
  scan(
    'a way to train it',
    rewritten((model) => void (model['trainingInfo'] = [{}])),
    'inner-graph',
  ),
  scan(
    'sparse numbers',
    rewritten(({ graph }) => void (graph['sparseInitializer'] = [{}])),
    'sparse-data',
  ),
  scan('a sparse constant', addNode({ opType: 'Constant', attribute: [{ name: 'value', type: 11, sparseTensor: {} }] }), 'sparse-data'),
  scan('a shape of two thousand million', addTensor({ dataType: 1, dims: [2_000_000_000] }), 'wrong-size'),
  scan('a shape that overflows', addTensor({ dataType: 1, dims: [1_000_000, 1_000_000, 1_000_000] }), 'wrong-size'),
  scan('a negative shape', addTensor({ dataType: 1, dims: [-1] }), 'wrong-size'),
  scan('fewer numbers than its shape', addTensor({ dataType: 1, dims: [8], floatData: [1, 2] }), 'wrong-size'),
  scan('a weight that is no number', weight(Number.NaN), 'not-a-number'),
  scan('an infinite weight', weight(Number.POSITIVE_INFINITY), 'not-a-number'),
  scan('another input', renamed('input'), 'wrong-inputs'),
  scan('another output', renamed('output'), 'wrong-output'),
  scan('features of another type', retyped('input', 'features', 11), 'wrong-inputs'),
  scan('actions of another type', retyped('input', 'action', 6), 'wrong-inputs'),
  scan('an output of another type', retyped('output', 'propensity', 11), 'wrong-output'),
  scan(
    'one input more',
    rewritten(({ graph }) => void graph['input']?.push({ ...graph['input'][0], name: 'more' })),
    'wrong-inputs',
  ),
  scan(
    'numbers outside, in sparse numbers',
    rewritten(({ graph }) => void (graph['sparseInitializer'] = [{ values: outside }])),
    'sparse-data',
  ),
  scan(
    'numbers outside, in a function',
    rewritten((model) => void (model['functions'] = [{ name: 'f', node: [{ attribute: [{ name: 'value', type: 4, t: outside }] }] }])),
    'inner-graph',
  ),
  {
    ...scan(
      'another width',
      modelOf(goodBytes, (manifest) => ({ ...manifest, width: manifest.width + 1 })),
      'wrong-inputs',
    ),
  },
  {
    name: 'model: golden outputs it does not give',
    bundle: modelOf(goodBytes, (manifest) => ({
      ...manifest,
      golden: manifest.golden.map((one) => ({ ...one, propensity: one.propensity / 2 })),
    })),
    words: /golden/,
    isRun: true,
  },
  {
    name: 'model: golden inputs of another width',
    bundle: modelOf(goodBytes, (manifest) => ({ ...manifest, golden: manifest.golden.map((one) => ({ ...one, features: [1] })) })),
    words: /golden/,
    isRun: true,
  },
];
