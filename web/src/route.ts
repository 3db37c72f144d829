/** The ways this page can play a stream. */
export type Via = 'flv' | 'ws' | 'hls'

/** Every `Via`, in the order they are offered. */
export const VIAS: readonly Via[] = ['flv', 'ws', 'hls']

/** Names of the ways, for people. */
export const VIA_NAMES: Readonly<Record<Via, string>> = {
  flv: 'HTTP-FLV',
  ws: 'WebSocket-FLV',
  hls: 'HLS',
}

/**
 * What the address bar asks for: the stream's path, such as `/live/demo`, or `//example.com/live/demo` in a virtual host other
 * than the default one, and the way to play it if it says so.
 */
export type Route = Readonly<{ path: string; via: Via | null }>

/**
 * Reads `#/live/demo?via=ws`.
 * @returns `null` if the hash names no stream (fewer than an application and a name)
 */
export function parseRoute(hash: string): Route | null {
  const [rawPath = '', query = ''] = hash.replace(/^#/, '').split('?', 2)
  const path = decodePath(rawPath)
  if (splitVhost(path).path.split('/').length < 3) {
    return null
  }
  const via = new URLSearchParams(query).get('via')
  return { path, via: isVia(via) ? via : null }
}

/** The hash that leads to a stream played in one way; the inverse of `parseRoute`. */
export function formatRoute(path: string, via: Via): string {
  return `#${encodePath(path)}?via=${via}`
}

/**
 * Percent-decodes each segment of a path, drops a query and empty segments, but for the one in front of a virtual host; a segment
 * that is not valid is kept as it is.
 */
export function decodePath(path: string): string {
  const [pathname = ''] = path.split('?', 1)
  const segments = pathname.split('/').filter((segment) => segment !== '')
  const decoded = segments.map((segment) => `/${decodeSegment(segment)}`).join('')
  return pathname.startsWith('//') ? `/${decoded}` : decoded
}

/**
 * The path of a stream by its `url` in the API, which begins with the virtual host if that is not the default one. Nothing in it is
 * encoded: a name may have `%` in it.
 */
export function pathOfStream(url: string): string {
  return url.startsWith('/') ? url : `//${url}`
}

/** Takes a path's virtual host from it; null is the default one. */
export function splitVhost(path: string): { vhost: string | null; path: string } {
  const match = /^\/\/([^/]+)(.*)$/.exec(path)
  return match === null ? { vhost: null, path } : { vhost: match[1] ?? null, path: match[2] ?? '' }
}

/**
 * A path as people read it: `live/demo`, `example.com/live/demo`. Without marks that turn the direction of what follows (Unicode UAX #9),
 * by which a name could seem to be another one.
 */
export function labelOf(path: string): string {
  return path.replace(/^\/+/, '').replace(/\p{Bidi_Control}/gu, '')
}

/** Percent-encodes each segment of a decoded path. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function isVia(value: string | null): value is Via {
  return VIAS.some((via) => via === value)
}
