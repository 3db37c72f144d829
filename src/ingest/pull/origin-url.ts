import { DEFAULT_VHOST } from '../../base/index.ts'
import type { StreamName, StreamRequest } from '../../live/index.ts'

/** Parameters that are this server's own: which virtual host, and which viewer of HLS. */
const OWN_PARAMETERS: ReadonlySet<string> = new Set(['vhost', 'domain', 'hls_ctx'])

/** The virtual host as it stands in a URL; null for the default one, which has no name there. */
export function hostOfVhost({ vhost }: StreamName): string | null {
  if (vhost === DEFAULT_VHOST) {
    return null
  }
  return vhost.includes(':') ? `[${vhost}]` : vhost
}

/** The client's query as it is told at the origin, with the `?` in front; '' if there is nothing to tell. */
export function parameterText({ parameters }: StreamRequest): string {
  const told = [...parameters].filter(([name]) => !OWN_PARAMETERS.has(name))
  return told.length === 0 ? '' : `?${new URLSearchParams(told)}`
}
