import type { JSX } from 'preact'
import { labelOf, pathOfStream } from '../../../src/route.ts'
import { Figure, Tile, Tiles, Verdict } from '../components/figures.tsx'
import { Plot } from '../components/plot.tsx'
import { PublishHint } from '../components/publish-hint.tsx'
import { useWatch } from '../components/use-watch.ts'
import { Loading, Panel, View } from '../components/view.tsx'
import { server } from '../console.ts'
import { playersOf, SERVER_COLUMNS } from '../data/histories.ts'
import {
  bitRate,
  count,
  counted,
  duration,
  memory,
  milliseconds,
  percent,
  text,
  timeOfDay,
} from '../format.ts'
import { findFaults } from '../health.ts'
import { findProgramFault } from '../program-health.ts'
import { hrefOfStream, hrefOfView } from '../route.ts'
import { numbered } from './refusals-view.tsx'

const SHOWN = 5

/** How the server does, at a glance. */
export function OverviewView(): JSX.Element {
  const streams = server.streams.value
  const isEmpty = streams !== null && !streams.some((stream) => stream.publish.active)
  return (
    <View title="Overview">
      <KeyNumbers />
      {isEmpty && <PublishHint />}
      <Plots />
      <div class="columns">
        <Attention />
        <Busiest />
      </div>
    </View>
  )
}

function KeyNumbers(): JSX.Element {
  const summary = server.summary.value.value
  const head = server.head.value
  // Read, so that rates are drawn anew.
  server.drawn.value
  const latest = (column: keyof typeof SERVER_COLUMNS): number | null =>
    server.history.series.latest(SERVER_COLUMNS[column])
  const system = summary?.system
  return (
    <Tiles of="server">
      <Tile label="Publishers" quantity={count(head?.publishers ?? null)} />
      <Tile label="Players" quantity={count(head?.players ?? null)} />
      <Tile label="In" tone={1} quantity={bitRate(latest('received'))} note="from publishers" />
      <Tile label="Out" tone={2} quantity={bitRate(latest('sent'))} note="to players, relays" />
      <Tile
        label="Processor"
        quantity={percent(summary?.self.cpu_percent ?? null)}
        note={system === undefined ? undefined : `of one of ${system.cpus_online}`}
      />
      <Tile
        label="Memory"
        quantity={memory(latest('memory'))}
        note={system === undefined ? undefined : `of ${text(memory(system.mem_ram_kbyte / 1024))}`}
      />
      <Tile label="Event loop" quantity={milliseconds(latest('loopDelay'))} note="late, p99" />
      <Uptime seconds={summary?.self.srs_uptime ?? null} />
    </Tiles>
  )
}

function Uptime({ seconds }: { seconds: number | null }): JSX.Element {
  const [value = '', unit = '', ...rest] = duration(seconds).split(' ')
  return <Tile label="Up for" quantity={{ value, unit }} note={rest.join(' ')} />
}

function Plots(): JSX.Element {
  const { series } = server.history
  const {
    received,
    sent,
    players,
    publishers,
    processCpu,
    systemCpu,
    loopUtilization,
    loopDelay,
    memory: used,
  } = SERVER_COLUMNS
  return (
    <div class="plots plots-server">
      <Plot
        title="Bit rate"
        series={series}
        lines={[
          { label: 'in', column: received, tone: 1 },
          { label: 'out', column: sent, tone: 2 },
        ]}
        format={bitRate}
        top={1_000_000}
      />
      <Plot
        title="Clients"
        series={series}
        lines={[
          { label: 'players', column: players, tone: 2 },
          { label: 'publishers', column: publishers, tone: 1 },
        ]}
        format={count}
        top={4}
      />
      <Plot
        title="Processor"
        series={series}
        lines={[
          { label: 'server', column: processCpu, tone: 1 },
          { label: 'machine', column: systemCpu, tone: 2 },
          { label: 'loop', column: loopUtilization, tone: 3 },
        ]}
        format={percent}
        top={0.2}
      />
      <Plot
        title="Event-loop delay"
        detail="99th percentile"
        series={series}
        lines={[{ label: 'late by', column: loopDelay, tone: 3 }]}
        format={milliseconds}
        top={10}
      />
      <Plot
        title="Memory"
        detail="resident"
        series={series}
        lines={[{ label: 'server', column: used, tone: 4 }]}
        format={memory}
        top={100}
      />
    </div>
  )
}

function Attention(): JSX.Element {
  const refusals = useWatch(server.refusals)
  const programs = useWatch(server.programs)?.entries ?? []
  const streams = server.streams.value
  const faults = (streams ?? []).flatMap((stream) =>
    findFaults(stream)
      .slice(0, 1)
      .map((fault) => ({ stream, fault })),
  )
  const now = server.clock.now()
  const failing = programs
    .flatMap((program) => {
      const fault = findProgramFault(program, now)
      return fault === null ? [] : [{ program, fault }]
    })
    .sort((a, b) => a.fault.level.localeCompare(b.fault.level))
  const recent = numbered(refusals).slice(0, SHOWN)
  return (
    <Panel
      title="Needs attention"
      detail={
        faults.length > SHOWN ? (
          <a href={hrefOfView('streams', { show: 'faults' })}>all {faults.length}</a>
        ) : (
          ''
        )
      }
      class="attention"
    >
      {streams === null && <Loading rows={2} />}
      {streams !== null && faults.length + failing.length + recent.length === 0 && (
        <p class="nothing">Nothing: publishers and programs do well, and nobody was refused.</p>
      )}
      <ul class="list">
        {failing.slice(0, SHOWN).map(({ program, fault }) => (
          <li key={program.id}>
            <Verdict level={fault.level}>
              <a href={hrefOfView('programs')}>
                {program.kind} {program.name} of {program.stream}
              </a>
              : {fault.short}
            </Verdict>
            <p>{fault.long}</p>
          </li>
        ))}
        {faults.slice(0, SHOWN).map(({ stream, fault }) => (
          <li key={stream.id}>
            <Verdict level={fault.level}>
              <a href={hrefOfStream(stream.url)}>{labelOf(pathOfStream(stream.url))}</a>
            </Verdict>
            <p>{fault.long}</p>
          </li>
        ))}
        {recent.map((refusal) => (
          <li key={refusal.number}>
            <Verdict level="idle">
              <a href={hrefOfView('refusals')}>
                {refusal.address} was refused to {refusal.action} {refusal.app}/{refusal.stream}
              </a>
            </Verdict>
            <p>
              {refusal.reason} <span class="muted">{timeOfDay(refusal.at_ms, now)}</span>
            </p>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Busiest(): JSX.Element {
  const streams = server.streams.value
  const busiest = (streams ?? []).toSorted((a, b) => playersOf(b) - playersOf(a)).slice(0, SHOWN * 2)
  return (
    <Panel
      title="Most watched"
      detail={<a href={hrefOfView('streams')}>{counted(streams?.length ?? 0, 'stream')}</a>}
    >
      {streams === null && <Loading rows={2} />}
      {streams?.length === 0 && <p class="nothing">No streams yet.</p>}
      <ul class="list">
        {busiest.map((stream) => (
          <li key={stream.id} class="list-line">
            <a href={hrefOfStream(stream.url)}>{labelOf(pathOfStream(stream.url))}</a>
            <span class="list-figure">{counted(playersOf(stream), 'player')}</span>
            <span class="list-figure">
              <Figure {...bitRate(stream.kbps.send_30s * 1000)} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
