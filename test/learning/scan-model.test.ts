import { describe, expect, it } from 'vitest';
import { ModelProto, scanPropensityModel, writeAdditiveModel } from '#learning';

const BYTES = writeAdditiveModel({ width: 2, intercepts: Float32Array.of(0.5), weights: Float32Array.of(1, -1) });
const codes = (bytes: Uint8Array, width = 2) => scanPropensityModel(bytes, width).map((fault) => fault.code);
const rewritten = (change: (model: { graph: Record<string, Record<string, unknown>[]> }) => void): Uint8Array => {
  const model = ModelProto.toObject(ModelProto.decode(BYTES), { longs: Number });
  change(model as never);
  return ModelProto.encode(ModelProto.fromObject(model)).finish();
};

describe('scanning a model file before it is run', () => {
  it('takes what the writer writes', () => expect(codes(BYTES)).toEqual([]));

  it('refuses what is no ONNX file', () => {
    expect(codes(new TextEncoder().encode('hello world, this is text'))).toEqual(['not-onnx']);
    expect(codes(new Uint8Array())).toEqual(['not-onnx']);
    expect(codes(BYTES.slice(0, BYTES.length / 2))).toContain('not-onnx');
  });

  it('refuses numbers outside the file', () => {
    const outside = rewritten((model) => {
      Object.assign(model.graph['initializer']?.[0] ?? {}, { dataLocation: 1, externalData: [{ key: 'location', value: '../secret' }] });
    });
    expect(codes(outside)).toEqual(['external-data']);
  });

  it('refuses operators that are not part of ONNX', () => {
    expect(codes(rewritten((model) => Object.assign(model.graph['node']?.[0] ?? {}, { domain: 'com.example' })))).toEqual([
      'custom-operator',
    ]);
  });

  it('refuses other inputs and outputs', () => {
    expect(codes(BYTES, 3)).toEqual(['wrong-inputs']);
    expect(codes(rewritten((model) => Object.assign(model.graph['output']?.[0] ?? {}, { name: 'p' })))).toEqual(['wrong-output']);
  });
});
