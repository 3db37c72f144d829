import type { JSX } from 'preact'
import { Loading, Panel, View } from '../components/view.tsx'
import { server } from '../console.ts'
import { duration, memory, percent, text } from '../format.ts'

/** What runs here. */
export function ServerView(): JSX.Element {
  const summary = server.summary.value.value
  if (summary === null) {
    return (
      <View title="Server">
        <Loading />
      </View>
    )
  }
  const { self, system } = summary
  const rows: readonly (readonly [string, string])[] = [
    ['Version', self.version],
    ['Started as', self.argv],
    ['In folder', self.cwd],
    ['Process', String(self.pid)],
    ['Up for', duration(self.srs_uptime)],
    ['Memory', `${text(memory(self.mem_kbyte / 1024))}`],
    ['Machine up for', duration(system.uptime)],
    ['Processors', String(system.cpus_online)],
    ['Load', [system.load_1m, system.load_5m, system.load_15m].map((load) => load.toFixed(2)).join(', ')],
    [
      'Memory of the machine',
      `${text(memory(system.mem_ram_kbyte / 1024))}, ${text(percent(system.mem_ram_percent))} used`,
    ],
  ]
  return (
    <View title="Server">
      <Panel title="Process">
        <dl class="facts facts-wide">
          {rows.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </Panel>
    </View>
  )
}
