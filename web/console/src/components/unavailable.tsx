import type { JSX } from 'preact'
import type { Resource } from '../data/resource.ts'

/** Says that the server answers, but not this. */
export function Unavailable({
  resource,
  what,
}: {
  resource: Resource<unknown>
  what: string
}): JSX.Element | null {
  const failure = resource.failure.value
  if (failure === null || !['missing', 'refused'].includes(failure.kind)) {
    return null
  }
  return (
    <div class="alert alert-warning" role="alert">
      The server does not tell its {what}: {failure.message}
    </div>
  )
}
