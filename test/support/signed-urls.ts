import { type SignStreamUrlOptions, signStreamUrl, type TokenKey } from '../../src/control/index.ts'

/** The key that URLs are signed with now, and the one before it, whose URLs still hold. */
export const NEW_KEY: TokenKey = { id: 'k2', secret: 'the present secret of this server' }
export const OLD_KEY: TokenKey = { id: 'k1', secret: 'the secret before the present one' }

/** A key that was taken out. */
export const ROTATED_KEY: TokenKey = { id: 'k0', secret: 'a secret of former times, long gone' }

const HOUR_MS = 3_600_000

/** One way to sign a URL, and what the server says of it. */
export type SignedCase = Readonly<{
  name: string
  /** The code of the refusal; null if it is let in. */
  code: string | null
  /** What the client is told. */
  reason: string
  /** A URL of a stream of `live`, signed so. */
  sign: (url: string, action: 'publish' | 'play') => string
}>

function sign(url: string, action: 'publish' | 'play', changes: Partial<SignStreamUrlOptions> = {}): string {
  return signStreamUrl(url, { action, expires: Date.now() + HOUR_MS, key: NEW_KEY, ...changes })
}

/** The six outcomes, for clients that come from 127.0.0.1. */
export const SIGNED_CASES: readonly SignedCase[] = [
  {
    name: 'right',
    code: null,
    reason: '',
    sign: (url, action) => sign(url, action, { key: OLD_KEY, address: '127.0.0.0/8' }),
  },
  {
    name: 'expired',
    code: 'token_expired',
    reason: 'the signed URL has expired',
    sign: (url, action) => sign(url, action, { expires: Date.now() - HOUR_MS }),
  },
  {
    name: 'tampered with',
    code: 'token_signature',
    reason: 'the signature is of another URL',
    sign: (url, action) => sign(url, action).replace(/expires=(\d)/, 'expires=9$1'),
  },
  {
    name: 'of another stream',
    code: 'token_signature',
    reason: 'the signature is of another URL',
    sign: (url, action) => {
      const { search } = new URL(sign(url.replace('/live/', '/live/other-'), action))
      return `${url}${search}`
    },
  },
  {
    name: 'for another address',
    code: 'token_address',
    reason: 'the URL is signed for 192.0.2.7, and 127.0.0.1 uses it',
    sign: (url, action) => sign(url, action, { address: '192.0.2.7' }),
  },
  {
    name: 'signed with a key that was taken out',
    code: 'token_unknown_key',
    reason: 'the URL is signed with a key that is not known here',
    sign: (url, action) => sign(url, action, { key: ROTATED_KEY }),
  },
]

/** The signature in a URL. */
export function signatureOf(url: string): string {
  return new URL(url).searchParams.get('sig') ?? ''
}
