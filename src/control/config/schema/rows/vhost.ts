import { DEFAULT_VHOST } from '../../../../base/index.ts'
import { JWT, REFER, SECURITY, TOKEN } from './access.ts'
import { EXEC, INGEST, TRANSCODE } from './engines.ts'
import { HLS } from './hls.ts'
import { HTTP_HOOKS } from './hooks.ts'
import { HTTP_REMUX, HTTP_STATIC } from './http-outputs.ts'
import { PLAY } from './play.ts'
import { PUBLISH } from './publish.ts'
import { RTC, SRT } from './realtime.ts'
import { DASH, DVR, HDS } from './recording.ts'
import { BANDCHECK, CLUSTER, FORWARD } from './relays.ts'

/** What stands in a vhost outside of its blocks. */
const OWN = {
  enabled: {
    kind: 'on-off',
    to: 'enabled',
    default: 'on',
    since: '2014',
    says: 'off: nobody may publish or play here.',
  },
  chunk_size: {
    kind: 'integer',
    min: 128,
    max: 65_536,
    inherits: true,
    to: 'rtmp.chunkSize',
    since: '2014',
    says: 'Bytes in an RTMP chunk of what is sent.',
  },
  min_latency: {
    kind: 'on-off',
    to: 'broadcast.minLatency',
    since: '2.0.70',
    says: 'Writes every video frame at once, whatever it costs; `mw_latency` does not count then.',
  },
  tcp_nodelay: {
    kind: 'on-off',
    to: 'broadcast.tcpNoDelay',
    since: '2.0.182',
    says: "Sends small packets at once (turns Nagle's algorithm off). SRS: off.",
  },
  in_ack_size: {
    kind: 'bytes',
    to: 'rtmp.inAcknowledgementWindowBytes',
    since: '3.0',
    says: 'A client is told at least so often how much came from it; 0: as it asks.',
  },
  out_ack_size: {
    kind: 'bytes',
    to: 'rtmp.outAcknowledgementWindowBytes',
    since: '3.0',
    says: 'How much a client is asked to receive before each acknowledgement; 0: it is not asked.',
  },
} as const

type VhostRows = typeof OWN &
  Readonly<{
    play: typeof PLAY
    publish: typeof PUBLISH
    refer: typeof REFER
    security: typeof SECURITY
    token: typeof TOKEN
    jwt: typeof JWT
    hls: typeof HLS
    http_remux: typeof HTTP_REMUX
    http_static: typeof HTTP_STATIC
    http_hooks: typeof HTTP_HOOKS
    cluster: typeof CLUSTER
    forward: typeof FORWARD
    dvr: typeof DVR
    dash: typeof DASH
    hds: typeof HDS
    transcode: typeof TRANSCODE
    ingest: typeof INGEST
    exec: typeof EXEC
    rtc: typeof RTC
    srt: typeof SRT
    bandcheck: typeof BANDCHECK
  }>

/** `vhost NAME...`: a group of streams with settings of its own. */
export const VHOST: Readonly<{
  kind: 'block'
  names: Readonly<{ says: string; min: 1; max: 100 }>
  repeatable: true
  implied: readonly string[]
  since: string
  says: string
  rows: VhostRows
}> = {
  kind: 'block',
  names: { says: 'NAME...', min: 1, max: 100 },
  repeatable: true,
  implied: [DEFAULT_VHOST],
  since: '2014',
  says: 'Streams of these host names. `__defaultVhost__` has those of all names that no other vhost has.',
  rows: {
    ...OWN,
    play: PLAY,
    publish: PUBLISH,
    refer: REFER,
    security: SECURITY,
    token: TOKEN,
    jwt: JWT,
    hls: HLS,
    http_remux: HTTP_REMUX,
    http_static: HTTP_STATIC,
    http_hooks: HTTP_HOOKS,
    cluster: CLUSTER,
    forward: FORWARD,
    dvr: DVR,
    dash: DASH,
    hds: HDS,
    transcode: TRANSCODE,
    ingest: INGEST,
    exec: EXEC,
    rtc: RTC,
    srt: SRT,
    bandcheck: BANDCHECK,
  },
}
