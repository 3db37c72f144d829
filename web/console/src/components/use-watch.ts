import { useEffect } from 'preact/hooks'
import { server } from '../console.ts'
import type { Resource } from '../data/resource.ts'

/** Keeps something fresh as long as the component is shown, and gives it: null before the first answer. */
export function useWatch<T>(resource: Resource<T>): T | null {
  useEffect(() => server.watch(resource), [resource])
  return resource.value.value
}
