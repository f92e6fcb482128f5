/** Values of one side: how many, their sum and the sum of their squares. */
export interface MeanSums {
  readonly count: number
  readonly sum: number
  readonly sumOfSquares: number
}

export const NO_VALUES: MeanSums = { count: 0, sum: 0, sumOfSquares: 0 }

export function plus(one: MeanSums, other: MeanSums): MeanSums {
  return {
    count: one.count + other.count,
    sum: one.sum + other.sum,
    sumOfSquares: one.sumOfSquares + other.sumOfSquares,
  }
}

export function minus(one: MeanSums, other: MeanSums): MeanSums {
  return {
    count: one.count - other.count,
    sum: one.sum - other.sum,
    sumOfSquares: one.sumOfSquares - other.sumOfSquares,
  }
}

export function meanOf({ count, sum }: MeanSums): number {
  return count === 0 ? 0 : sum / count
}

/** The sample variance; 0 below two values. */
export function varianceOf({ count, sum, sumOfSquares }: MeanSums): number {
  return count < 2 ? 0 : Math.max(0, (sumOfSquares - (sum / count) * sum) / (count - 1))
}
