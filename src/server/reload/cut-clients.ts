import type { ResolvedVhost } from '../../control/index.ts'
import type { ClientInfo, Stream, VhostFinder } from '../../live/index.ts'
import type { CutClient } from './reload-plan.ts'

/** A client's part in a stream. */
type Part = Readonly<{ client: ClientInfo; role: CutClient['role']; stream: Stream }>

/**
 * Who is disconnected when these virtual hosts come into force: those whose virtual host is gone or switched off, viewers of HLS
 * where that is switched off, publishers whom nobody has watched for longer than is allowed then, and whoever shares an RTMP
 * connection with one of these.
 */
export function cutClients(streams: readonly Stream[], next: VhostFinder<ResolvedVhost>): CutClient[] {
  const parts = streams.flatMap(partsOf)
  const reasons = new Map<Part, string>()
  for (const part of parts) {
    const reason = reasonToCut(part, next.get(part.stream.name.vhost))
    if (reason !== null) {
      reasons.set(part, reason)
    }
  }
  const connections = new Set([...reasons.keys()].map(connectionOf).filter((id) => id !== null))
  return parts.flatMap((part) => {
    const connection = connectionOf(part)
    const shared =
      connection !== null && connections.has(connection) ? 'another stream of its connection ends' : null
    const reason = reasons.get(part) ?? shared
    const { client, role, stream } = part
    return reason === null ? [] : [{ client, role, stream: stream.key, reason }]
  })
}

function partsOf(stream: Stream): Part[] {
  const { publication } = stream
  const players = [...stream.viewers].map((client): Part => ({ client, role: 'player', stream }))
  return publication === null
    ? players
    : [{ client: publication.client, role: 'publisher', stream }, ...players]
}

/** The connection that ends with a part's stream; of HTTP/2 and HLS it is only the one request or viewer. */
function connectionOf({ client: { id, protocol } }: Part): string | null {
  return protocol === 'rtmp' ? id : null
}

function reasonToCut({ client, role, stream }: Part, vhost: ResolvedVhost | undefined): string | null {
  const { vhost: name } = stream.name
  if (vhost === undefined) {
    return `the virtual host ${name} is no more`
  }
  if (!vhost.enabled) {
    return `the virtual host ${name} is switched off`
  }
  if (client.protocol === 'hls' && vhost.hls === null) {
    return `HLS is switched off for ${name}`
  }
  const { unwatchedTimeoutMs } = vhost.streams
  const isUnwatched = unwatchedTimeoutMs > 0 && stream.unwatchedMs >= unwatchedTimeoutMs
  return role === 'publisher' && isUnwatched
    ? `nobody has played the stream for ${unwatchedTimeoutMs} ms (unwatchedTimeoutMs)`
    : null
}
