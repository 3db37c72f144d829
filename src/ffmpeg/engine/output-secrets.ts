import { redactSecrets } from '../../base/index.ts'

/** What stands in place of a secret. */
const HIDDEN = '***'

/** A key that is shorter is hidden with the slash in front alone: its letters may stand anywhere. */
const MIN_KEY_LENGTH = 8

/** An RTMP address whose last part has no variables, which is in the second group. */
const ADDRESS_WITH_KEY = /^(rtmp[a-z]*:\/\/[^/]+\/.+\/)([^/?[\]]+)(\?[^/]*)?$/i

/** An address of anything but RTMP. */
const OTHER_ADDRESS = /^(?!rtmp)[a-z][a-z\d+.-]*:/i

/**
 * What of an output to another server lets anybody publish there who has it, beside what `redactSecrets` knows: the last part of an RTMP
 * address, as the stream key of a platform. One with variables is a name, and no secret.
 * @param template the output, as written
 */
export function outputSecrets(template: string): readonly string[] {
  const key = ADDRESS_WITH_KEY.exec(template)?.[2]
  if (key === undefined) {
    return []
  }
  return [key.length < MIN_KEY_LENGTH ? `/${key}` : key]
}

/** An output as written, for people: an RTMP address without its key, or a file; of other addresses nothing, as any part may be a secret. */
export function redactOutput(template: string): string {
  return OTHER_ADDRESS.test(template)
    ? HIDDEN
    : redactSecrets(template.replace(ADDRESS_WITH_KEY, `$1${HIDDEN}$3`))
}
