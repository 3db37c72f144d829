import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RecordingLogger } from '../../../test/support/server.ts'
import { systemClock } from '../../base/index.ts'
import { defaultProgramOptions, type ProgramOptions } from './options.ts'
import { Programs } from './programs.ts'
import type { ProgramStatus } from './status.ts'
import type { ProgramTask, SupervisedProgram } from './supervisor.ts'
import { FakeProcesses } from './testing/fake-process.ts'

describe('Programs', () => {
  const log = new RecordingLogger()
  const guarded = new Set<number>()
  let processes: FakeProcesses
  let programs: Programs
  let problem: string | null

  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'],
    })
    log.lines.length = 0
    problem = null
    processes = new FakeProcesses()
    programs = make()
  })

  afterEach(async () => {
    await programs.close()
    expect(programs.statuses).toEqual([])
    expect([...guarded]).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  function make(options: Partial<ProgramOptions> = {}): Programs {
    return new Programs({
      options: { ...defaultProgramOptions, ...options },
      clock: systemClock,
      logger: log,
      start: processes.start,
      guardian: {
        add: (pid) => guarded.add(pid),
        remove: (pid) => guarded.delete(pid),
        close: async () => {},
      },
      findFfmpeg: async () => (problem === null ? { path: '/bin/ffmpeg' } : { problem }),
      random: () => 0,
    })
  }

  function run(task: Partial<ProgramTask> = {}): SupervisedProgram {
    return programs.run({
      kind: 'transcode',
      vhost: '__defaultVhost__',
      stream: 'live/demo',
      name: 'ld',
      output: 'rtmp://127.0.0.1/live/demo_ld',
      logName: 'ld.log',
      isFfmpeg: true,
      encoders: ['libx264'],
      command: () => ({ file: 'ffmpeg', args: ['-i', 'x'] }),
      ...task,
    })
  }

  it('show and count what does the work of a program in this process, until it ends', async () => {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    const worker = programs.adopt((id) => ({
      status: { ...run({ kind: 'ingest' }).status, id, starts: 3, failures: 2 },
      stop: async () => end(),
      ended,
    }))
    const others = programs.statuses.filter(({ id }) => id !== worker.status.id)
    expect(others.map(({ id }) => id)).toEqual(['p2'])
    expect(worker.status.id).toBe('p1')
    expect(programs.counts.ingest).toEqual({ starts: 3, failures: 2, stalls: 0 })
    await worker.stop()
    await settle()
    expect(programs.statuses.map(({ id }) => id)).toEqual(['p2'])
    expect(programs.counts.ingest).toMatchObject({ failures: 2 })
  })

  /** Lets go by what goes by at once. */
  const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)
  const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

  async function started(task: Partial<ProgramTask> = {}): Promise<SupervisedProgram> {
    const program = run(task)
    await settle()
    return program
  }

  function shown({ state, starts, failures, stalls }: ProgramStatus): unknown {
    return { state, starts, failures, stalls }
  }

  it('have FFmpeg tell its progress, before all that the task says', async () => {
    const program = await started()
    expect(processes.last.command).toEqual({
      file: '/bin/ffmpeg',
      args: ['-hide_banner', '-nostdin', '-nostats', '-progress', 'pipe:3', '-i', 'x'],
    })
    expect(program.status).toMatchObject({
      state: 'starting',
      pid: processes.last.pid,
      starts: 1,
      progress: null,
    })
    processes.last.progress(25)
    expect(program.status).toMatchObject({ state: 'running', progress: { frames: 25, mediaTimeMs: 1000 } })
  })

  it('start other programs as they are told, and take them to work at once', async () => {
    const program = await started({ isFfmpeg: false })
    expect(processes.last.command).toEqual({ file: 'ffmpeg', args: ['-i', 'x'] })
    expect(program.status.state).toBe('running')
  })

  it('start again what fails: after 1 s, 2 s, 4 s ... 30 s', async () => {
    const program = await started()
    for (const waitMs of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      const before = processes.started.length
      processes.last.end(1)
      await pass(waitMs - 1)
      expect(program.status.state).toBe('waiting')
      expect(processes.started).toHaveLength(before)
      await pass(1)
      expect(processes.started).toHaveLength(before + 1)
    }
  })

  it('give up what failed 20 times in a row', async () => {
    programs.useOptions({ ...defaultProgramOptions, stallTimeoutMs: 0 })
    const program = await started()
    for (let count = 0; count < 20; count++) {
      processes.last.end(1)
      await pass(30_000)
    }
    expect(shown(program.status)).toEqual({ state: 'given-up', starts: 20, failures: 20, stalls: 0 })
    await pass(3_600_000)
    expect(processes.started).toHaveLength(20)
    expect(log.withMessage('program given up')).toHaveLength(1)
    programs.lookAgain()
    await settle()
    expect(shown(program.status)).toEqual({ state: 'starting', starts: 21, failures: 20, stalls: 0 })
  })

  it('give up nothing that reads from elsewhere', async () => {
    programs.useOptions({ ...defaultProgramOptions, stallTimeoutMs: 0 })
    const program = await started({ isNeverGivenUp: true })
    for (let count = 0; count < 40; count++) {
      processes.last.end(1)
      await pass(30_000)
    }
    expect(shown(program.status)).toEqual({ state: 'starting', starts: 41, failures: 40, stalls: 0 })
  })

  it('count anew what has worked for ten seconds', async () => {
    const program = await started()
    for (let count = 0; count < 25; count++) {
      processes.last.progress(1)
      await pass(10_000)
      processes.last.end(1)
      await pass(1000)
    }
    expect(shown(program.status)).toEqual({ state: 'starting', starts: 26, failures: 25, stalls: 0 })
  })

  it('say why one failed: its last lines, without secrets', async () => {
    const program = await started({ secrets: ['s3cr3t'] })
    processes.last.write('Stream mapping')
    processes.last.write('\u001b[31mrtmp://a/live/s3cr3t?token=abc: Connection refused\u001b[0m')
    processes.last.write('Conversion failed!')
    processes.last.end(1)
    await settle()
    expect(program.status.lastError).toBe(
      'it ended with status 1, and had made nothing\nStream mapping\nrtmp://a/live/***?token=*** Connection refused\nConversion failed!',
    )
    expect(log.withMessage('program failed')).toEqual([
      expect.objectContaining({
        level: 'warn',
        fields: expect.objectContaining({
          program: 'p1',
          reason: 'it ended with status 1, and had made nothing',
          line: 'rtmp://a/live/***?token=*** Connection refused',
          failures: 1,
          restMs: 1000,
        }),
      }),
    ])
  })

  it('replace FFmpeg that stands still while it should work', async () => {
    const program = await started()
    processes.last.progress(25)
    await pass(14_000)
    processes.last.progress(26)
    await pass(14_000)
    processes.last.progress(26)
    expect(processes.last.isStopped).toBe(false)
    await pass(1000)
    expect(processes.last.isStopped).toBe(true)
    await settle()
    expect(guarded.size).toBe(0)
    expect(program.status.lastError).toMatch(/^it made nothing for 15 s/)
    await pass(1000)
    expect(shown(program.status)).toEqual({ state: 'starting', starts: 2, failures: 1, stalls: 1 })
  })

  it('replace FFmpeg that never begins to work', async () => {
    const program = await started()
    await pass(15_000)
    await pass(1000)
    expect(shown(program.status)).toEqual({ state: 'starting', starts: 2, failures: 1, stalls: 1 })
  })

  it('let FFmpeg stand still while its source is silent, and count from then on', async () => {
    let hasSource = false
    const program = await started({ isExpectedToWork: () => hasSource })
    await pass(600_000)
    hasSource = true
    await pass(14_000)
    expect(shown(program.status)).toEqual({ state: 'starting', starts: 1, failures: 0, stalls: 0 })
    await pass(1000)
    expect(program.status.stalls).toBe(1)
  })

  it('replace nothing with a limit of 0, and nothing that is no FFmpeg', async () => {
    programs.useOptions({ ...defaultProgramOptions, stallTimeoutMs: 0 })
    const ffmpeg = await started()
    programs.useOptions(defaultProgramOptions)
    const other = await started({ isFfmpeg: false })
    await pass(600_000)
    expect([shown(ffmpeg.status), shown(other.status)]).toEqual([
      { state: 'starting', starts: 1, failures: 0, stalls: 0 },
      { state: 'running', starts: 1, failures: 0, stalls: 0 },
    ])
  })

  it('do not hold it against FFmpeg that it ends while its source is silent', async () => {
    const program = await started({ isExpectedToWork: () => false })
    for (let count = 0; count < 30; count++) {
      processes.last.end(1)
      await pass(3000)
    }
    expect(shown(program.status)).toEqual({ state: 'starting', starts: 31, failures: 30, stalls: 0 })
  })

  it('start again without a failure what ends with status 0: three seconds after its last start, as SRS', async () => {
    const program = await started({ isFfmpeg: false })
    processes.last.end(0)
    await pass(2999)
    expect(program.status.state).toBe('waiting')
    await pass(1)
    expect(shown(program.status)).toEqual({ state: 'running', starts: 2, failures: 0, stalls: 0 })
    await pass(60_000)
    processes.last.end(0)
    await pass(100)
    expect(shown(program.status)).toEqual({ state: 'running', starts: 3, failures: 0, stalls: 0 })
  })

  it('start again sooner what may finish, but never spin', async () => {
    const program = await started({ mayFinish: true })
    for (let count = 0; count < 100; count++) {
      processes.last.progress(1)
      processes.last.end(0)
      await pass(1000)
    }
    expect(shown(program.status)).toEqual({ state: 'starting', starts: 101, failures: 0, stalls: 0 })
  })

  it('count it as a failure that FFmpeg ends with status 0 and has made nothing', async () => {
    const program = await started({ mayFinish: true })
    processes.last.end(0)
    await settle()
    expect(program.status).toMatchObject({
      failures: 1,
      lastError: 'it ended with status 0, and had made nothing',
    })
  })

  it('wait for a reload where there is no FFmpeg that fits', async () => {
    problem = 'there is no ffmpeg in PATH'
    const program = await started()
    await pass(3_600_000)
    expect(program.status).toMatchObject({ state: 'unavailable', starts: 0, failures: 0, lastError: problem })
    expect(log.withMessage('program unavailable')).toHaveLength(1)
    problem = null
    programs.lookAgain()
    await settle()
    expect(program.status).toMatchObject({ state: 'starting', starts: 1 })
  })

  it('wait for a reload where there is no such program', async () => {
    processes.failure = Object.assign(new Error('spawn nosuch ENOENT'), { code: 'ENOENT' })
    const program = await started({ isFfmpeg: false })
    await pass(3_600_000)
    expect(program.status).toMatchObject({
      state: 'unavailable',
      starts: 0,
      lastError: 'spawn nosuch ENOENT',
    })
  })

  it('try again where the system is short of something', async () => {
    processes.failure = Object.assign(new Error('spawn EAGAIN'), { code: 'EAGAIN' })
    const program = await started()
    expect(program.status).toMatchObject({
      state: 'waiting',
      starts: 0,
      failures: 1,
      lastError: 'spawn EAGAIN',
    })
    processes.failure = null
    await pass(1000)
    expect(program.status).toMatchObject({ state: 'starting', starts: 1 })
  })

  it('count a command that can not be made as a failed start', async () => {
    const program = await started({
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
    programs.useOptions({ ...defaultProgramOptions, maxPrograms: 2 })
    const [first, , third, fourth] = [run(), run(), run({ name: 'third' }), run()]
    await settle()
    expect(programs.statuses.map(({ state }) => state)).toEqual([
      'starting',
      'starting',
      'waiting',
      'waiting',
    ])
    expect(third?.status.lastError).toBe('2 programs run already (maxPrograms)')
    await first?.stop()
    await settle()
    expect(programs.statuses.map(({ state }) => state)).toEqual(['starting', 'starting', 'waiting'])
    programs.useOptions(defaultProgramOptions)
    await settle()
    expect(fourth?.status.state).toBe('starting')
  })

  it('stop what is asked to stop, whatever it does, and start it no more', async () => {
    const onExit = vi.fn()
    const waiting = await started({ onExit })
    processes.last.end(1)
    await settle()
    const running = await started({ onExit })
    const fresh = run({ onExit })
    await Promise.all([waiting.stop(), running.stop(), fresh.stop(), fresh.stop()])
    expect([waiting, running, fresh].map(({ status }) => status.state)).toEqual(['ended', 'ended', 'ended'])
    expect(processes.started).toHaveLength(2)
    expect(onExit).toHaveBeenCalledTimes(2)
    expect(programs.statuses).toEqual([])
    expect(programs.counts.transcode).toEqual({ starts: 2, failures: 1, stalls: 0 })
  })

  it('tell that one could not be started, which may have prepared for it', async () => {
    const onExit = vi.fn()
    const command = (): never => {
      throw new Error('no address')
    }
    const program = await started({ onExit, command })
    expect(onExit).toHaveBeenCalledTimes(1)
    expect(program.status).toMatchObject({ state: 'waiting', lastError: 'no address' })
  })

  it('start nothing once they are closed', async () => {
    await programs.close()
    expect(() => run()).toThrow('programs are not started any more')
  })
})
