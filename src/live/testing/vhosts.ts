import type { BroadcastOptions } from '../broadcast-options.ts'
import type { StreamOptions } from '../stream-options.ts'
import { defaultVhost, type Vhost } from '../vhosts.ts'

/** The default virtual host with some options of its own. */
export function vhostWith(
  streams: Partial<StreamOptions> = {},
  broadcast: Partial<BroadcastOptions> = {},
): Vhost {
  return {
    ...defaultVhost,
    streams: { ...defaultVhost.streams, ...streams },
    broadcast: { ...defaultVhost.broadcast, ...broadcast },
  }
}
