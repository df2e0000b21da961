/**
 * The part of the public ONNX schema (onnx.proto, proto2, IR version 8) that is written, read and checked
 * here: message and field numbers as published at https://github.com/onnx/onnx. What is not named is
 * skipped on reading, as protobuf demands.
 */
import protobuf from 'protobufjs/light.js';

/** TensorProto.DataType. */
export const FLOAT = 1;
export const UINT8 = 2;
export const INT64 = 7;
/** AttributeProto.AttributeType. */
export const ATTRIBUTE_INT = 2;
/** TensorProto.DataLocation: the numbers lie in a file beside the model. */
export const EXTERNAL = 1;

const unpacked = { options: { packed: false } };

const root = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: { id: 1, type: 'int64' },
        producerName: { id: 2, type: 'string' },
        producerVersion: { id: 3, type: 'string' },
        domain: { id: 4, type: 'string' },
        modelVersion: { id: 5, type: 'int64' },
        docString: { id: 6, type: 'string' },
        graph: { id: 7, type: 'GraphProto' },
        opsetImport: { id: 8, type: 'OperatorSetIdProto', rule: 'repeated' },
        trainingInfo: { id: 20, type: 'Present', rule: 'repeated' },
        functions: { id: 25, type: 'Present', rule: 'repeated' },
      },
    },
    OperatorSetIdProto: { fields: { domain: { id: 1, type: 'string' }, version: { id: 2, type: 'int64' } } },
    GraphProto: {
      fields: {
        node: { id: 1, type: 'NodeProto', rule: 'repeated' },
        name: { id: 2, type: 'string' },
        initializer: { id: 5, type: 'TensorProto', rule: 'repeated' },
        input: { id: 11, type: 'ValueInfoProto', rule: 'repeated' },
        output: { id: 12, type: 'ValueInfoProto', rule: 'repeated' },
        sparseInitializer: { id: 15, type: 'Present', rule: 'repeated' },
      },
    },
    /** Looked for, never read. */
    Present: { fields: {} },
    NodeProto: {
      fields: {
        input: { id: 1, type: 'string', rule: 'repeated' },
        output: { id: 2, type: 'string', rule: 'repeated' },
        name: { id: 3, type: 'string' },
        opType: { id: 4, type: 'string' },
        attribute: { id: 5, type: 'AttributeProto', rule: 'repeated' },
        domain: { id: 7, type: 'string' },
      },
    },
    AttributeProto: {
      fields: {
        name: { id: 1, type: 'string' },
        f: { id: 2, type: 'float' },
        i: { id: 3, type: 'int64' },
        s: { id: 4, type: 'bytes' },
        t: { id: 5, type: 'TensorProto' },
        g: { id: 6, type: 'GraphProto' },
        floats: { id: 7, type: 'float', rule: 'repeated', ...unpacked },
        ints: { id: 8, type: 'int64', rule: 'repeated', ...unpacked },
        strings: { id: 9, type: 'bytes', rule: 'repeated' },
        tensors: { id: 10, type: 'TensorProto', rule: 'repeated' },
        graphs: { id: 11, type: 'Present', rule: 'repeated' },
        sparseTensor: { id: 22, type: 'Present' },
        sparseTensors: { id: 23, type: 'Present', rule: 'repeated' },
        refAttrName: { id: 21, type: 'string' },
        type: { id: 20, type: 'int32' },
      },
    },
    TensorProto: {
      fields: {
        dims: { id: 1, type: 'int64', rule: 'repeated', ...unpacked },
        dataType: { id: 2, type: 'int32' },
        floatData: { id: 4, type: 'float', rule: 'repeated' },
        int32Data: { id: 5, type: 'int32', rule: 'repeated' },
        stringData: { id: 6, type: 'bytes', rule: 'repeated', ...unpacked },
        int64Data: { id: 7, type: 'int64', rule: 'repeated' },
        doubleData: { id: 10, type: 'double', rule: 'repeated' },
        uint64Data: { id: 11, type: 'uint64', rule: 'repeated' },
        name: { id: 8, type: 'string' },
        rawData: { id: 9, type: 'bytes' },
        externalData: { id: 13, type: 'StringStringEntryProto', rule: 'repeated' },
        dataLocation: { id: 14, type: 'int32' },
      },
    },
    StringStringEntryProto: { fields: { key: { id: 1, type: 'string' }, value: { id: 2, type: 'string' } } },
    ValueInfoProto: { fields: { name: { id: 1, type: 'string' }, type: { id: 2, type: 'TypeProto' } } },
    TypeProto: { fields: { tensorType: { id: 1, type: 'TensorTypeProto' } } },
    TensorTypeProto: { fields: { elemType: { id: 1, type: 'int32' }, shape: { id: 2, type: 'TensorShapeProto' } } },
    TensorShapeProto: { fields: { dim: { id: 1, type: 'DimensionProto', rule: 'repeated' } } },
    DimensionProto: { fields: { dimValue: { id: 1, type: 'int64' }, dimParam: { id: 2, type: 'string' } } },
  },
});

/** A whole ONNX file. */
export const ModelProto = root.lookupType('ModelProto');
