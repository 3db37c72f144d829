import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { encodeFlv, flvTag } from '../../../test/support/flv.ts'
import { stillClock } from '../../../test/support/live.ts'
import { RecordingLogger } from '../../../test/support/server.ts'
import { TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import type { ProgramStatus } from '../program/index.ts'
import { camera, IngestRig, vhostOf } from './testing/ingest-rig.ts'

const folder = new TemporaryFolder()
const PLAYED = encodeFlv([flvTag.videoHeader(0), flvTag.key(0), flvTag.inter(60_000)])
const path = join(folder.path, 'a.flv')

/** An ingest of the file, begun. */
function ingestFile(logger = new RecordingLogger()): IngestRig {
  const rig = new IngestRig([vhostOf(camera({ id: 'clip', type: 'file', url: path }))], {
    clock: stillClock,
    logger,
  })
  rig.service.start()
  return rig
}

function statusOf(rig: IngestRig): ProgramStatus | undefined {
  return rig.programs.statuses[0]
}

async function until(rig: IngestRig, state: string): Promise<ProgramStatus | undefined> {
  await expect.poll(() => statusOf(rig)?.state, { interval: 2 }).toBe(state)
  return statusOf(rig)
}

describe('an ingested file', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    writeFileSync(path, PLAYED)
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  afterAll(() => {
    folder.remove()
  })

  it('is published without a program, and seen as one and as a client', async () => {
    const rig = ingestFile()
    const status = await until(rig, 'running')
    expect(status).toMatchObject({
      kind: 'ingest',
      vhost: '__defaultVhost__',
      stream: 'live/cam',
      name: 'clip',
      output: 'rtmp://127.0.0.1:1935/live/cam',
      pid: null,
      starts: 1,
      failures: 0,
      lastError: null,
      progress: null,
    })
    expect(rig.programs.all).toEqual([])
    expect(rig.live.clients.list.map(({ id }) => id)).toEqual(['file-live-cam'])
    await rig.service.close()
    expect(rig.programs.statuses).toEqual([])
    expect(rig.live.clients.list).toEqual([])
  })

  it.each([
    ['is missing', null, 'ENOENT'],
    ['is broken', 'no FLV at all', 'neither FLV nor MP4'],
  ])('that %s is tried again, later each time, until it can be played', async (_, content, reason) => {
    rmSync(path)
    if (content !== null) {
      writeFileSync(path, content)
    }
    const logger = new RecordingLogger()
    const rig = ingestFile(logger)
    const status = await until(rig, 'waiting')
    expect(status).toMatchObject({ starts: 1, failures: 1 })
    expect(status?.lastError).toContain(path)
    expect(status?.lastError).toContain(reason)
    await vi.advanceTimersByTimeAsync(1000)
    await expect.poll(() => statusOf(rig)?.failures, { interval: 2 }).toBe(2)
    writeFileSync(path, PLAYED)
    await vi.advanceTimersByTimeAsync(2000)
    expect(await until(rig, 'running')).toMatchObject({ starts: 3, failures: 2 })
    const [warning] = logger.withMessage('a file can not be ingested, and is tried again')
    expect(warning?.fields).toMatchObject({ ingest: 'clip', stream: 'live/cam' })
    await rig.service.close()
  })

  it('is failing when that has been so five times, until it can be played', async () => {
    rmSync(path)
    const logger = new RecordingLogger()
    const rig = ingestFile(logger)
    const passes = async (): Promise<ProgramStatus | undefined> => {
      await vi.advanceTimersByTimeAsync(400)
      return statusOf(rig)
    }
    for (let failures = 1; failures <= 6; failures++) {
      await expect.poll(async () => (await passes())?.failures, { interval: 1 }).toBe(failures)
      expect(statusOf(rig)?.state).toBe(failures < 5 ? 'waiting' : 'failing')
    }
    expect(logger.withMessage('a file can not be ingested, and is tried again')).toHaveLength(5)
    writeFileSync(path, PLAYED)
    await expect.poll(async () => (await passes())?.state, { interval: 1 }).toBe('running')
    await rig.service.close()
  })

  it("takes nobody's place: it waits until who publishes the stream is gone", async () => {
    const rig = ingestFile()
    // It comes while the file is being opened.
    const encoder = await rig.publish('live/cam', 'c7')
    const status = await until(rig, 'waiting')
    expect(status?.lastError).toBe('stream live/cam is busy: c7 (192.0.2.1) is publishing it')
    await vi.advanceTimersByTimeAsync(1000)
    await expect.poll(() => statusOf(rig)?.failures, { interval: 2 }).toBe(2)
    expect(statusOf(rig)?.lastError).toBe('live/cam is published by c7 (192.0.2.1): it is waited for to end')
    encoder.end({ code: 'unpublished', message: 'done' })
    await vi.advanceTimersByTimeAsync(2000)
    await until(rig, 'running')
    await rig.service.close()
  })

  it('says why it was ended, and comes back', async () => {
    const rig = ingestFile()
    await until(rig, 'running')
    rig.live.clients.kick('file-live-cam', 'out with it')
    const status = await until(rig, 'waiting')
    expect(status).toMatchObject({ failures: 1, lastError: 'its publication was ended: out with it' })
    await vi.advanceTimersByTimeAsync(1000)
    expect(await until(rig, 'running')).toMatchObject({ starts: 2 })
    await rig.service.close()
  })

  it('ends at once while it begins, and while it waits', async () => {
    const begins = ingestFile()
    await begins.service.close()
    rmSync(path)
    const waits = ingestFile()
    await until(waits, 'waiting')
    await waits.service.close()
    expect(vi.getTimerCount()).toBe(0)
    expect([begins, waits].flatMap(({ live }) => live.registry.streams)).toEqual([])
  })
})
