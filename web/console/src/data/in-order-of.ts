/**
 * Rows in the order of others that were there before; those that are new come last, as they stand.
 * @param keys of the rows before, in their order
 */
export function inOrderOf<T>(
  keys: readonly string[],
  rows: readonly T[],
  keyOf: (row: T) => string,
): readonly T[] {
  const places = new Map(keys.map((key, place) => [key, place]))
  const placeOf = (row: T): number => places.get(keyOf(row)) ?? keys.length
  return rows.toSorted((a, b) => placeOf(a) - placeOf(b))
}
