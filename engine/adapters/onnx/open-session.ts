/** The one place where onnxruntime is given a model: always its bytes. From a path it would follow links out of the folder. */
import { InferenceSession } from 'onnxruntime-node';

/** One thread: what is scored at once takes less than the cost of waking a second one. */
const OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 4,
};

/** Rejects where the runtime cannot load the model. */
export const openSession = async (onnx: Uint8Array): Promise<InferenceSession> => InferenceSession.create(onnx, OPTIONS);
