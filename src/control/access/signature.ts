import { createHmac } from 'node:crypto'
import type { AccessAction } from './options.ts'

/** What a signed URL allows. */
export type SignedGrant = Readonly<{
  /** To publish or to play. */
  action: AccessAction
  /** The virtual host's name in the server's configuration; `__defaultVhost__` where there are none. */
  vhost: string
  /** Application, e.g. 'live'. */
  app: string
  /** The stream; null for every stream of the application. */
  stream: string | null
  /** When it ends, whole seconds since the Unix epoch. */
  expires: number
  /** The IP address or network that it is for; '' for any. */
  address: string
}>

/** Names of the parameters of a signed URL. */
export const TOKEN_PARAMETERS = {
  /** Whole seconds since the Unix epoch. */
  expires: 'expires',
  /** Id of the key. */
  key: 'key',
  /** IP address or network. */
  address: 'address',
  /** `app`: every stream of the application. */
  scope: 'scope',
  /** The signature. */
  signature: 'sig',
} as const

/** Value of the parameter `scope` for every stream of an application. */
export const APP_SCOPE = 'app'

/** First line of what is signed: other forms to come can't be taken for this one. */
const FORM = 'srs-url-1'

/**
 * The signature of a grant: HMAC-SHA-256 (RFC 2104) over lines of text, in 32 bytes. No part may have a line break, so that
 * no two grants read the same: names of streams and vhosts have no control characters.
 */
export function signGrant(grant: SignedGrant, secret: string): Buffer {
  const { action, vhost, app, stream, expires, address } = grant
  const subject = stream === null ? ['app', app] : ['stream', `${app}/${stream}`]
  const lines = [FORM, action, vhost, ...subject, String(expires), address]
  return createHmac('sha256', secret).update(lines.join('\n')).digest()
}
