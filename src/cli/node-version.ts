/** The oldest Node that this package runs on; package.json says the same to npm, which does not insist. */
export const OLDEST_NODE = '22.19'

/**
 * What is wrong with a version of Node, and what to do; null if it will do.
 * @param version such as `24.11.0`
 */
export function faultOfNode(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE.split('.').map(Number)
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
    ? null
    : `srs needs Node ${OLDEST_NODE} or newer; this is Node ${version}. Install Node 24 from https://nodejs.org and try again.`
}
