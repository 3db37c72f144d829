import { networkInterfaces } from 'node:os'
import type { RtmpEndpoint } from '../ffmpeg/index.ts'
import type { Listeners } from './listeners.ts'

/** What `[port]` stands for where nothing listens for RTMP. */
const DEFAULT_RTMP_PORT = 1935

/** What stands for `[port]` in addresses of FFmpeg: the port of the first RTMP listener. */
export function rtmpPortOf(listeners: Listeners): number {
  return listeners.addressOf('rtmp')?.port ?? DEFAULT_RTMP_PORT
}

/** Whether this server listens there: on that port, if the host is one of this machine's. */
export function isOwnRtmp(listeners: Listeners, { scheme, host, port }: RtmpEndpoint): boolean {
  const ports = listeners.running
    .filter(({ wanted }) => wanted.purposes.includes(scheme))
    .map(({ listener: { address } }) => ('port' in address ? address.port : null))
  const isListened = ports.includes(port) || (scheme === 'rtmp' && port === rtmpPortOf(listeners))
  return isListened && isThisMachine(host)
}

/** Whether a host is this machine: by an address of one of its interfaces, or as `localhost`. */
export function isThisMachine(host: string): boolean {
  if (host === 'localhost' || /^127\./.test(host) || host === '::1') {
    return true
  }
  return Object.values(networkInterfaces()).some((addresses = []) =>
    addresses.some(({ address }) => address === host),
  )
}
