import { ProtocolError } from '../../base/index.ts'
import { type LiveService, type StreamName, type StreamRequest, streamKey } from '../../live/index.ts'
import { parseRtmpStream, parseTcUrl } from '../../rtmp/index.ts'
import { PlaceTakenError } from '../program/index.ts'
import type { FfmpegAddress } from '../variables/index.ts'

/** Where RTMP or RTMPS is spoken. */
export type RtmpEndpoint = Readonly<{
  /** How. */
  scheme: 'rtmp' | 'rtmps'
  /** A name or an IP address, without brackets. */
  host: string
  /** Its port. */
  port: number
}>

/**
 * Which stream of this server is meant by an address, e.g. of an output of FFmpeg; null if it is none. Where FFmpeg is told application and name
 * by options, these count as they are: a slash in the query of a publisher must not make another stream of it.
 */
export function streamPublishedHere(
  place: string | FfmpegAddress,
  live: Pick<LiveService, 'nameStream'>,
  isOurs: (endpoint: RtmpEndpoint) => boolean,
): StreamName | null {
  const [address, name] = typeof place === 'string' ? [place, ''] : partsOf(place)
  const scheme = /^(rtmps?):\/\//i.exec(address)?.[1]?.toLowerCase()
  if (scheme !== 'rtmp' && scheme !== 'rtmps') {
    return null
  }
  try {
    const { host, port } = parseTcUrl(address)
    const hasPort = /^[a-z]+:\/\/(\[[^\]]*\]|[^/:?#]*):\d/i.test(address)
    if (!isOurs({ scheme, host, port: scheme === 'rtmps' && !hasPort ? 443 : port })) {
      return null
    }
    const { vhost, app, stream } = parseRtmpStream(address, name)
    return live.nameStream(vhost, `${app}/${stream}`)
  } catch (error) {
    if (error instanceof ProtocolError) {
      return null
    }
    throw error
  }
}

/** What is connected to, and what is published there; '' if the address says it. */
function partsOf({ options, address }: FfmpegAddress): [tcUrl: string, name: string] {
  const { rtmp_app: app, rtmp_playpath: name = '' } = Object.fromEntries(options)
  return [app === undefined ? address : `${address}/${app}`, name]
}

/** What a client that publishes at an RTMP address asks for, as FFmpeg would: of a plain one the last part is the stream. */
export function askedAt(
  place: FfmpegAddress,
): Pick<StreamRequest, 'tcUrl' | 'vhost' | 'parameters' | 'param'> {
  const [address, playPath] = partsOf(place)
  const slash = address.lastIndexOf('/')
  const [tcUrl, name] =
    playPath === '' ? [address.slice(0, slash), address.slice(slash + 1)] : [address, playPath]
  const { vhost, parameters, param } = parseRtmpStream(tcUrl, name)
  return { tcUrl, vhost, parameters, param }
}

/**
 * To be called before an ingest begins to publish: it takes nobody's place.
 * @throws PlaceTakenError that says who publishes the stream, if somebody does
 */
export function requireUnpublished(live: LiveService, name: StreamName): void {
  const publication = live.registry.get(name)?.publication ?? null
  if (publication !== null) {
    const { id, address } = publication.client
    throw new PlaceTakenError(
      `${streamKey(name)} is published by ${id} (${address}): it is waited for to end`,
    )
  }
}
