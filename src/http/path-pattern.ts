/** Which paths a route means. */
export type PathPattern = Readonly<{
  /** As it was written, e.g. 'api/v1/clients/{id}'. */
  text: string
  /** What stands between the slashes. */
  parts: readonly PathPart[]
  /** Whether everything is meant that begins so. */
  isPrefix: boolean
  /** Whether some parts stand for any text. */
  hasParameters: boolean
}>

/** A part of a pattern: a text, or the name of what stands there. */
type PathPart = Readonly<{ text: string } | { parameter: string }>

const PARAMETER = /^\{(\w+)\}$/

/** Reads a pattern: 'api/v1/streams/', 'api/v1/streams/{id}', or 'api/*' for everything below. */
export function parsePathPattern(text: string): PathPattern {
  const isPrefix = text.endsWith('/*')
  const parts = (isPrefix ? text.slice(0, -1) : text).split('/').map((part): PathPart => {
    const [, parameter] = PARAMETER.exec(part) ?? []
    return parameter === undefined ? { text: part } : { parameter }
  })
  return { text, parts, isPrefix, hasParameters: parts.some((part) => 'parameter' in part) }
}

/**
 * What stands in a path where the pattern has names; null if it is not meant.
 * @param path decoded, without the leading slash
 */
export function matchPath(
  { parts, isPrefix }: PathPattern,
  path: string,
): Readonly<Record<string, string>> | null {
  const given = path.split('/')
  if (isPrefix ? given.length < parts.length : given.length !== parts.length) {
    return null
  }
  const parameters: Record<string, string> = {}
  for (const [index, part] of parts.entries()) {
    const text = given[index] ?? ''
    if ('parameter' in part) {
      if (text === '') {
        return null
      }
      parameters[part.parameter] = text
    } else if (part.text !== text && !(isPrefix && index === parts.length - 1)) {
      return null
    }
  }
  return parameters
}
