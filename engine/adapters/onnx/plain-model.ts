/** Any ONNX file of tensors, run as it is: for looking at models that do not keep the contract yet. */
import { wordsOf } from '#contract/fault.ts';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { openSession } from './open-session.ts';

export interface PlainInput {
  readonly type: 'float32' | 'float64' | 'int64' | 'int32';
  readonly dims: readonly number[];
  readonly numbers: readonly number[];
}

export type PlainRun =
  | { readonly ok: true; readonly dims: readonly number[]; readonly numbers: readonly number[] }
  | { readonly ok: false; readonly words: string };

const tensorOf = ({ type, dims, numbers }: PlainInput): Tensor => {
  switch (type) {
    case 'float32':
      return new Tensor(type, Float32Array.from(numbers), dims);
    case 'float64':
      return new Tensor(type, Float64Array.from(numbers), dims);
    case 'int32':
      return new Tensor(type, Int32Array.from(numbers), dims);
    case 'int64':
      return new Tensor(type, BigInt64Array.from(numbers, BigInt), dims);
  }
};

export class PlainModel {
  readonly #session: InferenceSession;

  private constructor(session: InferenceSession) {
    this.#session = session;
  }

  static async open(bytes: Uint8Array): Promise<PlainModel | string> {
    try {
      return new PlainModel(await openSession(bytes));
    } catch (error) {
      return wordsOf(error);
    }
  }

  /** The numbers of one output. */
  async run(inputs: Readonly<Record<string, PlainInput>>, output: string): Promise<PlainRun> {
    try {
      const feeds = Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, tensorOf(input)]));
      const found = (await this.#session.run(feeds, [output]))[output];
      if (found === undefined) return { ok: false, words: `there is no output "${output}"` };
      return { ok: true, dims: found.dims, numbers: Array.from(found.data as ArrayLike<number | bigint>, Number) };
    } catch (error) {
      return { ok: false, words: wordsOf(error) };
    }
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
