import { describe, expect, it } from 'vitest'
import type { Frame, Server } from '../../src/index.ts'
import { startServer } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { publishClip } from '../support/web.ts'

/** `video header`, `video key`, `video`, `audio header`, `audio` or `data`. */
function kindOf({ kind, sequenceHeader, keyframe }: Frame): string {
  return `${kind}${sequenceHeader ? ' header' : ''}${keyframe ? ' key' : ''}`
}

/** The next `count` frames. */
async function take(frames: AsyncIterable<Frame>, count: number): Promise<Frame[]> {
  const taken: Frame[] = []
  for await (const frame of frames) {
    taken.push(frame)
    if (taken.length === count) {
      break
    }
  }
  return taken
}

function viewersOf(server: Server): number {
  return server.stream('live/demo')?.viewers.size ?? 0
}

/** Waits until the GOP that newcomers begin with has grown. */
async function waitForGop(server: Server, frames: number): Promise<void> {
  await waitFor(`a GOP of ${frames} frames`, () => (server.stream('live/demo')?.gop.length ?? 0) >= frames)
}

describe('frames()', () => {
  it('waits for a publisher, then gives metadata, sequence headers and media', async (scope) => {
    const { server } = await startServer(scope)
    const taking = take(server.frames('live/demo'), 20)
    await waitFor('the reader waits', () => viewersOf(server) === 1)
    await publishClip(server)
    const frames = await taking
    const kinds = frames.map(kindOf)
    expect(kinds.slice(0, 4).sort()).toEqual(['audio header', 'data', 'video header', 'video key'])
    expect(kinds.indexOf('video header')).toBeLessThan(kinds.indexOf('video key'))
    expect(kinds.indexOf('audio header')).toBeLessThan(kinds.indexOf('audio'))
    expect(frames.map(({ codec }) => codec)).toEqual(expect.arrayContaining(['amf0', 'avc', 'aac']))
  })

  it('begins with metadata, sequence headers and the newest GOP when it comes later', async (scope) => {
    const { server } = await startServer(scope)
    await publishClip(server)
    await waitForGop(server, 30)
    const gop = [...(server.stream('live/demo')?.gop ?? [])]
    const frames = await take(server.frames('live/demo'), 3 + gop.length)
    expect(frames.slice(0, 4).map(kindOf)).toEqual(['data', 'video header', 'audio header', 'video key'])
    expect(frames.slice(3)).toEqual(gop)
    // The very same bytes, not copies.
    const isTheSame = ({ body }: Frame, other: Frame | undefined): boolean =>
      body.buffer === other?.body.buffer && body.byteOffset === other.body.byteOffset
    expect(frames.slice(3).every((frame, index) => isTheSame(frame, gop[index]))).toBe(true)
  })

  it('never goes back in time within a kind, and has bodies that are FLV tag bodies', async (scope) => {
    const { server } = await startServer(scope)
    await publishClip(server)
    const frames = await take(server.frames('live/demo'), 60)
    for (const kind of ['audio', 'video']) {
      const times = frames.filter((frame) => frame.kind === kind).map(({ timestamp }) => timestamp)
      expect(times).toEqual([...times].sort((a, b) => a - b))
    }
    for (const { body } of frames.filter(({ codec }) => codec === 'avc')) {
      expect((body[0] ?? 0) & 0x0f).toBe(7)
    }
    for (const { body } of frames.filter(({ codec }) => codec === 'aac')) {
      expect((body[0] ?? 0) >> 4).toBe(10)
    }
  })

  it('counts as a player while it reads, and is gone after a break', async (scope) => {
    const { server } = await startServer(scope)
    await publishClip(server)
    for await (const _frame of server.frames('live/demo')) {
      expect([...(server.stream('live/demo')?.viewers ?? [])]).toMatchObject([{ protocol: 'library' }])
      break
    }
    expect(viewersOf(server)).toBe(0)
  })

  it('is gone after a throw in the loop', async (scope) => {
    const { server } = await startServer(scope)
    await publishClip(server)
    const reading = (async () => {
      for await (const _frame of server.frames('live/demo')) {
        throw new Error('my program is broken')
      }
    })()
    await expect(reading).rejects.toThrow('my program is broken')
    expect(viewersOf(server)).toBe(0)
  })

  it('leaves no stream behind when nobody published', async (scope) => {
    const { server } = await startServer(scope)
    const leaving = new AbortController()
    const taking = take(server.frames('live/demo', { signal: leaving.signal }), 1)
    await waitFor('the reader waits', () => viewersOf(server) === 1)
    leaving.abort()
    expect(await taking).toEqual([])
    expect(server.streams).toEqual([])
  })

  it('ends at once when its signal has aborted before', async (scope) => {
    const { server } = await startServer(scope)
    await publishClip(server)
    expect(await take(server.frames('live/demo', { signal: AbortSignal.abort() }), 1)).toEqual([])
    expect(viewersOf(server)).toBe(0)
  })

  it('ends when its signal aborts in mid-stream', async (scope) => {
    const { server } = await startServer(scope)
    await publishClip(server)
    const leaving = new AbortController()
    let count = 0
    for await (const _frame of server.frames('live/demo', { signal: leaving.signal })) {
      count++
      if (count === 5) {
        leaving.abort()
      }
    }
    expect(count).toBe(5)
    expect(viewersOf(server)).toBe(0)
  })

  it('ends when the server closes', async (scope) => {
    const { server } = await startServer(scope)
    await publishClip(server)
    let count = 0
    for await (const _frame of server.frames('live/demo')) {
      count++
      if (count === 5) {
        await server.close()
      }
    }
    expect(count).toBeGreaterThanOrEqual(5)
    expect(server.streams).toEqual([])
  })

  it('goes on, on the same clock, when another publisher continues the stream', async (scope) => {
    const { server } = await startServer(scope)
    const stop = await publishClip(server)
    const frames = server.frames('live/demo')
    const before = await nextVideo(frames, 10)
    await stop()
    await publishClip(server)
    const after = await nextVideo(frames, 10)
    await frames.return()
    const times = [...before, ...after].map(({ timestamp }) => timestamp)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(new Set(times).size).toBe(times.length)
  })

  it('gives every reader the same frames', async (scope) => {
    const { server } = await startServer(scope)
    const taking = [take(server.frames('live/demo'), 30), take(server.frames('live/demo'), 30)]
    await waitFor('both readers wait', () => viewersOf(server) === 2)
    await publishClip(server)
    const [first = [], second = []] = await Promise.all(taking)
    expect(first.every((frame, index) => frame === second[index])).toBe(true)
  })

  it('skips to a keyframe for a program that is too slow, and keeps the headers', async (scope) => {
    const { server } = await startServer(scope)
    await publishClip(server)
    const frames = server.frames('live/demo', { maxQueuedFrames: 20 })
    const first = await frames.next()
    await waitFor('the stream is 2 s further', () => {
      const newest = server.stream('live/demo')?.gop.at(-1)?.timestamp ?? 0
      return newest > (first.value?.timestamp ?? 0) + 2_000
    })
    const kinds = (await take(frames, 12)).map(kindOf)
    expect(kinds.slice(0, kinds.indexOf('video key'))).not.toContain('video')
    expect(kinds).toContain('video header')
    expect(kinds).toContain('audio header')
  })

  it.each(['demo', '', '/', 'live/../demo'])('refuses the name %j', async (name) => {
    const { server, close } = await startAlone()
    await expect(server.frames(name).next()).rejects.toMatchObject({ code: 'ERR_PROTOCOL' })
    await close()
  })
})

/** The next so many video frames; the iteration goes on. */
async function nextVideo(frames: AsyncGenerator<Frame, void>, count: number): Promise<Frame[]> {
  const taken: Frame[] = []
  while (taken.length < count) {
    const { value, done } = await frames.next()
    if (done === true) {
      throw new Error('the frames ended')
    }
    if (value.kind === 'video' && !value.sequenceHeader) {
      taken.push(value)
    }
  }
  return taken
}

async function startAlone(): Promise<{ server: Server; close: () => Promise<void> }> {
  const cleaners: (() => Promise<void> | void)[] = []
  const { server } = await startServer({ onTestFinished: (clean) => void cleaners.push(clean) })
  return {
    server,
    async close() {
      for (const clean of cleaners) {
        await clean()
      }
    },
  }
}
