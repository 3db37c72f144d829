import type { EdgeOptions } from '../../src/ingest/index.ts'
import { type Scope, startServer, type TestServer, type TestServerOptions } from './server.ts'

/** `host:port` of a URL. */
export function hostOf(url: string): string {
  return new URL(url).host
}

/** Starts an edge of these origins, `host:port` each. */
export function startEdge(
  scope: Scope,
  origins: readonly string[],
  edge: Partial<EdgeOptions> = {},
  options: TestServerOptions = {},
): Promise<TestServer> {
  const vhosts = { __defaultVhost__: { edge: { mode: 'remote', origins, ...edge } as const } }
  return startServer(scope, { vhosts, ...options })
}
