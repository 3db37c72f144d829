import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Envelope } from '../../../src/api/envelope.ts'
import type { ReloadPlan, SettingChange } from '../api/answers.ts'
import { server } from '../console.ts'
import { counted } from '../format.ts'
import { confirm } from './confirm-dialog.tsx'
import { notify } from './notices.tsx'
import { Panel } from './view.tsx'

type PlanAnswer = Envelope & Readonly<{ data: ReloadPlan }>

/** What became of the question: a plan, what was done by it, or why there is neither. */
type Outcome =
  | Readonly<{ kind: 'plan' | 'done'; plan: ReloadPlan }>
  | Readonly<{ kind: 'failure'; message: string }>

/** Reads the server's configuration again: first what that would do, then for good. */
export function ReloadPanel(): JSX.Element {
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const [busy, setBusy] = useState(false)
  const ask = async (kind: 'plan' | 'done'): Promise<void> => {
    setBusy(true)
    try {
      const { data } = await server.link.change(() =>
        kind === 'plan'
          ? server.api.get<PlanAnswer>('reload', 'data')
          : server.api.post<PlanAnswer>('reload', 'data'),
      )
      setOutcome({ kind, plan: data })
      if (kind === 'done') {
        notify('good', 'The configuration was read again.')
      }
    } catch (error) {
      setOutcome({ kind: 'failure', message: error instanceof Error ? error.message : String(error) })
    }
    setBusy(false)
  }
  const apply = ({ cut }: ReloadPlan): void =>
    confirm({
      title: 'Reload the configuration?',
      text:
        cut.length === 0
          ? 'Nobody is disconnected.'
          : `${counted(cut.length, 'client')} will be disconnected.`,
      action: 'Reload',
      onConfirm: () => void ask('done'),
    })
  return (
    <Panel title="Configuration">
      <p class="muted">
        The server can read its file again while it runs. See first what that would do: nothing is changed.
      </p>
      <div class="panel-actions">
        <button
          type="button"
          class="btn btn-sm btn-secondary"
          disabled={busy}
          onClick={() => void ask('plan')}
        >
          What would a reload do?
        </button>
        {outcome?.kind === 'plan' && changes(outcome.plan) && (
          <button
            type="button"
            class="btn btn-sm btn-primary"
            disabled={busy}
            onClick={() => apply(outcome.plan)}
          >
            Reload now
          </button>
        )}
      </div>
      <div aria-live="polite">
        {outcome?.kind === 'failure' && (
          <div class="alert alert-warning reload-message">{outcome.message}</div>
        )}
        {outcome !== null && outcome.kind !== 'failure' && <Plan {...outcome} />}
      </div>
    </Panel>
  )
}

function changes({ steps, atNextStart }: ReloadPlan): boolean {
  return atNextStart.length > 0 || steps.some(({ action }) => action !== 'keep')
}

function Plan({ kind, plan }: { kind: 'plan' | 'done'; plan: ReloadPlan }): JSX.Element {
  const steps = plan.steps.filter(({ action }) => action !== 'keep')
  if (!changes(plan)) {
    return (
      <p class="nothing">
        {kind === 'plan' ? 'Nothing: the file says what is in force.' : 'Nothing had changed.'}
      </p>
    )
  }
  return (
    <>
      <h3>{kind === 'plan' ? 'It would' : 'It did'}</h3>
      <ul class="list">
        {steps.map(({ component, action, changes: settings }) => (
          <li key={component}>
            <strong>{action}</strong> {component}
            <Settings changes={settings} />
          </li>
        ))}
        {plan.atNextStart.length > 0 && (
          <li>
            <strong>wait</strong> for the next start with
            <Settings changes={plan.atNextStart} />
          </li>
        )}
      </ul>
      <h3>Disconnected</h3>
      {plan.cut.length === 0 && <p class="nothing">Nobody.</p>}
      <ul class="list">
        {plan.cut.map(({ client, role, stream, reason }) => (
          <li key={client.id}>
            the {role} {client.address} of {stream}: <span class="muted">{reason}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Settings({ changes: list }: { changes: readonly SettingChange[] }): JSX.Element {
  return (
    <>
      {list.map(({ setting, before, after, effect }) => (
        <p key={setting}>
          <code>{setting}</code> {shown(before)} → {shown(after)} <span class="muted">{effect}</span>
        </p>
      ))}
    </>
  )
}

function shown(value: unknown): string {
  return value === null ? 'unset' : typeof value === 'string' ? value : JSON.stringify(value)
}
