import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Absence, Stream } from '../../live/index.ts'
import { MAX_INGEST_ARRIVAL_MS } from './ingest-output.ts'
import type { IngestOptions } from './options.ts'
import { camera, engineTo, IngestRig, requestOf, vhostOf } from './testing/ingest-rig.ts'

const other = camera({ id: 'other', engines: [engineTo('other')] })

/** Lets what has been promised happen. */
async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0)
}

async function started(...ingests: readonly IngestOptions[]): Promise<IngestRig> {
  const rig = new IngestRig([vhostOf(...ingests)])
  rig.service.start()
  await settle()
  return rig
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('IngestService', () => {
  it('runs a program for each output, from its start to its end', async () => {
    const rig = new IngestRig([vhostOf(camera({ engines: [engineTo('a'), engineTo('b')] }), other)])
    rig.service.update()
    await settle()
    expect(rig.running).toEqual([])
    rig.service.start()
    await settle()
    expect(rig.running).toEqual(['live/a', 'live/b', 'live/other'])
    await rig.service.close()
    expect(rig.running).toEqual([])
    rig.service.start()
    rig.service.update()
    await settle()
    expect(rig.programs.all).toHaveLength(3)
  })

  it('shows of an output elsewhere no stream key', async () => {
    const rig = await started(
      camera({ engines: [engineTo('', { output: 'rtmp://user:word@live.example/app/abcd-efgh-1234' })] }),
    )
    expect(rig.service.plan([])).toMatchObject([{ output: 'rtmp://***@live.example/app/***' }])
    expect(rig.programs.newest.task.secrets).toEqual(['abcd-efgh-1234'])
  })

  it('begins nothing while somebody publishes the stream, and says who', async () => {
    const rig = await started(camera())
    const { command } = rig.programs.newest.task
    const encoder = await rig.publish()
    expect(command).toThrow('live/cam is published by c1 (192.0.2.1)')
    encoder.end({ code: 'unpublished', message: 'done' })
    expect(command().file).toBe('ffmpeg')
  })

  it('takes the end of a file for no failure, that of a stream for one', async () => {
    const rig = await started(camera(), camera({ id: 'file', type: 'file', url: 'a.mkv' }))
    expect(rig.programs.all.map(({ task }) => task.mayFinish)).toEqual([false, true])
  })

  it('starts, stops and starts anew what a reload changes, and nothing else', async () => {
    const rig = await started(camera(), other)
    const next = vhostOf(
      camera({ url: 'rtsp://192.0.2.8/stream' }),
      camera({ id: 'new', engines: [engineTo('new')] }),
    )
    expect(rig.service.plan([next])).toEqual([
      { vhost: '__defaultVhost__', id: 'cam', output: 'live/cam', action: 'restart' },
      { vhost: '__defaultVhost__', id: 'other', output: 'live/other', action: 'remove' },
      { vhost: '__defaultVhost__', id: 'new', output: 'live/new', action: 'add' },
    ])
    rig.reload(next)
    await settle()
    expect(rig.running).toEqual(['live/new', 'live/cam'])
    expect(rig.programs.all.map(({ stops }) => stops)).toEqual([1, 1, 0, 0])
    rig.reload(next)
    await settle()
    expect(rig.programs.all).toHaveLength(4)
    expect(rig.service.plan([next]).map(({ action }) => action)).toEqual(['keep', 'keep'])
    rig.reload()
    await settle()
    expect(rig.running).toEqual([])
  })

  it('begins anew only when what was there before has ended', async () => {
    const rig = await started(camera())
    let end = (): void => {}
    rig.programs.newest.whenStopped = new Promise((resolve) => {
      end = resolve
    })
    rig.reload(vhostOf(camera({ url: 'udp://x' })))
    rig.reload(vhostOf(camera({ url: 'udp://y' })))
    await settle()
    expect(rig.programs.all).toHaveLength(1)
    end()
    await settle()
    expect(rig.programs.all).toHaveLength(2)
    expect(rig.programs.newest.task.command().args).toContain('udp://y')
    await rig.service.close()
  })
})

describe('an ingest on demand', () => {
  const onDemand = camera({ onDemand: true })

  async function arrivalOf(rig: IngestRig, stream: Stream): Promise<Absence | null | 'waits'> {
    const asked = rig.service.arrival(stream, new AbortController().signal)
    const answer = await Promise.race([asked, settle().then(() => 'waits' as const)])
    asked.catch(() => {})
    return answer
  }

  it('runs from the first viewer until some time after the last', async () => {
    const rig = await started(onDemand)
    expect(rig.running).toEqual([])
    const [first, second] = [await rig.watch(), await rig.watch()]
    await settle()
    expect(rig.running).toEqual(['live/cam'])
    first.leave()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(rig.running).toEqual(['live/cam'])
    second.leave()
    await vi.advanceTimersByTimeAsync(9_999)
    expect(rig.running).toEqual(['live/cam'])
    await vi.advanceTimersByTimeAsync(1)
    expect(rig.running).toEqual([])
    expect(rig.programs.all).toHaveLength(1)
  })

  it('goes on if somebody comes back in time', async () => {
    const rig = await started(onDemand)
    const first = await rig.watch()
    await settle()
    first.leave()
    await vi.advanceTimersByTimeAsync(9_000)
    await rig.watch()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(rig.programs.all.map(({ stops }) => stops)).toEqual([0])
  })

  it('does not run for engines of this server, but for who watches what they make', async () => {
    const rig = await started(onDemand)
    rig.made = ['live/cam_ld']
    rig.service.update()
    await rig.watchAsEngine()
    await settle()
    expect(rig.running).toEqual([])
    expect(rig.service.supplies(requestOf('live/cam_ld', 'v').name)).toBe(true)
    const { stream, leave } = await rig.watch('live/cam_ld')
    await settle()
    expect(rig.running).toEqual(['live/cam'])
    const arrival = rig.service.arrival(stream, new AbortController().signal)
    await rig.publish()
    expect(await arrivalOf(rig, stream)).toBe('waits')
    await rig.publish('live/cam_ld', 'c2')
    expect(await arrival).toBeNull()
    leave()
    await vi.advanceTimersByTimeAsync(9_999)
    expect(rig.running).toEqual(['live/cam'])
    await vi.advanceTimersByTimeAsync(1)
    expect(rig.running).toEqual([])
  })

  it('runs for what engines make only as long as the settings say so', async () => {
    const rig = await started(onDemand)
    rig.made = ['live/cam_ld']
    rig.service.update()
    await rig.watch('live/cam_ld')
    await settle()
    expect(rig.running).toEqual(['live/cam'])
    rig.made = []
    rig.service.update()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(rig.running).toEqual([])
  })

  it('is started by viewers who were there before it', async () => {
    const rig = await started()
    await rig.watch()
    rig.reload(vhostOf(onDemand))
    await settle()
    expect(rig.running).toEqual(['live/cam'])
  })

  it('supplies its stream, and no other', async () => {
    const rig = await started(onDemand, other)
    const names = ['live/cam', 'live/other', 'live/none'].map((path) => requestOf(path, 'v').name)
    expect(names.map((name) => rig.service.supplies(name))).toEqual([true, false, false])
    expect(rig.service.denial(requestOf('live/cam', 'v'))).toBeNull()
    expect(rig.service.takeOnward(requestOf('live/cam', 'p'))).toBeNull()
  })

  it('lets viewers wait until it publishes', async () => {
    const rig = await started(onDemand)
    const { stream } = await rig.watch()
    const arrival = rig.service.arrival(stream, new AbortController().signal)
    expect(await arrivalOf(rig, stream)).toBe('waits')
    await rig.publish()
    expect(await arrival).toBeNull()
    expect(await arrivalOf(rig, stream)).toBeNull()
  })

  it('tells viewers that there is nothing, and so those who come then', async () => {
    const rig = await started(onDemand)
    const { stream } = await rig.watch()
    const arrival = rig.service.arrival(stream, new AbortController().signal)
    await settle()
    rig.programs.newest.enter('waiting', 'Connection refused')
    const absence = {
      code: 'unavailable',
      reason: 'the ingest cam fails; the log of the server says why',
    }
    expect(await arrival).toEqual(absence)
    expect(await arrivalOf(rig, stream)).toEqual(absence)
    rig.programs.newest.enter('starting')
    expect(await arrivalOf(rig, stream)).toBe('waits')
  })

  it('tells viewers that it has taken too long, and lets go who has left', async () => {
    const rig = await started(onDemand)
    const { stream } = await rig.watch()
    const late = rig.service.arrival(stream, new AbortController().signal)
    const gone = new AbortController()
    const left = rig.service.arrival(stream, gone.signal)
    gone.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    await expect(rig.service.arrival(stream, gone.signal)).rejects.toThrow('left')
    await vi.advanceTimersByTimeAsync(MAX_INGEST_ARRIVAL_MS)
    expect(await late).toMatchObject({ code: 'unavailable', reason: expect.stringContaining('15000 ms') })
  })

  it('tells viewers that it is gone', async () => {
    const rig = await started(onDemand)
    const { stream } = await rig.watch()
    const arrival = rig.service.arrival(stream, new AbortController().signal)
    rig.reload(vhostOf())
    expect(await arrival).toMatchObject({ reason: 'the ingest cam is no more' })
    expect(await rig.service.arrival(stream, new AbortController().signal)).toMatchObject({
      code: 'not-found',
    })
  })

  it('does nothing while an encoder publishes the stream, and begins when that is gone', async () => {
    const rig = await started(onDemand)
    const encoder = await rig.publish()
    const { stream } = await rig.watch()
    await settle()
    expect(rig.programs.all).toEqual([])
    expect(await arrivalOf(rig, stream)).toBeNull()
    encoder.end({ code: 'unpublished', message: 'done' })
    await settle()
    expect(rig.running).toEqual(['live/cam'])
  })

  it('begins again only when its last run has ended', async () => {
    const rig = await started(onDemand)
    const viewer = await rig.watch()
    await settle()
    let end = (): void => {}
    rig.programs.newest.whenStopped = new Promise((resolve) => {
      end = resolve
    })
    viewer.leave()
    await vi.advanceTimersByTimeAsync(10_000)
    await rig.watch()
    await settle()
    expect(rig.programs.all).toHaveLength(1)
    end()
    await settle()
    expect(rig.programs.all).toHaveLength(2)
  })

  it('whose stream is elsewhere runs all the time: nobody watches it here', async () => {
    const engines = [engineTo('', { output: 'rtmp://192.0.2.9/live/cam' })]
    const rig = await started(camera({ onDemand: true, engines }))
    expect(rig.running).toEqual(['cam'])
  })
})
