/** What is wrong with a data file, in words that say what to do. Told as one line, never as a stack. */
export class DataFileFault extends Error {
  override readonly name = 'DataFileFault';

  constructor(file: string, words: string, options?: ErrorOptions) {
    super(`${file}: ${words}`, options);
  }
}
