/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * How an answer differs from a recorded one in what a client may rely on: keys, their order, and types of values. Of lists each entry is
 * compared with the first that was recorded.
 * @param isAdded whether a key that was not recorded may stand there, behind those that were
 * @returns one line for each difference
 */
export function shapeDifferences(
  given: Json | undefined,
  recorded: Json | undefined,
  isAdded: (place: string, key: string) => boolean,
  place = '',
): string[] {
  const [type, expected] = [typeOf(given), typeOf(recorded)]
  if (type !== expected) {
    return [`${place}: ${type} in place of ${expected}`]
  }
  if (Array.isArray(given) && Array.isArray(recorded)) {
    return given.flatMap((entry) => shapeDifferences(entry, recorded[0], isAdded, `${place}[]`))
  }
  if (!isObject(given) || !isObject(recorded)) {
    return []
  }
  const [keys, wanted] = [Object.keys(given), Object.keys(recorded)]
  const first = keys.slice(0, wanted.length)
  if (first.join() !== wanted.join()) {
    return [`${place}: keys ${first.join()} in place of ${wanted.join()}`]
  }
  const added = keys.slice(wanted.length).filter((key) => !isAdded(place, key))
  return [
    ...added.map((key) => `${place}: ${key} is added`),
    ...wanted.flatMap((key) => shapeDifferences(given[key], recorded[key], isAdded, `${place}.${key}`)),
  ]
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function typeOf(value: Json | undefined): string {
  return value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value
}
