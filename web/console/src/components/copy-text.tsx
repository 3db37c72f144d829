import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { copyText } from '../../../src/clipboard.ts'
import { Icon } from './icon.tsx'

const CONFIRMATION_MS = 1_800

/** A text to take away: its label, itself, and a button that copies it. */
export function CopyText(props: { label: string; text: string }): JSX.Element {
  const [said, setSaid] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setSaid(''), CONFIRMATION_MS)
    return () => clearTimeout(timer)
  }, [said])
  const copy = async (): Promise<void> => {
    setSaid((await copyText(props.text)) ? 'Copied' : 'Select and copy it')
  }
  return (
    <div class="copy">
      <span class="copy-label">{props.label}</span>
      <code>{props.text}</code>
      <button
        type="button"
        class="btn btn-quiet"
        aria-label={`Copy ${props.label}`}
        title="Copy"
        onClick={() => void copy()}
      >
        <Icon name={said === 'Copied' ? 'check' : 'copy'} />
      </button>
      <output class="visually-hidden">{said}</output>
    </div>
  )
}
