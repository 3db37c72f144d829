import type { JSX } from 'preact'
import { server } from '../console.ts'
import { confirm } from './confirm-dialog.tsx'
import { Icon } from './icon.tsx'
import { notify } from './notices.tsx'

/** A button that disconnects a client, after it was asked whether that is meant. */
export function KickButton(props: {
  id: string
  /** Who it is, for people: `the player 192.0.2.1`. */
  who: string
  /** What it means: `It may come back at once.` */
  consequence: string
  /** Says more than an icon. */
  label?: string
}): JSX.Element {
  const kick = async (): Promise<void> => {
    try {
      await server.kick(props.id)
      notify('good', `Disconnected ${props.who}.`)
    } catch (error) {
      notify('bad', `Could not disconnect ${props.who}: ${error instanceof Error ? error.message : error}`)
    }
  }
  const ask = (): void =>
    confirm({
      title: `Disconnect ${props.who}?`,
      text: props.consequence,
      action: 'Disconnect',
      onConfirm: () => void kick(),
    })
  return (
    <button
      type="button"
      class={`btn btn-sm btn-outline-danger kick ${props.label === undefined ? 'kick-small' : ''}`}
      onClick={ask}
      aria-label={props.label === undefined ? `Disconnect ${props.who}` : undefined}
      title={props.label === undefined ? 'Disconnect' : undefined}
    >
      <Icon name="kick" />
      {props.label}
    </button>
  )
}
