import { ServerError } from '../base/index.ts'
import type { OwnRtmpAddress } from '../ffmpeg/index.ts'
import { isWildcardHost } from '../net/index.ts'
import type { Listeners, RunningListener } from './listeners.ts'

/** What is done about it, in the words of a file. */
const REMEDY = "say 'listen 127.0.0.1:1935;' outside of all blocks"

/**
 * Where FFmpeg on this machine reaches this server: the first RTMP listener that it can use, at 127.0.0.1 if that listens on every
 * interface.
 * @throws ServerError ERR_CONFIGURATION that says why it can't, and what to do
 */
export function ownRtmpAddress({ running }: Pick<Listeners, 'running'>): OwnRtmpAddress {
  const rtmp = running.filter(({ wanted: { purposes } }) => purposes.includes('rtmp'))
  for (const { wanted, listener } of rtmp) {
    if (wanted.proxies === null && 'port' in listener.address) {
      const { host, port } = listener.address
      return { host: reachableHost(host, isIpv6Only(wanted)), port }
    }
  }
  throw new ServerError('ERR_CONFIGURATION', `FFmpeg can't get streams from this server: ${problemOf(rtmp)}`)
}

function problemOf(rtmp: readonly RunningListener[]): string {
  if (rtmp.length === 0) {
    return `it listens for no RTMP without TLS: ${REMEDY}`
  }
  return rtmp.some(({ listener }) => 'port' in listener.address)
    ? "its RTMP listener expects the PROXY protocol, which FFmpeg does not speak: switch proxy_protocol off for 'listener rtmp', and have proxies come to rtmps"
    : `its RTMP listener is a Unix socket, which FFmpeg can't use: ${REMEDY} as well`
}

function isIpv6Only({ options }: RunningListener['wanted']): boolean {
  return 'port' in options && options.ipv6Only === true
}

function reachableHost(host: string, ipv6Only: boolean): string {
  if (isWildcardHost(host)) {
    return ipv6Only ? '[::1]' : '127.0.0.1'
  }
  return host === 'localhost' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
}
