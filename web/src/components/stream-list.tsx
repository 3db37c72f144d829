import type { JSX } from 'preact'
import { formatBitRate, formatViewers } from '../format.ts'
import { formatRoute, labelOf, pathOfStream } from '../route.ts'
import { currentVia, listRefusal, liveStreams, reachable, selection, streams } from '../store.ts'
import { countViewers, type StreamInfo } from '../stream-feed.ts'
import { LockedList, lockedTitle } from './locked-list.tsx'

/** The server's streams, those on air first in the server's order. */
export function StreamList(): JSX.Element {
  const list = streams.value
  return (
    <section class="card" aria-labelledby="streams-title">
      <div class="card-head">
        <h2 id="streams-title">Live now</h2>
        <span class="count">{list === null ? '' : liveStreams.value.length}</span>
      </div>
      {list === null ? <NoRows /> : <Rows />}
    </section>
  )
}

function Rows(): JSX.Element {
  const offAir = (streams.value ?? []).filter((stream) => !stream.publish.active)
  const rows = [...liveStreams.value, ...offAir]
  if (rows.length === 0) {
    return <p class="empty">No streams yet. They appear here by themselves.</p>
  }
  return (
    <ul class="streams">
      {rows.map((stream) => (
        <Row key={stream.id} stream={stream} />
      ))}
    </ul>
  )
}

function Row({ stream }: { stream: StreamInfo }): JSX.Element {
  const path = pathOfStream(stream.url)
  const live = stream.publish.active
  return (
    <li>
      <a
        class="stream"
        href={formatRoute(path, currentVia.value)}
        aria-current={selection.value?.path === path ? 'true' : undefined}
      >
        <span class="dot" data-live={live && reachable.value === true} aria-hidden="true" />
        <span class="stream-name">{labelOf(path)}</span>{' '}
        <span class="stream-detail">{live ? describe(stream) : 'no publisher at the moment'}</span>
      </a>
    </li>
  )
}

function describe(stream: StreamInfo): string {
  const picture = stream.video === null ? 'audio only' : `${stream.video.height}p`
  const rate = stream.kbps.recv_30s > 0 ? formatBitRate(stream.kbps.recv_30s * 1000) : ''
  const media = stream.video === null && stream.audio === null ? 'starting' : picture
  return [media, rate, formatViewers(countViewers(stream))].filter(Boolean).join(' · ')
}

function NoRows(): JSX.Element {
  if (listRefusal.value !== null) {
    return selection.value === null ? (
      <p class="empty">The server does not tell.</p>
    ) : (
      <div class="locked">
        <p class="locked-title">{lockedTitle()}</p>
        <LockedList />
      </div>
    )
  }
  return (
    <div class="streams" aria-hidden="true">
      <div class="stream placeholder" />
    </div>
  )
}
