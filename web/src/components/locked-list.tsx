import type { JSX } from 'preact'
import { decodePath, formatRoute, parseRoute } from '../route.ts'
import { currentVia, listRefusal } from '../store.ts'

/** Says why there is no list of streams, and what can be done: sign in, or name a stream. */
export function LockedList(): JSX.Element {
  return (
    <>
      {listRefusal.value === 'unauthorised' ? (
        <p>
          To see it, <a href="./console/">sign in at the console</a>, in this tab, and come back. A stream
          whose name you know plays without.
        </p>
      ) : (
        <p>The server does not tell it to this device. A stream whose name you know may play all the same.</p>
      )}
      <OpenStream />
    </>
  )
}

/** What the list of streams wants, or that it is not for us; for a heading. */
export function lockedTitle(): string {
  return listRefusal.value === 'unauthorised'
    ? 'The list of streams needs a password'
    : 'The list of streams is not for everybody'
}

function OpenStream(): JSX.Element {
  const open = (event: Event & { currentTarget: HTMLFormElement }): void => {
    event.preventDefault()
    const typed = String(new FormData(event.currentTarget).get('stream') ?? '').trim()
    const hash = formatRoute(decodePath(typed.startsWith('/') ? typed : `/${typed}`), currentVia.value)
    if (parseRoute(hash) !== null) {
      location.hash = hash
    }
  }
  return (
    <form class="open-stream" onSubmit={open}>
      <input
        name="stream"
        aria-label="Name of a stream"
        placeholder="live/demo"
        autocomplete="off"
        spellcheck={false}
        required
        pattern=".*[^\/]\/[^\/].*"
        title="Application and name, such as live/demo"
      />
      <button type="submit" class="button">
        Play
      </button>
    </form>
  )
}
