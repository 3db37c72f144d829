import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { beginFakeTime, endFakeTime } from '../../../test/support/programs-in-fake-time.ts'
import { RecordingLogger } from '../../../test/support/server.ts'
import { defaultProgramOptions } from './options.ts'
import type { ProgramsRig } from './testing/programs-rig.ts'

describe('Programs', () => {
  let log: RecordingLogger
  let rig: ProgramsRig

  beforeEach(() => {
    log = new RecordingLogger()
    rig = beginFakeTime(log)
  })

  afterEach(() => endFakeTime(rig))

  it('show and count what does the work of a program in this process, until it ends', async () => {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    const worker = rig.programs.adopt((id) => ({
      status: { ...rig.run({ kind: 'ingest' }).status, id, starts: 3, failures: 2 },
      stop: async () => end(),
      ended,
    }))
    const others = rig.programs.statuses.filter(({ id }) => id !== worker.status.id)
    expect(others.map(({ id }) => id)).toEqual(['p2'])
    expect(worker.status.id).toBe('p1')
    expect(rig.programs.counts.ingest).toEqual({ starts: 3, failures: 2, stalls: 0 })
    await worker.stop()
    await rig.settle()
    expect(rig.programs.statuses.map(({ id }) => id)).toEqual(['p2'])
    expect(rig.programs.counts.ingest).toMatchObject({ failures: 2 })
  })

  it('have FFmpeg tell its progress, before all that the task says', async () => {
    const program = await rig.started()
    expect(rig.processes.last.command).toEqual({
      file: '/bin/ffmpeg',
      args: ['-hide_banner', '-nostdin', '-nostats', '-progress', 'pipe:3', '-i', 'x'],
    })
    expect(program.status).toMatchObject({
      state: 'starting',
      pid: rig.processes.last.pid,
      starts: 1,
      progress: null,
    })
    rig.processes.last.progress(25)
    expect(program.status).toMatchObject({ state: 'running', progress: { frames: 25, mediaTimeMs: 1000 } })
  })

  it('start other programs as they are told, and take them to work at once', async () => {
    const program = await rig.started({ isFfmpeg: false })
    expect(rig.processes.last.command).toEqual({ file: 'ffmpeg', args: ['-i', 'x'] })
    expect(program.status.state).toBe('running')
  })

  it('wait for a reload where there is no FFmpeg that fits', async () => {
    rig.problem = 'there is no ffmpeg in PATH'
    const program = await rig.started()
    await rig.pass(3_600_000)
    expect(program.status).toMatchObject({
      state: 'unavailable',
      starts: 0,
      failures: 0,
      lastError: rig.problem,
    })
    expect(log.withMessage('program unavailable')).toHaveLength(1)
    rig.problem = null
    rig.programs.lookAgain()
    await rig.settle()
    expect(program.status).toMatchObject({ state: 'starting', starts: 1 })
  })

  it('wait for a reload where there is no such program', async () => {
    rig.processes.failure = Object.assign(new Error('spawn nosuch ENOENT'), { code: 'ENOENT' })
    const program = await rig.started({ isFfmpeg: false })
    await rig.pass(3_600_000)
    expect(program.status).toMatchObject({
      state: 'unavailable',
      starts: 0,
      lastError: 'spawn nosuch ENOENT',
    })
  })

  it('try again where the system is short of something', async () => {
    rig.processes.failure = Object.assign(new Error('spawn EAGAIN'), { code: 'EAGAIN' })
    const program = await rig.started()
    expect(program.status).toMatchObject({
      state: 'waiting',
      starts: 0,
      failures: 1,
      lastError: 'spawn EAGAIN',
    })
    rig.processes.failure = null
    await rig.pass(1000)
    expect(program.status).toMatchObject({ state: 'starting', starts: 1 })
  })

  it('count a command that can not be made as a failed start', async () => {
    const program = await rig.started({
      command: () => {
        throw new Error('a name begins with -')
      },
    })
    expect(program.status).toMatchObject({
      state: 'waiting',
      starts: 0,
      failures: 1,
      lastError: 'a name begins with -',
    })
  })

  it('run no more than maxPrograms, and the next in turn when one is over', async () => {
    rig.programs.useOptions({ ...defaultProgramOptions, maxPrograms: 2 })
    const [first, , third, fourth] = [rig.run(), rig.run(), rig.run({ name: 'third' }), rig.run()]
    await rig.settle()
    expect(rig.programs.statuses.map(({ state }) => state)).toEqual([
      'starting',
      'starting',
      'waiting',
      'waiting',
    ])
    expect(third?.status.lastError).toBe('2 programs run already (maxPrograms)')
    await first?.stop()
    await rig.settle()
    expect(rig.programs.statuses.map(({ state }) => state)).toEqual(['starting', 'starting', 'waiting'])
    rig.programs.useOptions(defaultProgramOptions)
    await rig.settle()
    expect(fourth?.status.state).toBe('starting')
  })

  it('are never called the same where they are of one kind and stream, and keep their names', async () => {
    const [first, second, elsewhere] = [rig.run(), rig.run(), rig.run({ stream: 'live/other' })]
    const unnamed = [rig.run({ name: '' }), rig.run({ name: '' })]
    const names = (): string[] => rig.programs.statuses.map(({ name }) => name)
    expect(names()).toEqual(['ld', 'ld#2', 'ld', '', '#2'])
    await first?.stop()
    rig.run()
    expect(names()).toEqual(['ld#2', 'ld', '', '#2', 'ld'])
    await Promise.all([second, elsewhere, ...unnamed].map((program) => program?.stop()))
  })

  it('run no more of one virtual host than maxProgramsPerVhost, beside those of others', async () => {
    rig.programs.useOptions({ ...defaultProgramOptions, maxPrograms: 3, maxProgramsPerVhost: 2 })
    const crowd = [1, 2, 3, 4].map(() => rig.run({ vhost: 'crowded.example.com' }))
    const other = rig.run({ vhost: 'other.example.com' })
    await rig.settle()
    const states = (): string[] => [...crowd, other].map(({ status }) => status.state)
    expect(states()).toEqual(['starting', 'starting', 'waiting', 'waiting', 'starting'])
    expect(crowd[2]?.status.lastError).toBe(
      '2 programs of this virtual host run already (maxProgramsPerVhost)',
    )
    await crowd[0]?.stop()
    await rig.settle()
    expect(states()).toEqual(['ended', 'starting', 'starting', 'waiting', 'starting'])
  })

  it('stop what is asked to stop, whatever it does, and start it no more', async () => {
    const onExit = vi.fn()
    const waiting = await rig.started({ onExit })
    rig.processes.last.end(1)
    await rig.settle()
    const running = await rig.started({ onExit })
    const fresh = rig.run({ onExit })
    await Promise.all([waiting.stop(), running.stop(), fresh.stop(), fresh.stop()])
    expect([waiting, running, fresh].map(({ status }) => status.state)).toEqual(['ended', 'ended', 'ended'])
    expect(rig.processes.started).toHaveLength(2)
    expect(onExit).toHaveBeenCalledTimes(2)
    expect(rig.programs.statuses).toEqual([])
    expect(rig.programs.counts.transcode).toEqual({ starts: 2, failures: 1, stalls: 0 })
  })

  it('tell that one could not be started, which may have prepared for it', async () => {
    const onExit = vi.fn()
    const command = (): never => {
      throw new Error('no address')
    }
    const program = await rig.started({ onExit, command })
    expect(onExit).toHaveBeenCalledTimes(1)
    expect(program.status).toMatchObject({ state: 'waiting', lastError: 'no address' })
  })

  it('start nothing once they are closed', async () => {
    await rig.programs.close()
    expect(() => rig.run()).toThrow('programs are not started any more')
  })
})
