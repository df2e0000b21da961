/**
 * CUPED: what was known of a unit before the experiment explains part of how units differ, and is taken out (Deng, Xu, Kohavi &
 * Walker 2013).   Y − θ(X − mean X),  θ = cov(X, Y) / var(X), both within arms
 */
export interface CovariateAdjusted {
  readonly values: Float64Array;
  readonly theta: number;
  /** Share of the variance within arms that is gone. */
  readonly explained: number;
}

/** `arms`: number of each row's arm, 0 … armCount − 1. A covariate that never varies changes nothing. */
export function withoutCovariate(values: Float64Array, covariate: Float64Array, arms: Uint8Array, armCount: number): CovariateAdjusted {
  const n = values.length;
  const count = new Float64Array(armCount);
  const meanY = new Float64Array(armCount);
  const meanX = new Float64Array(armCount);
  let overall = 0;
  for (let i = 0; i < n; i++) {
    const arm = arms[i] as number;
    count[arm] = (count[arm] as number) + 1;
    meanY[arm] = (meanY[arm] as number) + (values[i] as number);
    meanX[arm] = (meanX[arm] as number) + (covariate[i] as number);
    overall += covariate[i] as number;
  }
  for (let arm = 0; arm < armCount; arm++) {
    meanY[arm] = (meanY[arm] as number) / (count[arm] as number);
    meanX[arm] = (meanX[arm] as number) / (count[arm] as number);
  }
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (let i = 0; i < n; i++) {
    const x = (covariate[i] as number) - (meanX[arms[i] as number] as number);
    const y = (values[i] as number) - (meanY[arms[i] as number] as number);
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  const theta = xx > 0 ? xy / xx : 0;
  const mean = overall / n;
  return {
    values: values.map((value, i) => value - theta * ((covariate[i] as number) - mean)),
    theta,
    explained: xx > 0 && yy > 0 ? (xy * xy) / (xx * yy) : 0,
  };
}
