import { decodePath, encodePath, pathOfStream } from '../../src/route.ts'

/** Names of the views, as the address bar has them, in the order of the navigation. */
export const VIEWS = [
  'overview',
  'streams',
  'clients',
  'vhosts',
  'relays',
  'programs',
  'refusals',
  'server',
] as const

/** A view of the navigation. */
export type ViewName = (typeof VIEWS)[number]

/** What the address bar asks for: a view, or one stream by its path. */
export type ConsoleRoute = Readonly<{
  view: ViewName | 'stream'
  /** Path of the stream, such as `/live/demo` or `//example.com/live/demo`; '' in other views. */
  path: string
  /** What the view is narrowed to, such as `stream=...`. */
  parameters: URLSearchParams
}>

/** Reads `#/clients?q=flv` or `#/stream/live/demo`; what is not known leads to the overview. */
export function parseConsoleRoute(hash: string): ConsoleRoute {
  const [address = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const parameters = new URLSearchParams(query)
  const slash = address.indexOf('/')
  const name = slash < 0 ? address : address.slice(0, slash)
  if (name === 'stream' && slash >= 0) {
    return { view: 'stream', path: decodePath(address.slice(slash)), parameters }
  }
  return { view: VIEWS.find((view) => view === name) ?? 'overview', path: '', parameters }
}

/** The hash that leads to a view. */
export function hrefOfView(view: ViewName, parameters: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams(parameters).toString()
  return `#/${view}${query === '' ? '' : `?${query}`}`
}

/** The hash that leads to a stream, by its `url` in the API. */
export function hrefOfStream(url: string): string {
  return `#/stream${encodePath(pathOfStream(url))}`
}
