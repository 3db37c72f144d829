import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createServerIdentity, silentLogger } from '../../base/index.ts'
import type { HookCall } from '../hooks/index.ts'
import { Heartbeat } from './heartbeat.ts'
import { defaultHeartbeatOptions, type HeartbeatOptions, resolveHeartbeat } from './options.ts'

const identity = createServerIdentity('vid-0v9872d')

describe('A heartbeat', () => {
  let calls: HookCall[]
  let finish: (() => void)[]
  let warnings: string[]
  let outcome: 'allowed' | 'unavailable'
  let isSystemSilent: boolean
  let heartbeat: Heartbeat

  beforeEach(() => {
    vi.useFakeTimers()
    calls = []
    finish = []
    warnings = []
    outcome = 'allowed'
    isSystemSilent = false
    heartbeat = new Heartbeat({
      identity,
      client: {
        call: async (call) => {
          calls.push(call)
          await new Promise<void>((resolve) => finish.push(resolve))
          return { outcome, status: null, reason: 'no answer' } as never
        },
      },
      summaries: async () => {
        if (isSystemSilent) {
          throw new Error('the system says nothing')
        }
        return { ok: true }
      },
      ports: () => ({ rtmp: ['1935'], api: ['127.0.0.1:1985'] }),
      logger: { ...silentLogger, warn: (_fields, message) => void warnings.push(message) },
    })
  })

  afterEach(() => {
    heartbeat.close()
    vi.useRealTimers()
  })

  function options(given: Partial<HeartbeatOptions> = {}): HeartbeatOptions {
    return { ...defaultHeartbeatOptions, intervalMs: 1000, ...given }
  }

  function bodies(): unknown[] {
    return calls.map(({ body }) => JSON.parse(body))
  }

  it('is sent for the first time after one interval, with the names of SRS in its order', async () => {
    heartbeat.use(options({ url: 'http://a.example/beat?x=1', deviceId: 'd1', deviceIp: '192.0.2.7' }))
    await vi.advanceTimersByTimeAsync(999)
    expect(calls).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(calls).toMatchObject([{ event: 'heartbeat', url: 'http://a.example/beat' }])
    expect(calls[0]?.body).toBe(
      `{"device_id":"d1","ip":"192.0.2.7","server":"vid-0v9872d","service":"${identity.serviceId}","pid":"${process.pid}"}`,
    )
  })

  it('tells the summaries and what is listened on if that is wanted', async () => {
    heartbeat.use(options({ summaries: true, ports: true }))
    await vi.advanceTimersByTimeAsync(1000)
    expect(bodies()).toMatchObject([
      { summaries: { data: { ok: true } }, rtmp: ['1935'], api: ['127.0.0.1:1985'] },
    ])
    expect(Object.keys(bodies()[0] as object)).toEqual(
      'device_id ip server service pid summaries rtmp api'.split(' '),
    )
  })

  it('is left out, and the log says so, when the system does not tell what is to be told', async () => {
    isSystemSilent = true
    heartbeat.use(options({ summaries: true }))
    await vi.advanceTimersByTimeAsync(1000)
    expect([calls.length, warnings]).toEqual([0, ['a heartbeat could not be sent']])
    isSystemSilent = false
    await vi.advanceTimersByTimeAsync(1000)
    expect(bodies()).toMatchObject([{ summaries: { data: { ok: true } } }])
  })

  it('gives an address of the machine if none is given', async () => {
    heartbeat.use(options({ network: 1000 }))
    await vi.advanceTimersByTimeAsync(1000)
    expect(bodies()).toMatchObject([{ ip: expect.stringMatching(/^[\d.]+$|:/) }])
  })

  it('waits for the one before, and says so in the log if that was not taken', async () => {
    outcome = 'unavailable'
    heartbeat.use(options())
    await vi.advanceTimersByTimeAsync(3000)
    expect(calls).toHaveLength(1)
    finish.shift()?.()
    await vi.advanceTimersByTimeAsync(1000)
    expect(calls).toHaveLength(2)
    expect(warnings).toEqual(['a heartbeat was not taken'])
  })

  it('follows other options, and ends with them', async () => {
    heartbeat.use(options())
    await vi.advanceTimersByTimeAsync(600)
    heartbeat.use(options({ deviceId: 'other' }))
    await vi.advanceTimersByTimeAsync(400)
    expect(bodies()).toMatchObject([{ device_id: 'other' }])
    finish.shift()?.()
    heartbeat.use(null)
    await vi.advanceTimersByTimeAsync(5000)
    expect(calls).toHaveLength(1)
  })
})

describe('Options of heartbeats', () => {
  it('are none where none are given, and have defaults for what is left out', () => {
    expect(resolveHeartbeat(undefined)).toBeNull()
    expect(resolveHeartbeat({})).toEqual(defaultHeartbeatOptions)
  })

  it.each([
    [{ url: 'ftp://a/' }, "heartbeat.url: 'ftp://a/' is no http or https URL"],
    [{ intervalMs: 10 }, 'heartbeat.intervalMs is 10: must be 100 at least'],
  ])('are refused: %j', (given, message) => {
    expect(() => resolveHeartbeat(given)).toThrow(message)
  })
})
