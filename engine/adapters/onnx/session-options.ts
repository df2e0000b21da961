/** How onnxruntime runs our models. */
import type { InferenceSession } from 'onnxruntime-node';

/** One thread: what is scored at once takes less than the cost of waking a second one. */
export const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 4,
};
