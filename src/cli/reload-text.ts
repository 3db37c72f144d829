import type { CutClient, ReloadPlan, SettingChange } from '../server/index.ts'
import { printable } from './printable.ts'

/** A plan as lines for people. */
export function formatReloadPlan({ steps, cut, atNextStart }: ReloadPlan): string {
  const changed = steps.filter(({ action }) => action !== 'keep')
  const kept = steps.length - changed.length
  const lines = changed.flatMap(({ action, component, changes }) => [
    `${action.padEnd(8)} ${component}`,
    ...changes.map((change) => `         ${formatChange(change)}, ${change.effect}`),
  ])
  const parts = kept === 1 ? '1 part' : `${kept} parts`
  lines.push(changed.length === 0 ? 'Nothing changes.' : `keep     ${parts}`)
  if (cut.length > 0) {
    lines.push(`Disconnected: ${cut.length}`, ...cut.map((client) => `         ${formatCut(client)}`))
  } else if (changed.length > 0) {
    lines.push('Nobody is disconnected.')
  }
  if (atNextStart.length > 0) {
    lines.push('At the next start:', ...atNextStart.map((change) => `         ${formatChange(change)}`))
  }
  return `${lines.map(printable).join('\n')}\n`
}

/** e.g. `hls.windowMs: 6000 becomes 12000`. */
function formatChange({ setting, before, after }: SettingChange): string {
  return `${setting}: ${formatValue(before)} becomes ${formatValue(after)}`
}

function formatCut({ client, role, stream, reason }: CutClient): string {
  const verb = role === 'publisher' ? 'publishes' : 'plays'
  return `${client.id} (${client.protocol} from ${client.address}) ${verb} ${stream}: ${reason}`
}

function formatValue(value: unknown): string {
  return value === null
    ? 'nothing'
    : typeof value === 'string'
      ? value
      : (JSON.stringify(value) ?? String(value))
}
