/** What a model file says about itself, read without running it: the check before a runtime sees the bytes. */
import { decodeGraph, type Graph, type Tensor, type Value } from './model-graph.ts';
import { EXTERNAL, FLOAT, INT64 } from './schema.ts';

/** Why a model file is not taken. */
export type ModelFault = 'not-onnx' | 'external-data' | 'custom-operator' | 'wrong-inputs' | 'wrong-output';

/** ONNX's own operators, and its operators of classical machine learning (tree ensembles among them). */
const ONNX_DOMAINS = ['', 'ai.onnx', 'ai.onnx.ml'];

const isExternal = (tensor: Tensor): boolean => tensor.dataLocation === EXTERNAL || (tensor.externalData?.length ?? 0) > 0;

/** True where any tensor of the graph, or of a graph inside it, points outside the file. */
const hasExternalData = (graph: Graph): boolean =>
  (graph.initializer ?? []).some(isExternal) ||
  (graph.node ?? []).some((node) =>
    (node.attribute ?? []).some(
      ({ t, g }) => (t !== undefined && t !== null && isExternal(t)) || (g !== undefined && g !== null && hasExternalData(g)),
    ),
  );

/** `float32 [N, 4]`, with a name or `?` for a dimension that is free. */
const shapeOf = (value: Value): string => {
  const type = value.type?.tensorType;
  const kind = type?.elemType === FLOAT ? 'float32' : type?.elemType === INT64 ? 'int64' : `type ${type?.elemType ?? 'unknown'}`;
  const dims = (type?.shape?.dim ?? []).map(({ dimValue }) => (dimValue === undefined || dimValue === 0 ? 'N' : String(dimValue)));
  return `${value.name ?? ''}: ${kind} [${dims.join(', ')}]`;
};

/** Faults of a file that should be a propensity model of this width (contract/model.ts); empty = it may be loaded. */
export const scanPropensityModel = (
  bytes: Uint8Array,
  width: number,
): readonly { readonly code: ModelFault; readonly detail: string }[] => {
  const decoded = decodeGraph(bytes);
  if (!decoded.ok) return [{ code: 'not-onnx', detail: decoded.why }];
  const { graph } = decoded;
  const faults: { code: ModelFault; detail: string }[] = [];
  if (hasExternalData(graph)) faults.push({ code: 'external-data', detail: 'numbers lie outside the file; save the model as one file' });
  const custom = (graph.node ?? []).find(({ domain }) => domain !== undefined && !ONNX_DOMAINS.includes(domain));
  if (custom !== undefined) faults.push({ code: 'custom-operator', detail: `an operator of "${custom.domain}" is not part of ONNX` });
  const inputs = (graph.input ?? []).map(shapeOf).toSorted().join('; ');
  const wanted = `action: int64 [N]; features: float32 [N, ${width}]`;
  if (inputs !== wanted) faults.push({ code: 'wrong-inputs', detail: `inputs are ${inputs}; they must be ${wanted}` });
  const outputs = (graph.output ?? []).map(shapeOf).join('; ');
  if (outputs !== 'propensity: float32 [N]')
    faults.push({ code: 'wrong-output', detail: `outputs are ${outputs}; there must be one, propensity: float32 [N]` });
  return faults;
};
