import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiFailure, type ApiFailureKind } from '../../../src/api/api-client.ts'
import { Link } from './link.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function failing(kind: ApiFailureKind): () => Promise<never> {
  return () => Promise.reject(new ApiFailure(kind, kind))
}

describe('Link', () => {
  let probe: () => Promise<unknown>
  let hasCredentials = false
  let link: Link
  beforeEach(() => {
    probe = () => Promise.resolve()
    hasCredentials = false
    link = new Link({ probe: () => probe(), hasCredentials: () => hasCredentials })
  })
  const kind = (): string => link.state.value.kind

  it('is connecting at first, and online after an answer', async () => {
    expect(kind()).toBe('connecting')
    expect(await link.ask(() => Promise.resolve(7))).toBe(7)
    expect(kind()).toBe('online')
  })

  it('asks again by itself when the server is gone, later each time, until it is back', async () => {
    let probes = 0
    probe = () => {
      probes++
      return failing('gone')()
    }
    await expect(link.ask(failing('gone'))).rejects.toThrow(ApiFailure)
    expect(link.state.value).toMatchObject({ kind: 'gone', reason: 'gone' })
    await vi.advanceTimersByTimeAsync(1000)
    expect(probes).toBe(1)
    await vi.advanceTimersByTimeAsync(2000)
    expect(probes).toBe(2)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(probes).toBeLessThan(10)
    probe = () => Promise.resolve()
    await vi.advanceTimersByTimeAsync(15_000)
    expect(kind()).toBe('online')
  })

  it('counts questions that fail together as one failure, and remembers since when the server is gone', async () => {
    await Promise.allSettled([
      link.ask(failing('gone')),
      link.ask(failing('gone')),
      link.ask(failing('gone')),
    ])
    const first = link.state.value
    if (first.kind !== 'gone') {
      throw new Error(first.kind)
    }
    expect(first.retryAt - Date.now()).toBeLessThanOrEqual(1000)
    probe = failing('gone')
    await vi.advanceTimersByTimeAsync(1000)
    expect(link.state.value).toMatchObject({ kind: 'gone', since: first.since })
  })

  it('asks who it is, and says if that was wrong', async () => {
    await expect(link.ask(failing('unauthorised'))).rejects.toThrow()
    expect(link.state.value).toEqual({ kind: 'unauthorised', tried: false, reason: null })
    hasCredentials = true
    probe = failing('unauthorised')
    await link.retry()
    expect(link.state.value).toEqual({ kind: 'unauthorised', tried: true, reason: null })
    // Such as for too many wrong passwords.
    probe = failing('refused')
    await link.retry()
    expect(link.state.value).toEqual({ kind: 'unauthorised', tried: true, reason: 'refused' })
    probe = () => Promise.resolve()
    await link.retry()
    expect(kind()).toBe('online')
    hasCredentials = false
    link.forget()
    expect(kind()).toBe('connecting')
  })

  it('does not ask again where it is forbidden, unless it is told to', async () => {
    await expect(link.ask(failing('forbidden'))).rejects.toThrow()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(kind()).toBe('forbidden')
    await link.retry()
    expect(kind()).toBe('online')
  })

  it('goes on where only a change is forbidden', async () => {
    await link.ask(() => Promise.resolve())
    await expect(link.change(failing('forbidden'))).rejects.toThrow(ApiFailure)
    expect(kind()).toBe('online')
    await expect(link.change(failing('unauthorised'))).rejects.toThrow()
    expect(kind()).toBe('unauthorised')
  })

  it.each(['missing', 'refused'] as const)(
    'takes a server that says "%s" for one that is there',
    async (said) => {
      await expect(link.ask(failing(said))).rejects.toThrow()
      expect(kind()).toBe('online')
    },
  )
})
