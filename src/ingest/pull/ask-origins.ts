import type { Denial, StreamRequest } from '../../live/index.ts'
import type { ServerHealth } from '../../net/index.ts'
import { type Upstream, UpstreamError } from './upstream.ts'

/** How long origins are asked about one viewer at most, ms. */
export const MAX_ASKING_MS = 10_000

/**
 * Asks the origins whether they would let a viewer play: as it would ask them itself. The first that answers counts; that it has no
 * such stream is no refusal.
 * @param origins who is preferred first
 * @returns null if it may
 */
export async function askOrigins(
  origins: readonly Upstream[],
  asked: StreamRequest,
  health: ServerHealth,
): Promise<Denial | null> {
  const signal = AbortSignal.timeout(MAX_ASKING_MS)
  const reasons: string[] = []
  for (const upstream of health.order(origins)) {
    try {
      const connection = await upstream.connect(asked, signal)
      health.work(upstream.server)
      await connection.close()
      return null
    } catch (error) {
      if (!(error instanceof UpstreamError)) {
        throw error
      }
      if (error.fault === 'refused') {
        return { allowed: false, link: 'edge', code: 'origin_refused', reason: error.message }
      }
      if (error.fault === 'not-found') {
        return null
      }
      health.fail(upstream.server)
      reasons.push(error.message)
    }
  }
  const reason = `no origin can be asked who may play: ${reasons.join('; ')}`
  return { allowed: false, link: 'edge', code: 'origin_unavailable', reason }
}
