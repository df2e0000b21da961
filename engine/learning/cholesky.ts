/**
 * Symmetric positive definite systems, row-major n × n. Plain loops in a fixed order, so that the
 * same numbers give the same bits.
 */

/** Replaces the lower triangle of `matrix` by L with L·Lᵀ = matrix. False where the matrix is not positive definite. */
export const choleskyInPlace = (matrix: Float64Array, n: number): boolean => {
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row * n + column] as number;
      for (let k = 0; k < column; k++) sum -= (matrix[row * n + k] as number) * (matrix[column * n + k] as number);
      if (row === column) {
        if (!(sum > 0)) return false;
        matrix[row * n + row] = Math.sqrt(sum);
      } else matrix[row * n + column] = sum / (matrix[column * n + column] as number);
    }
  }
  return true;
};

/** Solves L·y = right in place, `right` being n numbers at `from`. */
export const forwardSolve = (lower: Float64Array, n: number, right: Float64Array, from = 0): void => {
  for (let row = 0; row < n; row++) {
    let sum = right[from + row] as number;
    for (let k = 0; k < row; k++) sum -= (lower[row * n + k] as number) * (right[from + k] as number);
    right[from + row] = sum / (lower[row * n + row] as number);
  }
};

/** Solves L·Lᵀ·x = right in place, `right` being n numbers at `from`. */
export const choleskySolve = (lower: Float64Array, n: number, right: Float64Array, from = 0): void => {
  forwardSolve(lower, n, right, from);
  for (let row = n - 1; row >= 0; row--) {
    let sum = right[from + row] as number;
    for (let k = row + 1; k < n; k++) sum -= (lower[k * n + row] as number) * (right[from + k] as number);
    right[from + row] = sum / (lower[row * n + row] as number);
  }
};
