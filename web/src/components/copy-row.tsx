import { type ComponentChildren, Fragment, type JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { copyText } from '../clipboard.ts'
import { Icon } from './icons.tsx'

const CONFIRMATION_MS = 1_800

type CopyOutcome = 'none' | 'copied' | 'failed'

const OUTCOME_TEXTS: Readonly<Record<CopyOutcome, string>> = {
  none: '',
  copied: 'Copied',
  failed: 'Select and copy it',
}

/** A text to take away: its label, itself, and a button that copies it. */
export function CopyRow(props: { label: string; text: string }): JSX.Element {
  const [outcome, setOutcome] = useState<CopyOutcome>('none')
  useEffect(() => {
    if (outcome === 'none') {
      return undefined
    }
    const timer = setTimeout(() => setOutcome('none'), CONFIRMATION_MS)
    return () => clearTimeout(timer)
  }, [outcome])
  const copy = async (): Promise<void> => {
    setOutcome((await copyText(props.text)) ? 'copied' : 'failed')
  }
  return (
    <div class="copy-row">
      <div>
        <span class="copy-label">{props.label}</span>
        <code class="copy-text">{breakable(props.text)}</code>
      </div>
      <button
        type="button"
        class="icon-button"
        data-outcome={outcome}
        aria-label={`Copy ${props.label}`}
        title="Copy"
        onClick={() => void copy()}
      >
        <Icon name={outcome === 'copied' ? 'check' : 'copy'} />
      </button>
      <output class={outcome === 'failed' ? 'copy-outcome' : 'visually-hidden'}>
        {OUTCOME_TEXTS[outcome]}
      </output>
    </div>
  )
}

/** The same text, to be wrapped between words, then after slashes, and within a word only if nothing else helps. */
function breakable(text: string): ComponentChildren {
  const words = text.split(' ').map((word, index) => (
    <Fragment key={index}>
      {index > 0 && ' '}
      <span class="copy-word">{afterSlashes(word)}</span>
    </Fragment>
  ))
  return words
}

function afterSlashes(word: string): ComponentChildren {
  return word.split(/(?<=[^/]\/)(?!\/)/).map((part, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ))
}
