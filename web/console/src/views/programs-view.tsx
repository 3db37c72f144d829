import type { JSX } from 'preact'
import type { ProgramInfo } from '../api/answers.ts'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Figure, Verdict } from '../components/figures.tsx'
import { NotAllListed } from '../components/not-all-listed.tsx'
import { Unavailable } from '../components/unavailable.tsx'
import { useWatch } from '../components/use-watch.ts'
import { Loading, View } from '../components/view.tsx'
import { server } from '../console.ts'
import { bitRate, count, counted, duration, frameRate, type Quantity, UNKNOWN } from '../format.ts'
import type { Level } from '../health.ts'
import { findProgramFault } from '../program-health.ts'
import { hrefOfStream } from '../route.ts'

const LEVELS: Readonly<Record<string, Level>> = { running: 'good' }
const DEFAULT_VHOST = '__defaultVhost__'

const COLUMNS: readonly Column<ProgramInfo>[] = [
  {
    key: 'name',
    title: 'Program',
    sortBy: (program) => `${labelOfStream(program)} ${program.kind} ${program.name}`,
    cell: (program) => (
      <>
        {program.kind} {program.name} <span class="muted">of</span>{' '}
        <a class="row-link" href={hrefOfStream(urlOf(program))}>
          {labelOfStream(program)}
        </a>
        {program.output !== '' && <span class="row-note muted">{program.output}</span>}
        {program.log_file !== null && <span class="row-note muted">{program.log_file}</span>}
      </>
    ),
  },
  {
    key: 'why',
    title: 'State',
    sortBy: ({ state }) => state,
    cell: (program) => <State program={program} />,
  },
  {
    key: 'since',
    title: 'For',
    numeric: true,
    sortBy: ({ since_ms }) => -since_ms,
    cell: ({ since_ms }) => duration((server.clock.now() - since_ms) / 1000),
  },
  {
    key: 'fps',
    title: 'Frames',
    numeric: true,
    sortBy: ({ progress }) => progress?.fps ?? 0,
    cell: ({ progress }) => <Figure {...frameRate(progress?.fps ?? null)} />,
  },
  {
    key: 'speed',
    title: 'Speed',
    numeric: true,
    sortBy: ({ progress }) => progress?.speed ?? 0,
    cell: ({ progress }) => <Figure {...speed(progress?.speed ?? null)} />,
  },
  {
    key: 'rate',
    title: 'Bit rate',
    numeric: true,
    sortBy: ({ progress }) => progress?.kbps ?? 0,
    cell: ({ progress }) => <Figure {...bitRate(bitsOf(progress))} />,
  },
  {
    key: 'starts',
    title: 'Starts',
    numeric: true,
    sortBy: ({ starts }) => starts,
    cell: ({ starts }) => <Figure {...count(starts)} />,
  },
  {
    key: 'failures',
    title: 'Failures',
    numeric: true,
    sortBy: ({ failures }) => failures,
    cell: ({ failures, stalls }) => (
      <>
        <Figure {...count(failures)} />
        {stalls > 0 && <span class="row-note muted">{count(stalls).value} stood still</span>}
      </>
    ),
  },
]

/** FFmpeg and other programs that the server runs. */
export function ProgramsView(): JSX.Element {
  const listing = useWatch(server.programs)
  return (
    <View title="Programs" detail={listing?.total ?? ''}>
      <Unavailable resource={server.programs} what="programs" />
      {listing === null && server.programs.failure.value === null && <Loading />}
      {listing !== null && (
        <div class="card panel programs">
          <DataTable
            caption={counted(listing.total, 'program')}
            columns={COLUMNS}
            rows={listing.entries}
            rowKey={(program) => program.id}
            sortedBy="name"
            empty="No program runs beside this server (transcode, ingest, exec)."
          />
          <NotAllListed listing={listing} />
        </div>
      )}
    </View>
  )
}

/** What it does, in a word, and what was wrong with it the last time. */
function State({ program }: { program: ProgramInfo }): JSX.Element {
  const { state, last_error } = program
  const fault = findProgramFault(program, server.clock.now())
  if (fault !== null) {
    return (
      <Verdict level={fault.level}>
        {fault.short}
        <span class="row-note">{last_error ?? fault.long}</span>
      </Verdict>
    )
  }
  return (
    <Verdict level={LEVELS[state] ?? 'idle'}>
      {state}
      {last_error !== null && <span class="row-note muted">before: {last_error}</span>}
    </Verdict>
  )
}

/** A stream's `url` in the API. */
function urlOf({ vhost, stream }: ProgramInfo): string {
  return vhost === DEFAULT_VHOST ? `/${stream}` : `${vhost}/${stream}`
}

function labelOfStream(program: ProgramInfo): string {
  return urlOf(program).replace(/^\//, '')
}

function bitsOf(progress: ProgramInfo['progress']): number | null {
  const kilobits = progress?.kbps ?? null
  return kilobits === null ? null : kilobits * 1000
}

/** `1.02 ×`: media for each second that goes by. */
function speed(value: number | null): Quantity {
  return value === null ? { value: UNKNOWN, unit: '' } : { value: value.toFixed(2), unit: '×' }
}
