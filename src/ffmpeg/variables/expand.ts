import { expandUrl } from './address.ts'
import { expandArgument } from './arguments.ts'
import { expandFileName, expandFilePath } from './file-path.ts'
import type { VariableValues } from './values.ts'

/** What a template is filled for: a URL of FFmpeg, the path of a file, one part of a path, or an argument of any program. */
export type TemplateUse = 'url' | 'file' | 'name' | 'argument'

/**
 * Fills a template of the configuration with what is known of a stream: `[vhost]`, `[app]`, `[stream]`, `[engine]`, `[port]`, `[param]`, `[url]`,
 * `[tcUrl]`, `[swfUrl]`, `[pageUrl]`, and times: `[2006]`, `[01]`, `[02]`, `[15]`, `[04]`, `[05]`, `[999]` and `[timestamp]`. Ordinary names give what SRS
 * gives. What a publisher chose is never interpreted, whatever it is.
 * @throws UnusableValueError if a value can't be used there
 */
export function expandVariables(template: string, values: VariableValues, as: TemplateUse): string {
  switch (as) {
    case 'url':
      return expandUrl(template, values)
    case 'file':
      return expandFilePath(template, values)
    case 'name':
      return expandFileName(template, values)
    case 'argument':
      return expandArgument(template, values)
  }
}
