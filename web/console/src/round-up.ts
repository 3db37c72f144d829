const STEPS: readonly number[] = [1, 1.5, 2, 3, 4, 5, 6, 8, 10]

/** The next round number that is not less, for the end of a scale: it changes seldom while values move. */
export function roundUp(value: number): number {
  if (value <= 0) {
    return 1
  }
  const power = 10 ** Math.floor(Math.log10(value))
  return (STEPS.find((step) => step * power >= value * 0.999_999) ?? 10) * power
}
