/** A model bundle as two files in a folder. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Resolves to the bytes of both files together. */
export const writeBundle = async (folder: string, manifest: object, onnx: Uint8Array): Promise<number> => {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'model.onnx'), onnx);
  await writeFile(path.join(folder, 'manifest.json'), text);
  return onnx.length + Buffer.byteLength(text);
};
