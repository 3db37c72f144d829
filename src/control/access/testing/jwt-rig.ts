import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { nodeHttp } from '../../../net/index.ts'
import { NOW_MS } from './access-rig.ts'

/** A key pair of an identity provider. */
export type SigningKey = Readonly<{ kid: string; algorithm: string; privateKey: CryptoKey; publicJwk: JWK }>

export async function makeSigningKey(kid: string, algorithm = 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
  return { kid, algorithm, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm } }
}

/** Claims, also wrong ones; undefined leaves one out. */
export type Claims = Readonly<Record<string, unknown>>

/** Claims that let `live/demo` be published and played for an hour. */
export const CLAIMS: Claims & { exp: number } = {
  stream: 'live/demo',
  actions: ['publish', 'play'],
  exp: NOW_MS / 1000 + 3600,
}

export function signToken(key: SigningKey, changes: Claims = {}, header: object = {}): Promise<string> {
  const claims = Object.entries({ ...CLAIMS, ...changes }).filter(([, value]) => value !== undefined)
  return new SignJWT(Object.fromEntries(claims))
    .setProtectedHeader({ alg: key.algorithm, kid: key.kid, ...header })
    .sign(key.privateKey)
}

/** A server of key sets, whose answer is in the test's hands. */
export class KeySetServer {
  /** How often it was asked. */
  asked = 0
  status = 200
  body: string
  readonly url: string
  readonly #close: () => Promise<void>

  private constructor(url: string, keys: readonly SigningKey[], close: () => Promise<void>) {
    this.url = url
    this.body = KeySetServer.bodyOf(keys)
    this.#close = close
  }

  static bodyOf(keys: readonly SigningKey[]): string {
    return JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) })
  }

  static async start(keys: readonly SigningKey[]): Promise<KeySetServer> {
    const server = nodeHttp.createServer((_request, response) => {
      made.asked++
      response.writeHead(made.status, { 'content-type': 'application/json', location: '/elsewhere' })
      response.end(made.body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const made = new KeySetServer(`http://127.0.0.1:${port}/jwks.json`, keys, async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    return made
  }

  close(): Promise<void> {
    return this.#close()
  }
}
