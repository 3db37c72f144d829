import { silentLogger, systemClock } from '../../src/base/index.ts'
import { type HttpRouter, HttpServer } from '../../src/http/index.ts'
import { ConnectionLimits, defaultConnectionLimits, loadCredentials } from '../../src/net/index.ts'
import { makeCertificate } from './certificate.ts'
import type { Scope } from './server.ts'

/** Serves routes by HTTP, and by HTTPS with HTTP/2; returns the ports. Closed after the test. */
export async function serveRoutes(
  scope: Scope,
  router: HttpRouter,
): Promise<Readonly<{ http: number; https: number }>> {
  const limits = new ConnectionLimits(defaultConnectionLimits, systemClock)
  const server = new HttpServer({ logger: silentLogger, limits })
  scope.onTestFinished(() => server.close())
  const site = { routers: [router], roots: [], crossOrigin: true }
  const listen = async (credentials: Awaited<ReturnType<typeof loadCredentials>> | null): Promise<number> => {
    const { address } = await server.listen({ port: 0 }, { site, credentials, purpose: 'test' })
    return 'port' in address ? address.port : 0
  }
  return {
    http: await listen(null),
    https: await listen(await loadCredentials(await makeCertificate(scope), 'test')),
  }
}
