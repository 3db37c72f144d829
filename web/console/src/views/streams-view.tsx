import { type Signal, signal } from '@preact/signals'
import type { JSX } from 'preact'
import { formatCodecName, formatSize } from '../../../src/format.ts'
import { labelOf, pathOfStream } from '../../../src/route.ts'
import type { ConsoleStream } from '../api/answers.ts'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Figure, Verdict } from '../components/figures.tsx'
import { FilterChoice, FilterField, matches } from '../components/filter.tsx'
import { PublishHint } from '../components/publish-hint.tsx'
import { Loading, View } from '../components/view.tsx'
import { route, server } from '../console.ts'
import { playersOf } from '../data/histories.ts'
import { bitRate, count, counted, frameRate } from '../format.ts'
import { findFaults, type Level, verdict } from '../health.ts'
import { hrefOfStream, hrefOfView } from '../route.ts'

const CHOICES = {
  all: 'All streams',
  live: 'Being published',
  faults: 'With faults',
  idle: 'Without publisher',
} as const
type Choice = keyof typeof CHOICES

const filter: Signal<string> = signal('')

const LEVEL_ORDER: Readonly<Record<Level, number>> = { bad: 3, warn: 2, good: 1, idle: 0 }

const COLUMNS: readonly Column<ConsoleStream>[] = [
  {
    key: 'name',
    title: 'Stream',
    sortBy: (stream) => labelOf(pathOfStream(stream.url)),
    cell: (stream) => (
      <a class="row-link" href={hrefOfStream(stream.url)}>
        {labelOf(pathOfStream(stream.url))}
      </a>
    ),
  },
  {
    key: 'health',
    title: 'Publisher',
    sortBy: (stream) => -LEVEL_ORDER[verdict(stream).level],
    cell: (stream) => {
      const { level, short, long } = verdict(stream)
      return (
        <span title={long}>
          <Verdict level={level}>{short}</Verdict>
        </span>
      )
    },
  },
  {
    key: 'players',
    title: 'Players',
    numeric: true,
    sortBy: playersOf,
    cell: (stream) => <Figure {...count(playersOf(stream))} />,
  },
  {
    key: 'video',
    title: 'Video',
    sortBy: ({ video }) => (video === null ? '' : `${video.codec} ${String(video.height).padStart(5, '0')}`),
    cell: ({ video }) =>
      video === null ? (
        <span class="muted">none</span>
      ) : (
        <>
          {formatCodecName(video.codec)}{' '}
          <span class="muted picture-size">{formatSize(video.width, video.height)}</span>
        </>
      ),
  },
  {
    key: 'fps',
    title: 'Rate',
    numeric: true,
    minor: true,
    sortBy: ({ health }) => health?.frame_rate ?? -1,
    cell: ({ health, publish }) => (
      <Figure {...frameRate(publish.active ? (health?.frame_rate ?? null) : null)} />
    ),
  },
  {
    key: 'audio',
    title: 'Audio',
    minor: true,
    sortBy: ({ audio }) => audio?.codec ?? '',
    cell: ({ audio }) => (audio === null ? <span class="muted">none</span> : formatCodecName(audio.codec)),
  },
  {
    key: 'in',
    title: 'In',
    numeric: true,
    sortBy: ({ kbps }) => kbps.recv_30s,
    cell: ({ kbps }) => <Figure {...bitRate(kbps.recv_30s * 1000)} />,
  },
  {
    key: 'out',
    title: 'Out',
    numeric: true,
    sortBy: ({ kbps }) => kbps.send_30s,
    cell: ({ kbps }) => <Figure {...bitRate(kbps.send_30s * 1000)} />,
  },
]

/** Every stream there is. */
export function StreamsView(): JSX.Element {
  const streams = server.streams.value
  const choice = choiceOf(route.value.parameters.get('show'))
  const shown = (streams ?? []).filter(
    (stream) => isChosen(stream, choice) && matches(filter.value, textsOf(stream)),
  )
  return (
    <View
      title="Streams"
      detail={
        streams === null
          ? ''
          : shown.length === streams.length
            ? streams.length
            : `${shown.length} of ${streams.length}`
      }
      actions={
        <>
          <FilterField
            label="Filter streams"
            value={filter.value}
            onValue={(value) => (filter.value = value)}
          />
          <FilterChoice
            label="Which streams"
            value={choice}
            choices={CHOICES}
            onValue={(show) => location.replace(hrefOfView('streams', show === 'all' ? {} : { show }))}
          />
        </>
      }
    >
      {streams === null && <Loading rows={8} />}
      {streams?.length === 0 && <PublishHint />}
      {streams !== null && streams.length > 0 && (
        <div class="card panel">
          <DataTable
            caption={counted(shown.length, 'stream')}
            columns={COLUMNS}
            rows={shown}
            rowKey={(stream) => stream.id}
            sortedBy="name"
            empty="No stream is like that."
          />
        </div>
      )}
    </View>
  )
}

function choiceOf(name: string | null): Choice {
  return name !== null && name in CHOICES ? (name as Choice) : 'all'
}

function isChosen(stream: ConsoleStream, choice: Choice): boolean {
  switch (choice) {
    case 'all':
      return true
    case 'live':
      return stream.publish.active
    case 'idle':
      return !stream.publish.active
    case 'faults':
      return findFaults(stream).length > 0
  }
}

function textsOf({ url, video, audio }: ConsoleStream): string[] {
  const codecs = [video, audio].flatMap((track) =>
    track === null ? [] : [track.codec, formatCodecName(track.codec)],
  )
  const size = video === null ? [] : [`${video.width}x${video.height}`, `${video.height}p`]
  return [labelOf(pathOfStream(url)), ...codecs, ...size]
}
