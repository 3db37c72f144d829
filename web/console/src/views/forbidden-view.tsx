import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import { Icon } from '../components/icon.tsx'
import { server } from '../console.ts'

/** The server does not answer us, whatever we say. */
export function ForbiddenView(): JSX.Element {
  const state = server.link.state.value
  useEffect(() => {
    document.title = 'Forbidden · SRS console'
  }, [])
  return (
    <section class="card panel sign-in">
      <span class="hint-icon">
        <Icon name="refusals" />
      </span>
      <h1 tabIndex={-1}>Forbidden</h1>
      <p role="alert">
        The server does not answer from where you are, or not to who you are
        {state.kind === 'forbidden' && state.reason !== '' ? `: ${state.reason}` : '.'}
      </p>
      <p class="muted">Who may use the API is said in its configuration.</p>
      <div class="confirm-actions">
        <button type="button" class="btn btn-secondary" onClick={() => void server.link.retry()}>
          Ask again
        </button>
        {server.signedIn.value && (
          <button type="button" class="btn btn-primary" onClick={() => void server.signOut()}>
            Sign in as somebody else
          </button>
        )}
      </div>
    </section>
  )
}
