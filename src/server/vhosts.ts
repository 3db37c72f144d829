import type { ResolvedVhost } from '../control/index.ts'
import type { ForwardService, HlsRoutes } from '../delivery/index.ts'
import type { ExecService } from '../ffmpeg/index.ts'
import { parseStreamName, type StreamName, type StreamRegistry, type Vhosts } from '../live/index.ts'
import type { Edge } from './edge.ts'
import type { RtmpServer } from './rtmp-server.ts'

/** What has to be told when virtual hosts have changed. */
export type VhostUsers = Readonly<{
  registry: StreamRegistry
  hls: HlsRoutes
  forward: ForwardService
  exec: ExecService
  rtmp: readonly RtmpServer[]
  edge: Edge
}>

/**
 * What a program calls a stream, 'live/demo' or '//example.com/live/demo', with the virtual host that it gets.
 * @throws ProtocolError if `path` names no stream
 */
export function nameStream(vhosts: Vhosts<ResolvedVhost>, path: string): StreamName {
  const asked = parseStreamName(path)
  return { ...asked, vhost: vhosts.nameFor(asked.vhost) }
}

/**
 * Puts other virtual hosts in force, while the server runs. Each setting says itself how a change is taken; streams whose
 * virtual host is gone or switched off end, and nobody else is cut off. Can't fail: what can is done by `resolveVhosts`.
 * @param maxStreams of the settings that `next` was resolved from
 */
export function updateVhosts(
  vhosts: Vhosts<ResolvedVhost>,
  next: readonly ResolvedVhost[],
  { registry, hls, forward, exec, rtmp, edge }: VhostUsers,
  maxStreams: number | undefined,
): void {
  vhosts.replace(next)
  registry.update(maxStreams)
  hls.update()
  forward.update()
  exec.update()
  for (const server of rtmp) {
    server.update()
  }
  edge.update()
}
