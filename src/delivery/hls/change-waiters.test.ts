import { describe, expect, it } from 'vitest'
import { ChangeWaiters } from './change-waiters.ts'

describe('ChangeWaiters', () => {
  it('wakes everybody at a change, once', async () => {
    const waiters = new ChangeWaiters()
    const both = Promise.all([waiters.wait(), waiters.wait(new AbortController().signal)])
    expect(waiters.size).toBe(2)
    waiters.resolveAll()
    await both
    expect(waiters.size).toBe(0)
  })

  it('tells everybody that nothing will come', async () => {
    const waiters = new ChangeWaiters()
    const wait = waiters.wait()
    const reason = new Error('over')
    waiters.rejectAll(reason)
    await expect(wait).rejects.toBe(reason)
    expect(waiters.size).toBe(0)
  })

  it('lets go of one who gave up, with the reason', async () => {
    const waiters = new ChangeWaiters()
    const abort = new AbortController()
    const wait = waiters.wait(abort.signal)
    const reason = new Error('gave up')
    abort.abort(reason)
    await expect(wait).rejects.toBe(reason)
    expect(waiters.size).toBe(0)
    await expect(waiters.wait(abort.signal)).rejects.toBe(reason)
    expect(waiters.size).toBe(0)
  })
})
