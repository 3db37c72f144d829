import { styleText } from 'node:util'
import type { StreamInfo } from '../../control/index.ts'
import { printable } from '../printable.ts'
import type { ListedClient } from './listed.ts'
import { formatClients, formatStreams } from './lists-text.ts'
import { formatBytes, formatDuration, formatRate } from './quantities.ts'
import { cutToWidth } from './text-width.ts'

/** What `srs top` shows, as of one look. */
export type TopSnapshot = Readonly<{
  /** The server, as people call it. */
  name: string
  /** Of `/api/v1/summaries`. */
  self: Readonly<{ version: string; pid: number; cpu_percent: number; mem_kbyte: number; srs_uptime: number }>
  /** Processor of the whole machine: 1 is all of it. */
  systemCpu: number
  /** How busy the server's event loop is: 1 is all the time; null if it is not known. */
  eventLoop: number | null
  /** All streams. */
  streams: readonly StreamInfo[]
  /** Clients, the first MAX_TOP_CLIENTS of them. */
  clients: readonly ListedClient[]
}>

/** Clients that are looked at; more would cost the server. */
export const MAX_TOP_CLIENTS = 1000

/** What can be looked at. */
export const TOP_LISTS = ['streams', 'clients'] as const

/** Orders of a list; the first is that at the start. */
export const TOP_ORDERS = ['out', 'in', 'clients', 'lag', 'name'] as const

/** What is shown, and how; changed by keys. */
export type TopView = Readonly<{
  list: (typeof TOP_LISTS)[number]
  order: (typeof TOP_ORDERS)[number]
  /** Rows that are above the first one shown. */
  offset: number
}>

/** How the view is at the start. */
export const FIRST_VIEW: TopView = { list: 'streams', order: 'out', offset: 0 }

/** The terminal. */
export type Screen = Readonly<{ columns: number; rows: number; colors: boolean }>

/** Lines above the list and below it. */
const OTHER_LINES = 8

/** The view after a key; null for the one that ends it. */
export function viewAfter(
  view: TopView,
  key: string,
  snapshot: TopSnapshot | null,
  screen: Screen,
): TopView | null {
  const page = Math.max(1, screen.rows - OTHER_LINES)
  const rows = snapshot === null ? 0 : snapshot[view.list].length
  const scrolled = (by: number): TopView => ({
    ...view,
    offset: Math.min(Math.max(0, view.offset + by), Math.max(0, rows - page)),
  })
  switch (key) {
    case 'q':
    case 'escape':
      return null
    case 'tab':
    case 'left':
    case 'right':
      return { ...view, list: next(TOP_LISTS, view.list), offset: 0 }
    case 's':
      return { ...view, order: next(TOP_ORDERS, view.order), offset: 0 }
    case 'up':
      return scrolled(-1)
    case 'down':
      return scrolled(1)
    case 'pageup':
      return scrolled(-page)
    case 'pagedown':
      return scrolled(page)
    default:
      return view
  }
}

/** The whole screen. Without rows (`rows` 0), everything below each other, for who is no terminal. */
export function formatTop(snapshot: TopSnapshot, view: TopView, screen: Screen): string[] {
  const { columns, rows, colors } = screen
  // Styled at the end: letters are counted before.
  const options = { width: columns, colors: false }
  const list =
    view.list === 'streams'
      ? formatStreams(sortStreams(snapshot, view.order), options)
      : formatClients(sortClients(snapshot.clients, view.order), options)
  const [heading = '', ...entries] = list
  const room = rows === 0 ? entries.length : Math.max(1, rows - OTHER_LINES)
  // Those above may have gone since it was scrolled.
  const offset = Math.min(view.offset, Math.max(0, entries.length - room))
  const shown = entries.slice(offset, offset + room)
  const line =
    (style: 'none' | 'bold' | 'dim') =>
    (text: string): string => {
      // Lines that wrap would push the others off the screen.
      const cut = cutToWidth(text, columns)
      return colors && style !== 'none' ? styleText(style, cut, { validateStream: false }) : cut
    }
  const hidden = entries.length - offset - shown.length
  return [
    ...headLines(snapshot).map(printable).map(line('none')),
    '',
    line('bold')(heading),
    ...shown.map(line('none')),
    ...(hidden > 0 ? [line('dim')(`${hidden} more`)] : []),
    ...(rows === 0 ? [] : ['', line('dim')(keyLine(view))]),
  ]
}

function keyLine({ list, order }: TopView): string {
  // Of a client it is for how long it is one.
  const sorted = list === 'clients' && order === 'clients' ? 'alive' : order
  return `q quit  tab ${next(TOP_LISTS, list)}  s sort: ${sorted}  arrows scroll`
}

function headLines({ name, self, systemCpu, eventLoop, streams, clients }: TopSnapshot): string[] {
  const published = streams.filter(({ publish }) => publish.active).length
  const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0)
  const players = sum(streams.map(({ clients: count, publish }) => count - (publish.active ? 1 : 0)))
  const lag = Math.max(0, ...clients.map(({ lag_ms }) => lag_ms))
  const loop = eventLoop === null ? '' : `  event loop ${percent(eventLoop)}`
  return [
    `srs ${self.version}  ${name}  process ${self.pid}, up ${formatDuration(self.srs_uptime)}`,
    `cpu ${percent(self.cpu_percent)} (machine ${percent(systemCpu)})${loop}  memory ${formatBytes(self.mem_kbyte * 1024)}`,
    `${published} published, ${players} players, lag up to ${lag} ms  in ${formatRate(sum(streams.map(({ kbps }) => kbps.recv_30s)))}bit/s  out ${formatRate(sum(streams.map(({ kbps }) => kbps.send_30s)))}bit/s`,
  ]
}

function sortStreams({ streams, clients }: TopSnapshot, order: TopView['order']): StreamInfo[] {
  const lags = new Map<string, number>()
  for (const { url, lag_ms } of clients) {
    lags.set(url, Math.max(lags.get(url) ?? 0, lag_ms))
  }
  const weight = {
    out: ({ kbps }: StreamInfo) => kbps.send_30s,
    in: ({ kbps }: StreamInfo) => kbps.recv_30s,
    clients: (stream: StreamInfo) => stream.clients,
    lag: ({ url }: StreamInfo) => lags.get(url) ?? 0,
    name: () => 0,
  }[order]
  return streams.toSorted((one, other) => weight(other) - weight(one) || one.url.localeCompare(other.url))
}

function sortClients(clients: readonly ListedClient[], order: TopView['order']): ListedClient[] {
  const weight = {
    out: ({ kbps }: ListedClient) => kbps.send_30s,
    in: ({ kbps }: ListedClient) => kbps.recv_30s,
    clients: ({ alive }: ListedClient) => alive,
    lag: ({ lag_ms }: ListedClient) => lag_ms,
    name: () => 0,
  }[order]
  return clients.toSorted((one, other) => weight(other) - weight(one) || one.url.localeCompare(other.url))
}

function next<Value>(values: readonly Value[], present: Value): Value {
  return values[(values.indexOf(present) + 1) % values.length] ?? present
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`
}
