import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createServer, type Frame } from '../../src/index.ts'
import { FileScope, startServer } from '../support/server.ts'
import { aac, audioInput, h264, makeFlv, mediaFolder, videoInput } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'
import { CLIP, publishClip } from '../support/web.ts'

const FRAMES_PER_SECOND = 25

const fileScope = new FileScope()
let folder: string
let oneSecond: string
beforeAll(async () => {
  folder = await mediaFolder(fileScope)
  const inputs = [...videoInput('160x90'), ...audioInput]
  // Without the tag that says that the video ends: it would count as a frame.
  const codecs = [...h264({ gop: 25 }), ...aac, '-flvflags', 'no_sequence_end']
  oneSecond = await makeFlv(folder, 'one-second', [...inputs, ...codecs], 1)
})
afterAll(() => fileScope.clean())

describe('publishFile()', () => {
  it('publishes as a client of this process would', async (scope) => {
    const { server } = await startServer(scope)
    const stop = await server.publishFile('live/demo', { path: CLIP })
    expect(server.stream('live/demo')?.publication?.client).toMatchObject({
      protocol: 'file',
      address: 'local',
    })
    await stop()
    expect(server.stream('live/demo')?.publication).toBeNull()
  })

  it('begins with a picture: the first frames of the bundled clip can be entered at', async (scope) => {
    const { server } = await startServer(scope)
    await publishClip(server)
    await waitFor('frames have come', () => (server.stream('live/demo')?.counters.frames ?? 0) > 10)
    const [first] = server.stream('live/demo')?.gop ?? []
    expect(first).toMatchObject({ keyframe: true, timestamp: 0 })
  })

  it('begins again at the end, without a jump in time', async (scope) => {
    const { server } = await startServer(scope)
    await server.publishFile('live/demo', { path: oneSecond })
    const times: number[] = []
    const headers: Frame[] = []
    for await (const frame of server.frames('live/demo')) {
      if (frame.kind === 'video') {
        headers.push(...(frame.sequenceHeader ? [frame] : []))
        times.push(...(frame.sequenceHeader ? [] : [frame.timestamp]))
      }
      if (times.length > 2.5 * FRAMES_PER_SECOND) {
        break
      }
    }
    const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    expect(Math.min(...steps)).toBeGreaterThan(0)
    // A round is as long as its longer track, so the shorter one has a little rest before the next.
    expect(Math.max(...steps)).toBeLessThan(200)
    expect(headers).toHaveLength(1)
  })

  it('ends with the file when it is not to loop', async (scope) => {
    const { server } = await startServer(scope)
    const told: string[] = []
    server.on('unpublish', (_request, reason) => told.push(`${reason.code}: ${reason.message}`))
    await server.publishFile('live/demo', { path: oneSecond, loop: false })
    await waitFor('it ends', () => told.length > 0)
    expect(told).toEqual(['unpublished: the file ended'])
    expect(server.stream('live/demo')?.counters.videoFrames).toBe(FRAMES_PER_SECOND)
  })

  it('stops when it is told to, at once and more than once', async (scope) => {
    const { server } = await startServer(scope)
    const told: string[] = []
    server.on('unpublish', (_request, reason) => told.push(`${reason.code}: ${reason.message}`))
    const stop = await server.publishFile('live/demo', { path: CLIP })
    await stop()
    await stop()
    expect(told).toEqual(['unpublished: stopped'])
  })

  it('can be followed by another file on the same stream', async (scope) => {
    const { server } = await startServer(scope)
    const stop = await server.publishFile('live/demo', { path: CLIP })
    await stop()
    await server.publishFile('live/demo', { path: oneSecond })
    expect(server.stream('live/demo')?.counters.publications).toBe(2)
  })

  it('is refused while somebody else publishes', async (scope) => {
    const { server } = await startServer(scope, { streams: { takeoverSilenceMs: 1000 } })
    await server.publishFile('live/demo', { path: CLIP })
    await expect(server.publishFile('live/demo', { path: CLIP })).rejects.toMatchObject({
      code: 'ERR_REJECTED',
      message: expect.stringMatching(/stream live\/demo is busy/),
    })
  })

  it('asks the program, as every publisher does', async (scope) => {
    const { server } = await startServer(scope, {
      onPublish: async ({ client }) => `no publishing by ${client.protocol}`,
    })
    await expect(server.publishFile('live/demo', { path: CLIP })).rejects.toMatchObject({
      name: 'RejectedError',
      code: 'ERR_REJECTED',
      message: 'publish refused: no publishing by file',
    })
    expect(server.streams).toEqual([])
  })
})

describe('a file that cannot be played', () => {
  it.each<[string, string | null, RegExp]>([
    ['there is none', null, /no-such\.flv can't be played: ENOENT/],
    ['it is empty', '', /no-such\.flv can't be played: it is neither FLV nor MP4: it is empty/],
    [
      'it is neither FLV nor MP4',
      'This is a letter, not a film.',
      /no-such\.flv can't be played: it is neither FLV nor MP4: it begins with 0x546869/,
    ],
  ])('is refused before anybody is told: %s', async (_name, content, message) => {
    const path = join(folder, 'no-such.flv')
    if (content !== null) {
      await writeFile(path, content)
    }
    const server = await createServer({ http: { port: 0, page: false } })
    const told: string[] = []
    server.on('publish', () => told.push('publish'))
    await expect(server.publishFile('live/demo', { path })).rejects.toMatchObject({
      name: 'ServerError',
      code: 'ERR_MEDIA_FILE',
      message: expect.stringMatching(message),
    })
    expect(server.streams).toEqual([])
    expect(told).toEqual([])
    await server.close()
  })

  it.each(['demo', '', 'live/..'])('has no place at the name %j', async (name) => {
    const server = await createServer({ http: { port: 0, page: false } })
    await expect(server.publishFile(name, { path: CLIP })).rejects.toMatchObject({ code: 'ERR_PROTOCOL' })
    await server.close()
  })
})
