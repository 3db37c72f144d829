import { hostname } from 'node:os'
import type { HttpRequest } from '../../http/index.ts'

/** Which pages are this server's own, or as good as that. */
export type OwnPages = Readonly<{
  /** Origins that the settings name, e.g. 'https://console.example.com'. */
  trustedOrigins: readonly string[]
  /** Ports this server listens on: a page of another port of the same host is its own. */
  ports: ReadonlySet<number>
  /** Names this server is known by beside addresses and `localhost`: of virtual hosts. */
  hosts: readonly string[]
}>

/**
 * Whether a page that is not this server's makes a browser send the request, or may do so: programs say nothing of where they come
 * from, browsers do, and nothing that a page does makes them say another's name. Why it is taken for that; null if it is not.
 *
 * What browsers tell: `Origin` with every request but reading ones (Fetch standard, 3.2); else `Referer`, unless the page keeps it
 * back; `Sec-Fetch-Site` where the server's address is trustworthy (Fetch Metadata), which a LAN address without TLS is not; and
 * always a `User-Agent` that begins with Mozilla.
 */
export function foreignPageOf(request: HttpRequest, own: OwnPages): string | null {
  const { origin, referer, 'sec-fetch-site': site, 'user-agent': agent = '' } = request.headers
  if (origin !== undefined || referer !== undefined) {
    const page = originOf(origin ?? referer ?? '')
    return isOwn(page, request, own)
      ? null
      : `the page is of ${page?.origin ?? 'an origin that is kept back'}`
  }
  if (site !== undefined) {
    return site === 'same-origin' || site === 'none' ? null : `the page is of another site (${String(site)})`
  }
  return agent.startsWith('Mozilla/') ? 'a browser sends it that does not say for which page' : null
}

/**
 * Whether a browser sends the request under a host name that this server does not know: that may be a page whose name was made
 * to point here (DNS rebinding), for which it then is no foreign one.
 */
export function isUnknownHost({ headers, origin }: HttpRequest, own: OwnPages): boolean {
  const { 'user-agent': agent = '', 'sec-fetch-site': site, origin: page, referer } = headers
  const isBrowser =
    agent.startsWith('Mozilla/') || site !== undefined || page !== undefined || referer !== undefined
  const name = hostNameOf(origin)
  const isKnown =
    isAddress(name) ||
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === hostname().toLowerCase() ||
    own.hosts.includes(name) ||
    own.trustedOrigins.some((trusted) => hostNameOf(trusted) === name)
  return isBrowser && !isKnown
}

/** A proxy in front may speak TLS to the browser and none to us, so the scheme does not count. */
function isOwn(page: URL | null, { origin: asked }: HttpRequest, own: OwnPages): boolean {
  if (page === null) {
    return false
  }
  const here = originOf(asked)
  const isSameHost = here !== null && page.hostname === here.hostname
  return (
    own.trustedOrigins.includes(page.origin) ||
    (isSameHost && (page.host === here.host || own.ports.has(portOf(page))))
  )
}

/** Null for what names no origin: `null`, of a page whose origin is kept back. */
function originOf(text: string): URL | null {
  const url = URL.parse(text)
  return url === null || url.host === '' ? null : url
}

function portOf({ port, protocol }: URL): number {
  return port !== '' ? Number(port) : protocol === 'https:' ? 443 : 80
}

/** URLs have addresses in one form only, whatever was written: four numbers, or IPv6 in brackets. */
function isAddress(hostName: string): boolean {
  return hostName.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(hostName)
}

function hostNameOf(origin: string): string {
  return originOf(origin)?.hostname ?? ''
}
