import type { JSX } from 'preact'
import { formatAudioDetail, formatCodecName, formatSize, formatVideoCodec } from '../../../src/format.ts'
import { formatRoute, labelOf, pathOfStream } from '../../../src/route.ts'
import { playUrls } from '../../../src/urls.ts'
import type { ConsoleStream } from '../api/answers.ts'
import { CopyText } from '../components/copy-text.tsx'
import { DataTable } from '../components/data-table.tsx'
import { Figure, Tile, Tiles, Verdict } from '../components/figures.tsx'
import { Icon } from '../components/icon.tsx'
import { KickButton } from '../components/kick.tsx'
import { NotAllListed } from '../components/not-all-listed.tsx'
import { Plot } from '../components/plot.tsx'
import { Unavailable } from '../components/unavailable.tsx'
import { useWatch } from '../components/use-watch.ts'
import { Loading, Panel, View } from '../components/view.tsx'
import { mediaBase, rtmpOrigins, server, siteBase } from '../console.ts'
import { playersOf, STREAM_COLUMNS } from '../data/histories.ts'
import { bitRate, byteCount, count, counted, frameRate, milliseconds, type Quantity } from '../format.ts'
import { findFaults, verdict } from '../health.ts'
import { hrefOfView } from '../route.ts'
import { STREAM_CLIENT_COLUMNS } from './client-columns.tsx'

/** One stream: how it does, who is there. */
export function StreamView({ path }: { path: string }): JSX.Element {
  const streams = server.streams.value
  const stream = find(streams, path)
  const back = (
    <a class="btn btn-sm btn-secondary" href={hrefOfView('streams')}>
      All streams
    </a>
  )
  if (stream === undefined) {
    return (
      <View title={labelOf(path)} actions={back}>
        {streams === null ? (
          <Loading />
        ) : (
          <p class="nothing card panel">
            There is no such stream at the moment. It appears here as soon as somebody publishes it.
          </p>
        )}
      </View>
    )
  }
  const { level, short } = verdict(stream)
  return (
    <View
      title={labelOf(path)}
      detail={<Verdict level={level}>{short}</Verdict>}
      actions={
        <>
          <a class="btn btn-sm btn-primary" href={`${siteBase}${formatRoute(path, 'flv')}`}>
            <Icon name="play" />
            Watch
          </a>
          {stream.publish.active && stream.publish.cid !== undefined && (
            <KickButton
              id={stream.publish.cid}
              who={`the publisher of ${labelOf(path)}`}
              consequence="Players wait for it to come back. Most encoders connect again by themselves."
              label="Disconnect publisher"
            />
          )}
          {back}
        </>
      }
    >
      <Numbers stream={stream} />
      <StreamPlots stream={stream} />
      <div class="columns">
        <Health stream={stream} />
        <Addresses path={path} />
      </div>
      <StreamClients stream={stream} />
    </View>
  )
}

/** The one that is published, if a path has several entries. */
function find(streams: readonly ConsoleStream[] | null, path: string): ConsoleStream | undefined {
  const found = (streams ?? []).filter((stream) => pathOfStream(stream.url) === path)
  return found.find((stream) => stream.publish.active) ?? found[0]
}

function Numbers({ stream }: { stream: ConsoleStream }): JSX.Element {
  const { video, audio, health } = stream
  // Read, so that rates are drawn anew.
  server.drawn.value
  const series = server.histories.of(stream.id)?.series
  const latest = (column: number): number | null => series?.latest(column) ?? null
  const size = video === null ? '' : formatSize(video.width, video.height)
  return (
    <Tiles of="stream">
      <Tile label="Players" quantity={count(playersOf(stream))} />
      <Tile
        label="In"
        tone={1}
        quantity={bitRate(latest(STREAM_COLUMNS.received))}
        note={`${sum(stream.recv_bytes)} so far`}
      />
      <Tile
        label="Out"
        tone={2}
        quantity={bitRate(latest(STREAM_COLUMNS.sent))}
        note={`${sum(stream.send_bytes)} so far`}
      />
      <Tile
        label="Video"
        quantity={{ value: video === null ? 'none' : formatCodecName(video.codec), unit: '' }}
        note={size}
      />
      <Tile
        label="Frame rate"
        quantity={frameRate(health?.frame_rate ?? null)}
        note={video === null ? '' : formatVideoCodec(video)}
      />
      <Tile
        label="Audio"
        quantity={{ value: audio?.codec ?? 'none', unit: '' }}
        note={formatAudioDetail(audio)}
      />
    </Tiles>
  )
}

function sum(bytes: number): string {
  const { value, unit } = byteCount(bytes)
  return `${value} ${unit}`
}

function StreamPlots({ stream }: { stream: ConsoleStream }): JSX.Element | null {
  const series = server.histories.of(stream.id)?.series
  if (series === undefined) {
    return null
  }
  return (
    <div class="plots">
      <Plot
        title="Bit rate"
        series={series}
        lines={[
          { label: 'in', column: STREAM_COLUMNS.received, tone: 1 },
          { label: 'out', column: STREAM_COLUMNS.sent, tone: 2 },
        ]}
        format={bitRate}
        top={1_000_000}
      />
      <Plot
        title="Players"
        series={series}
        lines={[{ label: 'players', column: STREAM_COLUMNS.players, tone: 2 }]}
        format={count}
        top={4}
      />
      <Plot
        title="Frame rate"
        series={series}
        lines={[{ label: 'video', column: STREAM_COLUMNS.frameRate, tone: 3 }]}
        format={frameRate}
        top={30}
      />
    </div>
  )
}

function Health({ stream }: { stream: ConsoleStream }): JSX.Element {
  const { health } = stream
  const faults = findFaults(stream)
  const rows: readonly (readonly [string, Quantity])[] = [
    ['Frame rate', frameRate(health?.frame_rate ?? null)],
    ['Keyframes every', milliseconds(health?.keyframe_interval_ms ?? null)],
    ['Arrival jitter', milliseconds(health?.jitter_ms ?? null)],
    ['Sound ahead', milliseconds(health?.av_skew_ms ?? null)],
  ]
  return (
    <Panel title="Publisher" detail={stream.publish.active ? stream.tcUrl : 'nobody at the moment'}>
      <dl class="facts">
        {rows.map(([name, quantity]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Figure {...quantity} />
            </dd>
          </div>
        ))}
      </dl>
      <ul class="list">
        {(faults.length === 0 ? [verdict(stream)] : faults).map(({ level, long }) => (
          <li key={long}>
            <Verdict level={level}>{long}</Verdict>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Addresses({ path }: { path: string }): JSX.Element {
  const { rtmp, rtmps, flv, ws, m3u8 } = playUrls(path, rtmpOrigins.value, mediaBase.value)
  return (
    <Panel title="Play it" detail={<a href={`${siteBase}${formatRoute(path, 'flv')}`}>on the page</a>}>
      {rtmp !== null && <CopyText label="RTMP" text={rtmp} />}
      {rtmps !== null && <CopyText label="RTMPS" text={rtmps} />}
      <CopyText label="HTTP-FLV" text={flv} />
      <CopyText label="WebSocket-FLV" text={ws} />
      <CopyText label="HLS" text={m3u8} />
    </Panel>
  )
}

function StreamClients({ stream }: { stream: ConsoleStream }): JSX.Element {
  const clients = server.clientsOf(stream.id)
  const listing = useWatch(clients)
  return (
    <Panel title="Clients" detail={listing === null ? '' : count(listing.total).value}>
      <Unavailable resource={clients} what="clients" />
      {listing !== null && (
        <>
          <DataTable
            caption={counted(listing.entries.length, 'client')}
            columns={STREAM_CLIENT_COLUMNS}
            rows={listing.entries}
            rowKey={(client) => client.id}
            sortedBy="role"
            empty="Nobody publishes or plays it."
          />
          <NotAllListed listing={listing} />
        </>
      )}
    </Panel>
  )
}
