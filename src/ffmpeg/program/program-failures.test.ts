import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { beginFakeTime, endFakeTime } from '../../../test/support/programs-in-fake-time.ts'
import { RecordingLogger } from '../../../test/support/server.ts'
import { PlaceTakenError } from './command.ts'
import { defaultProgramOptions } from './options.ts'
import { type ProgramsRig, shown } from './testing/programs-rig.ts'

describe('Programs that fail, end or stand still', () => {
  let log: RecordingLogger
  let rig: ProgramsRig

  beforeEach(() => {
    log = new RecordingLogger()
    rig = beginFakeTime(log)
  })

  afterEach(() => endFakeTime(rig))

  it('start again what fails: after 1 s, 2 s, 4 s ... 30 s', async () => {
    const program = await rig.started()
    for (const waitMs of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      const before = rig.processes.started.length
      rig.processes.last.end(1)
      await rig.pass(waitMs - 1)
      expect(program.status.pid).toBeNull()
      expect(rig.processes.started).toHaveLength(before)
      await rig.pass(1)
      expect(rig.processes.started).toHaveLength(before + 1)
    }
  })

  it('never give up: what fails again and again is tried each 30 s, and is failing until it has worked for 10 s', async () => {
    rig.programs.useOptions({ ...defaultProgramOptions, stallTimeoutMs: 0 })
    const program = await rig.started()
    const fail = async (waitMs: number): Promise<void> => {
      rig.processes.last.end(1)
      await rig.pass(waitMs)
    }
    for (const waitMs of [1000, 2000, 4000, 8000]) {
      await fail(waitMs)
      expect(program.status.state).toBe('starting')
    }
    await fail(0)
    expect(shown(program.status)).toEqual({ state: 'failing', starts: 5, failures: 5, stalls: 0 })
    const { since } = program.status
    await rig.pass(16_000)
    for (let count = 0; count < 100; count++) {
      await fail(30_000)
    }
    expect(shown(program.status)).toEqual({ state: 'failing', starts: 106, failures: 105, stalls: 0 })
    expect(program.status.since).toBe(since)
    rig.processes.last.progress(1)
    await rig.pass(9000)
    expect(program.status.state).toBe('failing')
    await rig.pass(2000)
    expect(program.status.state).toBe('running')
    await fail(1000)
    expect(shown(program.status)).toEqual({ state: 'starting', starts: 107, failures: 106, stalls: 0 })
  })

  it('say in the log that one is failing, once in ten minutes, and that it works again', async () => {
    rig.programs.useOptions({ ...defaultProgramOptions, stallTimeoutMs: 0 })
    await rig.started()
    for (let count = 0; count < 64; count++) {
      rig.processes.last.end(1)
      await rig.pass(30_000)
    }
    const warnings = log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)
    const failing = 'program is failing, and is tried again and again'
    expect(warnings).toEqual([...Array<string>(4).fill('program failed'), ...Array<string>(3).fill(failing)])
    expect(log.withMessage('program started').filter(({ level }) => level === 'info')).toHaveLength(5)
    rig.processes.last.progress(1)
    await rig.pass(11_000)
    expect(log.withMessage('program works again')).toHaveLength(1)
  })

  it('try at once what is failing when the settings were looked at, and count it anew', async () => {
    rig.programs.useOptions({ ...defaultProgramOptions, failingAfter: 1 })
    const program = await rig.started()
    rig.processes.last.end(1)
    await rig.settle()
    expect(program.status.state).toBe('failing')
    rig.programs.lookAgain()
    await rig.settle()
    expect(shown(program.status)).toEqual({ state: 'starting', starts: 2, failures: 1, stalls: 0 })
  })

  it('do not call it failing that somebody else has its place, and say that once', async () => {
    const command = (): never => {
      throw new PlaceTakenError('c1 publishes it')
    }
    const program = await rig.started({ command })
    await rig.pass(600_000)
    expect(program.status).toMatchObject({ state: 'waiting', starts: 0, lastError: 'c1 publishes it' })
    expect(program.status.failures).toBeGreaterThan(20)
    expect(log.withMessage('program waits for its place')).toHaveLength(1)
  })

  it('leave their places to others while they rest for longer, and wait for one then', async () => {
    rig.programs.useOptions({ ...defaultProgramOptions, maxPrograms: 1, failingAfter: 3 })
    const failing = await rig.started()
    const working = await rig.started({ name: 'sd' })
    for (const waitMs of [1000, 2000]) {
      rig.processes.last.end(1)
      await rig.pass(waitMs)
      expect([failing, working].map(({ status }) => status.state)).toEqual(['starting', 'waiting'])
    }
    rig.processes.last.end(1)
    await rig.settle()
    expect([failing, working].map(({ status }) => status.state)).toEqual(['failing', 'starting'])
    await rig.pass(10_000)
    expect(shown(failing.status)).toEqual({ state: 'failing', starts: 3, failures: 3, stalls: 0 })
    expect(failing.status.lastError).toBe('it ended with status 1, and had made nothing')
    await working.stop()
    await rig.settle()
    expect(failing.status.starts).toBe(4)
    expect(log.withMessage('program not started')).toHaveLength(1)
  })

  it('count anew what has worked for ten seconds', async () => {
    const program = await rig.started()
    for (let count = 0; count < 25; count++) {
      rig.processes.last.progress(1)
      await rig.pass(10_000)
      rig.processes.last.end(1)
      await rig.pass(1000)
    }
    expect(shown(program.status)).toEqual({ state: 'starting', starts: 26, failures: 25, stalls: 0 })
  })

  it('say why one failed: its last lines, without secrets', async () => {
    const program = await rig.started({ secrets: ['s3cr3t'] })
    rig.processes.last.write('Stream mapping')
    rig.processes.last.write('\u001b[31mrtmp://a/live/s3cr3t?token=abc: Connection refused\u001b[0m')
    rig.processes.last.write('Conversion failed!')
    rig.processes.last.end(1)
    await rig.settle()
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
    const program = await rig.started()
    rig.processes.last.progress(25)
    await rig.pass(14_000)
    rig.processes.last.progress(26)
    await rig.pass(14_000)
    rig.processes.last.progress(26)
    expect(rig.processes.last.isStopped).toBe(false)
    await rig.pass(1000)
    expect(rig.processes.last.isStopped).toBe(true)
    await rig.settle()
    expect(rig.guarded.size).toBe(0)
    expect(program.status.lastError).toMatch(/^it made nothing for 15 s/)
    await rig.pass(1000)
    expect(shown(program.status)).toEqual({ state: 'starting', starts: 2, failures: 1, stalls: 1 })
  })

  it('replace FFmpeg that never begins to work', async () => {
    const program = await rig.started()
    await rig.pass(15_000)
    await rig.pass(1000)
    expect(shown(program.status)).toEqual({ state: 'starting', starts: 2, failures: 1, stalls: 1 })
  })

  it('let FFmpeg stand still while its source is silent, and count from then on', async () => {
    let hasSource = false
    const program = await rig.started({ isExpectedToWork: () => hasSource })
    await rig.pass(600_000)
    hasSource = true
    await rig.pass(14_000)
    expect(shown(program.status)).toEqual({ state: 'starting', starts: 1, failures: 0, stalls: 0 })
    await rig.pass(1000)
    expect(program.status.stalls).toBe(1)
  })

  it('replace nothing with a limit of 0, and nothing that is no FFmpeg', async () => {
    rig.programs.useOptions({ ...defaultProgramOptions, stallTimeoutMs: 0 })
    const ffmpeg = await rig.started()
    rig.programs.useOptions(defaultProgramOptions)
    const other = await rig.started({ isFfmpeg: false })
    await rig.pass(600_000)
    expect([shown(ffmpeg.status), shown(other.status)]).toEqual([
      { state: 'starting', starts: 1, failures: 0, stalls: 0 },
      { state: 'running', starts: 1, failures: 0, stalls: 0 },
    ])
  })

  it('do not hold it against FFmpeg that it ends while its source is silent', async () => {
    const program = await rig.started({ isExpectedToWork: () => false })
    for (let count = 0; count < 30; count++) {
      rig.processes.last.end(1)
      await rig.pass(3000)
    }
    expect(shown(program.status)).toEqual({ state: 'starting', starts: 31, failures: 30, stalls: 0 })
  })

  it('start again without a failure what ends with status 0: three seconds after its last start, as SRS', async () => {
    const program = await rig.started({ isFfmpeg: false })
    rig.processes.last.end(0)
    await rig.pass(2999)
    expect(program.status.state).toBe('waiting')
    await rig.pass(1)
    expect(shown(program.status)).toEqual({ state: 'running', starts: 2, failures: 0, stalls: 0 })
    await rig.pass(60_000)
    rig.processes.last.end(0)
    await rig.pass(100)
    expect(shown(program.status)).toEqual({ state: 'running', starts: 3, failures: 0, stalls: 0 })
  })

  it('start again sooner what may finish, but never spin', async () => {
    const program = await rig.started({ mayFinish: true })
    for (let count = 0; count < 100; count++) {
      rig.processes.last.progress(1)
      rig.processes.last.end(0)
      await rig.pass(1000)
    }
    expect(shown(program.status)).toEqual({ state: 'starting', starts: 101, failures: 0, stalls: 0 })
  })

  it('count it as a failure that FFmpeg ends with status 0 and has made nothing', async () => {
    const program = await rig.started({ mayFinish: true })
    rig.processes.last.end(0)
    await rig.settle()
    expect(program.status).toMatchObject({
      failures: 1,
      lastError: 'it ended with status 0, and had made nothing',
    })
  })
})
