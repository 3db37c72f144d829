/** A key that is shorter is hidden with the slash in front alone: its letters may stand anywhere. */
const MIN_KEY_LENGTH = 8

/**
 * What of an output to another server lets anybody publish there who has it, beside what `redactSecrets` knows: the last part of an RTMP
 * address, as the stream key of a platform. One with variables is a name, and no secret.
 * @param template the output, as written
 */
export function outputSecrets(template: string): readonly string[] {
  const key = /^rtmp[a-z]*:\/\/[^/]+\/.+\/([^/?[\]]+)(?:\?[^/]*)?$/i.exec(template)?.[1]
  if (key === undefined) {
    return []
  }
  return [key.length < MIN_KEY_LENGTH ? `/${key}` : key]
}
