import { type Signal, signal } from '@preact/signals'
import type { JSX } from 'preact'

type Notice = Readonly<{ id: number; level: 'good' | 'bad'; text: string }>

const SHOWN_MS = 6_000
const notices: Signal<readonly Notice[]> = signal([])
let lastId = 0

/** Tells, for some seconds, what became of something the person did. */
export function notify(level: Notice['level'], text: string): void {
  const notice = { id: ++lastId, level, text }
  notices.value = [...notices.value, notice]
  setTimeout(() => {
    notices.value = notices.value.filter((each) => each !== notice)
  }, SHOWN_MS)
}

/** Where notices are shown, and read out. */
export function Notices(): JSX.Element {
  return (
    <div class="notices" role="status">
      {notices.value.map(({ id, level, text }) => (
        <div key={id} class="notice" data-level={level}>
          {text}
        </div>
      ))}
    </div>
  )
}
