import type { JSX } from 'preact'
import type { Summary } from '../api/answers.ts'
import { Verdict } from '../components/figures.tsx'
import { ReloadPanel } from '../components/reload-panel.tsx'
import { useWatch } from '../components/use-watch.ts'
import { Loading, Panel, View } from '../components/view.tsx'
import { rtmpOrigins, server, siteBase } from '../console.ts'
import { duration, memory, percent, text } from '../format.ts'

type Facts = readonly (readonly [name: string, value: string])[]

/** What runs here. */
export function ServerView(): JSX.Element {
  const summary = server.summary.value.value
  return (
    <View title="Server">
      {summary === null && <Loading rows={8} />}
      <div class="columns">
        <div class="stack">
          {summary !== null && (
            <Panel title="Process">
              <FactList facts={processFacts(summary)} />
            </Panel>
          )}
          <ReloadPanel />
        </div>
        <div class="stack">
          {summary !== null && (
            <Panel title="Machine">
              <FactList facts={machineFacts(summary)} />
            </Panel>
          )}
          <Abilities />
        </div>
      </div>
    </View>
  )
}

function processFacts({ self }: Summary): Facts {
  const { rtmp, rtmps } = rtmpOrigins.value
  return [
    ['Version', self.version],
    ['Up for', duration(self.srs_uptime)],
    ['Streams by', [rtmp, rtmps].filter((origin) => origin !== null).join(', ')],
    ['API', new URL('api/v1/', siteBase).href],
    ['Process', `${self.pid}, started by ${self.ppid}`],
    ['Memory', text(memory(self.mem_kbyte / 1024))],
    ['Command', self.argv],
    ['Folder', self.cwd],
  ]
}

function machineFacts({ system }: Summary): Facts {
  const loads = [system.load_1m, system.load_5m, system.load_15m]
  return [
    ['Up for', duration(system.uptime)],
    ['Processors', `${system.cpus_online}, ${text(percent(system.cpu_percent))} busy`],
    ['Load', `${loads.map((load) => load.toFixed(2)).join(', ')} (1, 5, 15 min)`],
    ['Memory', `${text(memory(system.mem_ram_kbyte / 1024))}, ${text(percent(system.mem_ram_percent))} used`],
  ]
}

/** What the server can do, in the words of SRS. */
function Abilities(): JSX.Element {
  const features = useWatch(server.features)
  const entries = Object.entries(features?.features ?? {}).toSorted(([, a], [, b]) => Number(b) - Number(a))
  return (
    <Panel title="Features" detail={features === null ? '' : `${features.options}, ${features.options2}`}>
      <ul class="abilities">
        {entries.map(([name, has]) => (
          <li key={name}>
            <Verdict level={has ? 'good' : 'idle'}>
              {name} <span class="visually-hidden">{has ? 'yes' : 'no'}</span>
            </Verdict>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function FactList({ facts }: { facts: Facts }): JSX.Element {
  return (
    <dl class="facts facts-wide">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
