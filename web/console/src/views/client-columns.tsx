import { labelOf, pathOfStream } from '../../../src/route.ts'
import type { ClientInfo } from '../api/answers.ts'
import type { Column } from '../components/data-table.tsx'
import { Figure, Verdict } from '../components/figures.tsx'
import { KickButton } from '../components/kick.tsx'
import { bitRate, byteCount, count, duration, milliseconds } from '../format.ts'
import { hrefOfStream } from '../route.ts'

/** A player that is further behind has a poor network; ms. */
const LATE_MS = 3_000

const PROTOCOLS: Readonly<Record<string, string>> = {
  rtmp: 'RTMP',
  rtmps: 'RTMPS',
  'http-flv': 'HTTP-FLV',
  'ws-flv': 'WebSocket-FLV',
  hls: 'HLS',
  file: 'file',
  library: 'this program',
  edge: 'from an origin',
  forward: 'to another server',
}

/** `HTTP-FLV` for `http-flv`; a name not known here is passed on. */
export function protocolOf({ protocol }: Pick<ClientInfo, 'protocol'>): string {
  return PROTOCOLS[protocol] ?? protocol
}

const stream: Column<ClientInfo> = {
  key: 'stream',
  title: 'Stream',
  sortBy: ({ url }) => labelOf(pathOfStream(url)),
  cell: ({ url }) => <a href={hrefOfStream(url)}>{labelOf(pathOfStream(url))}</a>,
}

const own: readonly Column<ClientInfo>[] = [
  {
    key: 'address',
    title: 'Address',
    sortBy: ({ ip }) => ip,
    cell: ({ ip, id }) => (
      <>
        <span class="address">{ip}</span> <span class="muted client-id">{id}</span>
      </>
    ),
  },
  {
    key: 'role',
    title: 'Role',
    sortBy: ({ publish }) => (publish ? 0 : 1),
    cell: ({ publish }) => (publish ? <span class="role-publisher">publisher</span> : 'player'),
  },
  {
    key: 'protocol',
    title: 'Protocol',
    sortBy: protocolOf,
    cell: (client) => <span title={client.type}>{protocolOf(client)}</span>,
  },
]

const figures: readonly Column<ClientInfo>[] = [
  {
    key: 'since',
    title: 'For',
    numeric: true,
    sortBy: ({ alive }) => alive,
    cell: ({ alive }) => duration(alive),
  },
  {
    key: 'bytes',
    title: 'Bytes',
    numeric: true,
    minor: true,
    sortBy: bytesOf,
    cell: (client) => <Figure {...byteCount(bytesOf(client))} />,
  },
  {
    key: 'rate',
    title: 'Rate',
    numeric: true,
    sortBy: kbpsOf,
    cell: (client) => <Figure {...bitRate(kbpsOf(client) * 1000)} />,
  },
  {
    key: 'lag',
    title: 'Lag',
    numeric: true,
    sortBy: (client) => lagOf(client) ?? -1,
    cell: (client) => {
      const lag = lagOf(client)
      const figure = <Figure {...milliseconds(lag)} />
      return lag !== null && lag >= LATE_MS ? <Verdict level="warn">{figure}</Verdict> : figure
    },
  },
  {
    key: 'skips',
    title: 'Skips',
    numeric: true,
    minor: true,
    sortBy: ({ skips }) => skips,
    cell: ({ skips, publish }) => <Figure {...count(publish ? null : skips)} />,
  },
  {
    key: 'actions',
    title: '',
    cell: (client) => <KickButton id={client.id} who={whoIs(client)} consequence={consequenceOf(client)} />,
  },
]

/** Columns of the list of all clients. */
export const CLIENT_COLUMNS: readonly Column<ClientInfo>[] = [...own, stream, ...figures]

/** Columns of one stream's clients. */
export const STREAM_CLIENT_COLUMNS: readonly Column<ClientInfo>[] = [...own, ...figures]

/** A client, for people: several may come from one address. */
function whoIs({ publish, ip, id }: ClientInfo): string {
  return `the ${publish ? 'publisher' : 'player'} ${ip} (${id})`
}

/** What it means to disconnect a client. */
function consequenceOf(client: ClientInfo): string {
  const stream = labelOf(pathOfStream(client.url))
  return client.publish
    ? `Players of ${stream} wait for it. Most encoders connect again by themselves.`
    : `It plays ${stream} by ${protocolOf(client)}. Most players connect again by themselves: to keep somebody out, change who is let in.`
}

/** What a client is there for: what it sends or what it gets. */
function bytesOf({ publish, recv_bytes, send_bytes }: ClientInfo): number {
  return publish ? recv_bytes : send_bytes
}

function kbpsOf({ publish, kbps }: ClientInfo): number {
  return publish ? kbps.recv_30s : kbps.send_30s
}

function lagOf({ publish, lag_ms }: ClientInfo): number | null {
  return publish ? null : lag_ms
}
