import { redactSecrets } from '../../base/index.ts'

/** What stands in place of a secret. */
const HIDDEN = '***'

/**
 * A text of or about a program without its secrets.
 * @param secrets those that can't be told by their form (`redactSecrets` knows those that can)
 */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret !== '')
  return redactSecrets(known.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text))
}
