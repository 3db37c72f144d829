import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon } from '../components/icon.tsx'
import { server } from '../console.ts'
import type { LinkState } from '../data/link.ts'

type Unauthorised = Extract<LinkState, { kind: 'unauthorised' }>

/** What to say of what was tried; null if nothing was. */
function faultOf({ tried, reason }: Unauthorised, kind: 'password' | 'token'): string | null {
  if (reason !== null) {
    return `The server says: ${reason}`
  }
  return tried ? `The server does not take that ${kind === 'token' ? 'token' : 'user and password'}.` : null
}

/** The server wants to know who asks. */
export function SignInView(): JSX.Element {
  const [kind, setKind] = useState<'password' | 'token'>('password')
  const [busy, setBusy] = useState(false)
  const first = useRef<HTMLInputElement>(null)
  const state = server.link.state.value
  const fault = state.kind === 'unauthorised' ? faultOf(state, kind) : null
  useEffect(() => {
    document.title = 'Sign in · SRS console'
    first.current?.focus()
  }, [kind])
  const submit = async (event: Event & { currentTarget: HTMLFormElement }): Promise<void> => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const field = (name: string): string => String(fields.get(name) ?? '')
    setBusy(true)
    await server.signIn(
      kind === 'token'
        ? { kind, token: field('token') }
        : { kind, user: field('user'), password: field('password') },
    )
    setBusy(false)
  }
  return (
    <form class="card panel sign-in" onSubmit={(event) => void submit(event)}>
      <span class="hint-icon">
        <Icon name="lock" />
      </span>
      <h1 tabIndex={-1}>Sign in</h1>
      <p class="muted">The API of {location.host} asks for a user or a token.</p>
      {fault !== null && (
        <div class="alert alert-danger" role="alert">
          {fault}
        </div>
      )}
      <fieldset class="choice">
        <legend class="visually-hidden">Sign in with</legend>
        {(['password', 'token'] as const).map((each) => (
          <label key={each}>
            <input type="radio" name="kind" checked={kind === each} onChange={() => setKind(each)} />
            {each === 'password' ? 'User and password' : 'Token'}
          </label>
        ))}
      </fieldset>
      {kind === 'password' ? (
        <>
          <label class="form-label" for="user">
            User
          </label>
          <input ref={first} id="user" name="user" class="form-control" autocomplete="username" required />
          <label class="form-label" for="password">
            Password
          </label>
          <input
            id="password"
            name="password"
            type="password"
            class="form-control"
            autocomplete="current-password"
          />
        </>
      ) : (
        <>
          <label class="form-label" for="token">
            Token
          </label>
          <input
            ref={first}
            id="token"
            name="token"
            type="password"
            class="form-control"
            autocomplete="off"
            required
          />
        </>
      )}
      <button type="submit" class="btn btn-primary" disabled={busy}>
        Sign in
      </button>
      <p class="muted small">It is kept until this tab is closed.</p>
    </form>
  )
}
