import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { server } from '../console.ts'
import { duration } from '../format.ts'
import { Icon } from './icon.tsx'

/** Says that the server is gone, since when, and when it is asked again. */
export function Banner(): JSX.Element | null {
  const state = server.link.state.value
  return state.kind === 'gone' ? (
    <Gone since={state.since} retryAt={state.retryAt} reason={state.reason} />
  ) : null
}

function Gone({ since, retryAt, reason }: { since: number; retryAt: number; reason: string }): JSX.Element {
  const now = useNow()
  const wait = Math.ceil((retryAt - now) / 1000)
  return (
    <div class="alert alert-danger banner">
      <Icon name="gone" />
      <div class="banner-text">
        <strong role="alert">The server does not answer.</strong>{' '}
        <span title={reason}>
          What you see is {duration((now - since) / 1000)} old;{' '}
          {wait > 0 ? `asking again in ${wait} s` : 'asking again now'}.
        </span>
      </div>
      <button type="button" class="btn btn-sm btn-outline-danger" onClick={() => void server.link.retry()}>
        Ask now
      </button>
    </div>
  )
}

function useNow(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}
