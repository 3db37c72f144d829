import type { RefusalInfo, StreamInfo } from '../../control/index.ts'
import { localIsoTime } from '../local-time.ts'
import type { ListedClient } from './listed.ts'
import { formatBytes, formatDuration, formatRate } from './quantities.ts'
import { type Column, formatTable, type TableOptions } from './table.ts'

const streamColumns: readonly Column<StreamInfo>[] = [
  { name: 'STREAM', text: ({ url }) => url.replace(/^\//, ''), shrinks: true },
  {
    name: 'PUBLISHER',
    text: ({ publish }) => (publish.active ? (publish.cid ?? 'yes') : '-'),
    optional: true,
  },
  { name: 'VIDEO', text: ({ video }) => describeVideo(video), optional: true },
  { name: 'AUDIO', text: ({ audio }) => describeAudio(audio), optional: true },
  { name: 'CLIENTS', text: ({ clients }) => `${clients}`, align: 'right' },
  { name: 'IN', text: ({ kbps }) => formatRate(kbps.recv_30s), align: 'right' },
  { name: 'OUT', text: ({ kbps }) => formatRate(kbps.send_30s), align: 'right' },
  { name: 'SENT', text: ({ send_bytes }) => formatBytes(send_bytes), align: 'right', optional: true },
]

const clientColumns: readonly Column<ListedClient>[] = [
  { name: 'ID', text: ({ id }) => id },
  { name: 'TYPE', text: ({ type }) => type, optional: true },
  { name: 'STREAM', text: ({ url }) => url.replace(/^\//, ''), shrinks: true },
  { name: 'FROM', text: ({ ip }) => ip },
  { name: 'ALIVE', text: ({ alive }) => formatDuration(alive), align: 'right', optional: true },
  { name: 'IN', text: ({ kbps }) => formatRate(kbps.recv_30s), align: 'right', optional: true },
  { name: 'OUT', text: ({ kbps }) => formatRate(kbps.send_30s), align: 'right' },
  { name: 'LAG', text: ({ lag_ms, publish }) => (publish ? '-' : `${lag_ms}ms`), align: 'right' },
  {
    name: 'SKIPS',
    text: ({ skips, publish }) => (publish ? '-' : `${skips}`),
    align: 'right',
    optional: true,
  },
]

const refusalColumns: readonly Column<RefusalInfo>[] = [
  { name: 'TIME', text: ({ at_ms }) => localIsoTime(new Date(at_ms)).slice(0, 19).replace('T', ' ') },
  { name: 'WANTED', text: ({ action }) => action, optional: true },
  { name: 'STREAM', text: ({ app, stream }) => `${app}/${stream}`, shrinks: true },
  { name: 'FROM', text: ({ address }) => address, optional: true },
  { name: 'BY', text: ({ protocol }) => protocol, optional: true },
  { name: 'CODE', text: ({ code }) => code, optional: true },
  { name: 'REASON', text: ({ reason }) => reason, shrinks: true },
]

/** Streams as a table for people. */
export function formatStreams(streams: readonly StreamInfo[], options: TableOptions): string[] {
  return streams.length === 0 ? ['No stream is published.'] : formatTable(streamColumns, streams, options)
}

/** Clients as a table for people. */
export function formatClients(clients: readonly ListedClient[], options: TableOptions): string[] {
  return clients.length === 0 ? ['Nobody publishes or plays.'] : formatTable(clientColumns, clients, options)
}

/** Refusals as a table for people. */
export function formatRefusals(refusals: readonly RefusalInfo[], options: TableOptions): string[] {
  return refusals.length === 0 ? ['Nobody was refused.'] : formatTable(refusalColumns, refusals, options)
}

function describeVideo(video: StreamInfo['video']): string {
  if (video === null) {
    return '-'
  }
  return video.width === 0 ? video.codec : `${video.codec} ${video.width}x${video.height}`
}

function describeAudio(audio: StreamInfo['audio']): string {
  if (audio === null) {
    return '-'
  }
  return audio.sample_rate === 0 ? audio.codec : `${audio.codec} ${audio.sample_rate / 1000}k`
}
