import { decodePath, encodePath } from '../route.ts'

/** Other servers on one wall at most. */
export const MAX_WALL_SERVERS = 8

/** What the address bar asks of the wall. */
export type WallRoute = Readonly<{
  /** Path that streams are below, such as `/live`, `//example.com` or `//example.com/live`; '' for all. */
  choice: string
  /** Addresses of other servers whose streams are shown, too; each ends in a slash. */
  servers: readonly string[]
  /** What is given for a server, and is no address of one. */
  faults: readonly string[]
}>

/**
 * Reads `#/wall`, `#/wall/live` and `#/wall?server=http://host:8081`. An application of the name `wall` has its streams on the page as
 * all others, since the page's own links say how they are played (`?via=`).
 * @returns null if the hash does not ask for the wall
 */
export function parseWallRoute(hash: string): WallRoute | null {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2)
  const parameters = new URLSearchParams(query)
  const match = /^\/wall(\/.*)?$/.exec(path)
  if (match === null || parameters.has('via')) {
    return null
  }
  const given = [...new Set(parameters.getAll('server'))]
  const servers = given.map(serverBaseOf)
  return {
    choice: decodePath(match[1] ?? ''),
    servers: servers.filter((base) => base !== null).slice(0, MAX_WALL_SERVERS),
    faults: given.filter((_, index) => servers[index] === null),
  }
}

/** The hash that leads to a wall; the inverse of `parseWallRoute`. */
export function formatWallRoute({ choice, servers }: Pick<WallRoute, 'choice' | 'servers'>): string {
  const query = servers.map((base) => `server=${readable(encodeURIComponent(base))}`).join('&')
  return `#/wall${encodePath(choice)}${query === '' ? '' : `?${query}`}`
}

/** Whether a stream is below the path that was chosen. */
export function isChosen(path: string, choice: string): boolean {
  return choice === '' || path === choice || path.startsWith(`${choice}/`)
}

/** The path above a stream: its virtual host, if it has one, and its application. */
export function groupOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

function serverBaseOf(given: string): string | null {
  const url = URL.parse(given)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return null
  }
  // No names, no passwords: what asks there is told nothing about who asks.
  return new URL(`${url.pathname.replace(/\/*$/, '')}/`, url.origin).href
}

/** These two may stand in a query as they are (RFC 3986, section 3.4). */
function readable(encoded: string): string {
  return encoded.replaceAll('%3A', ':').replaceAll('%2F', '/')
}
