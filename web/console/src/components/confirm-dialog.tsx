import { type Signal, signal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** What is asked before something is done that can't be undone. */
export type Question = Readonly<{
  title: string
  text: string
  /** What the button that does it says. */
  action: string
  onConfirm: () => void
}>

const question: Signal<Question | null> = signal(null)

/** Asks the person; nothing is done unless the answer is yes. */
export function confirm(asked: Question): void {
  question.value = asked
}

/** The dialogue of `confirm`. */
export function ConfirmDialog(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const asked = question.value
  useEffect(() => {
    if (asked !== null) {
      dialog.current?.showModal()
    }
  }, [asked])
  const answer = (isYes: boolean): void => {
    dialog.current?.close()
    if (isYes) {
      asked?.onConfirm()
    }
  }
  return (
    <dialog
      ref={dialog}
      class="confirm"
      aria-labelledby="confirm-title"
      aria-describedby="confirm-text"
      onClose={() => {
        question.value = null
      }}
    >
      <h2 id="confirm-title">{asked?.title}</h2>
      <p id="confirm-text">{asked?.text}</p>
      <div class="confirm-actions">
        <button type="button" class="btn btn-secondary" onClick={() => answer(false)}>
          Cancel
        </button>
        <button type="button" class="btn btn-danger" onClick={() => answer(true)}>
          {asked?.action}
        </button>
      </div>
    </dialog>
  )
}
