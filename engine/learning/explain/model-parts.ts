/** A model that adds up: its log-odds, and what each column of the feature vector has in them. */
export interface ModelParts {
  /** `action`: index into the manifest's actions. */
  logOdds(vector: ArrayLike<number>, action: number): number;
  /** base + Σ columns = log-odds; base is the mean over the background. One number per column of the vector. */
  apart(vector: ArrayLike<number>, action: number): { readonly base: number; readonly columns: Float64Array };
}
