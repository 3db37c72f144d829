import { redactSecrets } from '../../base/index.ts'
import type { Client, ClientInfo, ClientRole, StreamRequest } from '../../live/index.ts'
import { Float } from './float.ts'
import { type StreamIds, streamUrlOf } from './stream-ids.ts'
import type { StreamInfo } from './stream-info.ts'

/** One client of `GET /api/v1/clients/`: names and types of SRS, then ours. */
export type ClientDetails = Readonly<{
  /** Unique in this process; the same id stands in the log. */
  id: string
  /** The id of its virtual host. */
  vhost: string
  /** The id of its stream. */
  stream: string
  /** Its address; 'local' for what runs in this process. */
  ip: string
  /** The page that embeds it; empty if it said none. */
  pageUrl: string
  /** The Flash program that it is, or says to be, as FFmpeg and OBS can; empty if it said none. */
  swfUrl: string
  /** What it connected to, without its secrets. */
  tcUrl: string
  /** Path of its stream, as in `StreamInfo`. */
  url: string
  /** Last part of the stream's path; of players by HTTP with its extension. */
  name: string
  /** What it does and how, e.g. 'rtmp-play', 'fmle-publish' or 'hls-play'. */
  type: string
  /** Whether it publishes. */
  publish: boolean
  /** For how long it is there, s. */
  alive: Float
  /** Bytes handed to it. */
  send_bytes: number
  /** Bytes that came from it. */
  recv_bytes: number
  /** Averages of the last 30 s, kbit/s. */
  kbps: StreamInfo['kbps']
  /** How it came, e.g. 'rtmp' or 'ws-flv'. Not in SRS. */
  protocol: string
  /** Media that a player is behind the newest frame, ms. Not in SRS. */
  lag_ms: number
  /** How often a player was too far behind and skipped to the newest keyframe. Not in SRS. */
  skips: number
}>

/** What of a client never changes, as long as it asks for nothing else. */
export type ClientIdentity = Pick<
  ClientDetails,
  'id' | 'vhost' | 'stream' | 'ip' | 'pageUrl' | 'swfUrl' | 'tcUrl' | 'url' | 'name' | 'type' | 'publish'
>

/** What a `client` event of `/api/v1/events` says. */
export type ClientEvent = Readonly<{
  /** What has happened: publish, unpublish, play or stop. */
  event: string
  /** The client's id. */
  client: string
  /** How it came, e.g. 'rtmp'. */
  protocol: string
  /** Its address. */
  address: string
  /** Path of its stream, as in `StreamInfo`. */
  url: string
}>

/** What has happened to a client. */
export function describeClientEvent(event: string, { client, name }: StreamRequest): ClientEvent {
  const { id, protocol, address } = client
  return { event, client: id, protocol, address, url: streamUrlOf(name) }
}

/** Extensions that stand in `name`, as in SRS. */
const EXTENSIONS: Readonly<Partial<Record<ClientInfo['protocol'], string>>> = {
  'http-flv': '.flv',
  'ws-flv': '.flv',
  hls: '.m3u8',
}

/** Characters of a client's URLs that are shown: it may say 64 KiB, and thousands of clients stand in one answer. */
export const MAX_SHOWN_URL_LENGTH = 1024

/** What never changes of a client, as long as it asks for nothing else; it comes first in `ClientDetails`. */
export function identifyClient(client: Client, ids: StreamIds): ClientIdentity {
  const { request, role } = client
  const { name, client: info } = request
  return {
    id: client.id,
    vhost: ids.ofVhost(name.vhost),
    stream: ids.ofName(name),
    ip: info.address,
    pageUrl: shown(request.pageUrl),
    swfUrl: shown(request.swfUrl ?? ''),
    tcUrl: shown(request.tcUrl),
    url: streamUrlOf(name),
    name: `${name.stream}${EXTENSIONS[info.protocol] ?? ''}`,
    type: typeOf(info, role),
    publish: role === 'publisher',
  }
}

/** A client as of now. `ClientWriter` says the same of many. */
export function describeClient(client: Client, ids: StreamIds): ClientDetails {
  const { request, rates } = client
  return {
    ...identifyClient(client, ids),
    alive: new Float(Math.round(client.aliveMs / 10) / 100),
    send_bytes: client.bytesSent,
    recv_bytes: client.bytesReceived,
    kbps: { recv_30s: rates.receivedKbps, send_30s: rates.sentKbps },
    protocol: request.client.protocol,
    lag_ms: Math.round(client.lagMs),
    skips: client.skips,
  }
}

/** SRS's names for what it knows, and names of the same kind for the rest. */
function typeOf({ protocol, publishDialect }: ClientInfo, role: ClientRole): string {
  if (role === 'publisher') {
    return `${publishDialect ?? (protocol === 'rtmp' ? 'fmle' : protocol)}-publish`
  }
  return protocol === 'http-flv' || protocol === 'ws-flv' ? 'flv-play' : `${protocol}-play`
}

function shown(url: string): string {
  const redacted = redactSecrets(url)
  return redacted.length > MAX_SHOWN_URL_LENGTH ? `${redacted.slice(0, MAX_SHOWN_URL_LENGTH - 1)}…` : redacted
}
