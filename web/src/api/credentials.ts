/** Who the server is told it talks to. */
export type Credentials =
  | Readonly<{ kind: 'password'; user: string; password: string }>
  | Readonly<{ kind: 'token'; token: string }>

const KEY = 'srs-console-authorization'

/** The header `Authorization` of credentials: Basic (RFC 7617, in UTF-8) or Bearer (RFC 6750). */
export function authorizationOf(credentials: Credentials): string {
  if (credentials.kind === 'token') {
    return `Bearer ${credentials.token.trim()}`
  }
  const bytes = new TextEncoder().encode(`${credentials.user}:${credentials.password}`)
  return `Basic ${btoa(String.fromCharCode(...bytes))}`
}

/** Keeps the header as long as the tab is open, and nowhere else. */
export const kept: {
  read: () => string | null
  write: (authorization: string | null) => void
} = {
  read: () => {
    try {
      return sessionStorage.getItem(KEY)
    } catch {
      // Storage may be switched off; then the console asks after every reload.
      return null
    }
  },
  write: (authorization) => {
    try {
      if (authorization === null) {
        sessionStorage.removeItem(KEY)
      } else {
        sessionStorage.setItem(KEY, authorization)
      }
    } catch {
      // As above.
    }
  },
}
