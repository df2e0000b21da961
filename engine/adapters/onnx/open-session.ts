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

/**
 * Rejects where the runtime cannot load the model. Left to itself, the runtime's first session in a process names the machine in a file
 * of the person's home and sends to its makers what it runs; the variable is read once, then.
 */
export async function openSession(onnx: Uint8Array): Promise<InferenceSession> {
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  return InferenceSession.create(onnx, OPTIONS);
}
