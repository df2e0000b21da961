/** What a model of text made of something the customer said: the name of a class and how sure it is, never a word of it. */
export interface Understood {
  /** Delivery number of the utterance. */
  readonly seq: number;
  /** What it was about; null = refused, as out of scope or not sure enough. */
  readonly intent: string | null;
  /** What was held against the model's threshold, in hundredths from 0 to 1. */
  readonly confidence: number;
}
