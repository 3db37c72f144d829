import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import process, { execPath } from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProgramInfo } from '../../src/control/api/endpoints/programs.ts'
import { isThere, writeScript } from '../../src/ffmpeg/program/testing/scripts.ts'
import type { TranscodeSettings } from '../../src/index.ts'
import { MessageType } from '../../src/rtmp/index.ts'
import { built, type Program, startProgram } from '../support/program.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { FileScope, type Scope, startServer, type TestServer } from '../support/server.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait.ts'
import { ask, CLIP, publishClip } from '../support/web.ts'

const OUTPUT = 'rtmp://127.0.0.1:[port]/live'

/** Bytes of log that one of them writes. */
const LOG_BYTES = 100_000_000
const MAX_LOG_BYTES = 1_000_000

/** An FFmpeg that makes a picture each 50 ms, as far as it tells. */
const WORK = 'n=0; while :; do n=$((n+1)); printf "frame=%s\\nprogress=continue\\n" $n >&3; sleep 0.05; done'

/** What the FFmpeg of each engine does, once it was asked what it is. */
const FFMPEGS: Readonly<Record<string, string>> = {
  exits: `echo "[x] Unknown encoder 'nosuch'" >&2; echo "Conversion failed!" >&2; exit 1`,
  killed: WORK,
  talks: `(${WORK}) & yes "[flv @ 0x55ba4a81e200] Packet is too old" | head -c ${LOG_BYTES} >&2; echo written >&2; wait`,
}

/** An FFmpeg, once it was asked what it is. */
function makeFfmpeg(folders: TemporaryFolder, script: string): string {
  return writeScript(folders, `case "$2" in -version|-encoders) exit 0;; esac\n${script}`)
}

function transcodeBy(name: string, ffmpeg: string | null, audioCodec = 'aac'): TranscodeSettings {
  const output = `${OUTPUT}/[stream]_[engine]`
  return { ffmpeg, engines: [{ name, videoCodec: 'copy', audioCodec, output }] }
}

/** What the API says of an engine, as soon as something holds. */
async function waitUntil(
  { httpUrl }: TestServer,
  name: string,
  holds: (program: ProgramInfo) => boolean,
): Promise<ProgramInfo> {
  let last: string | null = null
  return await waitFor(
    () => `${name}: ${last}`,
    async () => {
      last = (await ask(`${httpUrl}/api/v1/programs/`)).body
      const { programs } = JSON.parse(last ?? '') as { programs: ProgramInfo[] }
      return programs.find((program) => program.name === name && holds(program))
    },
  )
}

describe('A stream with FFmpegs that fail in every way', () => {
  const scope = new FileScope()
  const folders = new TemporaryFolder()
  const logs = folders.write({})
  let running: TestServer
  let player: RtmpClient

  beforeAll(async () => {
    const fakes = Object.entries(FFMPEGS).map(([name, script]) =>
      transcodeBy(name, makeFfmpeg(folders, script)),
    )
    const notExecutable = join(folders.write({ ffmpeg: '#!/bin/sh\n' }), 'ffmpeg')
    const transcode = [
      ...fakes,
      transcodeBy('falls-back', notExecutable),
      transcodeBy('lacks', null, 'nosuch'),
    ]
    running = await startServer(scope, {
      programs: {
        logDirectory: logs,
        maxLogBytes: MAX_LOG_BYTES,
        // Longer than a busy machine needs to start the real FFmpeg among them.
        stallTimeoutMs: 600_000,
        stopTimeoutMs: 500,
      },
      vhosts: { __defaultVhost__: { transcode } },
    })
    await publishClip(running.server)
    player = await RtmpClient.connect(running.rtmpUrl)
    scope.onTestFinished(() => player.destroy())
    await player.play('live/demo')
    await waitFor('every engine is cared for', () => running.server.programs.length === 5)
  })

  afterAll(async () => {
    await scope.clean()
    folders.remove()
  })

  it.concurrent('starts again one that exits at once, after pauses that grow, and says why', async () => {
    const failed = await waitUntil(
      running,
      'exits',
      ({ state, failures }) => state === 'waiting' && failures >= 2,
    )
    expect(failed).toMatchObject({ starts: failed.failures, stalls: 0, pid: null, progress: null })
    expect(failed.last_error).toBe(
      "it ended with status 1, and had made nothing\n[x] Unknown encoder 'nosuch'\nConversion failed!",
    )
    const told = running.log.withMessage('program failed').filter(({ fields }) => fields.name === 'exits')
    expect(new Set(told.map(({ fields }) => fields.line))).toEqual(new Set(["[x] Unknown encoder 'nosuch'"]))
    const [first = 0, second = 0] = told.map(({ fields }) => Number(fields.restMs))
    expect(second).toBeGreaterThan(first)
  })

  it.concurrent('starts again one that is killed', async () => {
    const { pid } = await waitUntil(running, 'killed', ({ state }) => state === 'running')
    process.kill(pid ?? 0, 'SIGKILL')
    const again = await waitUntil(
      running,
      'killed',
      ({ state, starts }) => state === 'running' && starts === 2,
    )
    expect(again).toMatchObject({ failures: 1, stalls: 0, last_error: 'it was ended by SIGKILL' })
    expect(again.pid).not.toBe(pid)
  })

  it.concurrent('takes all that one writes, and keeps little of it', async () => {
    const { log_file } = await waitUntil(running, 'talks', ({ log_file }) => log_file !== null)
    const path = log_file ?? ''
    await waitFor('all is written', async () => {
      // It is not there yet at the very begin, nor between two files.
      const text = await readFile(path, 'latin1').catch(() => '')
      return text.endsWith('written\n')
    })
    expect(path.startsWith(logs)).toBe(true)
    for (const each of [path, `${path}.1`]) {
      expect((await stat(each)).size).toBeLessThanOrEqual(MAX_LOG_BYTES)
    }
    const program = await waitUntil(running, 'talks', ({ progress }) => (progress?.frames ?? 0) > 0)
    expect(program).toMatchObject({ state: 'running', starts: 1, failures: 0 })
  })

  it.concurrent('uses the FFmpeg of PATH where the one that is named can not be run, and says so', async () => {
    const program = await waitUntil(running, 'falls-back', ({ progress }) => (progress?.frames ?? 0) > 25)
    expect(program).toMatchObject({ state: 'running', starts: 1, failures: 0, last_error: null })
    expect(running.log.withMessage('that FFmpeg can not be run: another is used')).toHaveLength(1)
    await waitFor(
      'it is published',
      () => (running.server.stream('live/demo_falls-back')?.counters.frames ?? 0) > 25,
    )
  })

  it.concurrent('does not start one that lacks an encoder, and said so at the start', async () => {
    const program = await waitUntil(running, 'lacks', ({ state }) => state === 'unavailable')
    expect(program).toMatchObject({ starts: 0, failures: 0, pid: null })
    expect(program.last_error).toContain('has no encoder nosuch: name another')
    const message = 'FFmpeg is missing, or not what is needed: the rest works'
    const told = await waitFor('it is told', () => running.log.withMessage(message)[0])
    expect(told.fields).toEqual({
      reason: program.last_error,
      without: 'transcode * lacks of __defaultVhost__',
    })
  })

  it('goes on all the while: its players get every picture, and nobody is cut off', async () => {
    const times = (): number[] =>
      player.media.filter(({ type }) => type === MessageType.video).map(({ timestamp }) => timestamp)
    const end = (times().at(-1) ?? 0) + 2000
    await waitFor('it goes on', () => (times().at(-1) ?? 0) > end)
    // The clip has 25 pictures a second.
    const gaps = times().map((time, index) => time - (times()[index - 1] ?? time))
    expect(Math.max(...gaps)).toBeLessThanOrEqual(80)
    const { publications, framesDropped } = running.server.stream('live/demo')?.counters ?? {}
    expect({ publications, framesDropped }).toEqual({ publications: 1, framesDropped: 0 })
    const total = running.server.programs.reduce((sum, { failures }) => sum + failures, 0)
    const { body } = await ask(`${running.httpUrl}/api/v1/programs/`)
    expect(JSON.parse(body ?? '')).toMatchObject({ total: 5 })
    expect(total).toBeGreaterThanOrEqual(3)
  })

  it('leaves nothing behind when the server is closed', async () => {
    const pids = running.server.programs.flatMap(({ pid }) => (pid === null ? [] : [pid]))
    expect(pids.length).toBeGreaterThanOrEqual(2)
    await running.server.close()
    expect(pids.filter(isThere)).toEqual([])
    expect(running.server.programs).toEqual([])
  })
})

it.concurrent('An FFmpeg that hangs is replaced, though it does not even end when it is asked to', async (scope) => {
  const folders = new TemporaryFolder()
  scope.onTestFinished(() => folders.remove())
  const ffmpeg = makeFfmpeg(folders, 'trap "" TERM; while :; do sleep 1; done')
  const running = await startServer(scope, {
    programs: { stallTimeoutMs: 500, stopTimeoutMs: 200 },
    vhosts: { __defaultVhost__: { transcode: [transcodeBy('hangs', ffmpeg)] } },
  })
  await publishClip(running.server)
  const first = await waitUntil(running, 'hangs', ({ pid }) => pid !== null)
  const second = await waitUntil(running, 'hangs', ({ starts }) => starts > 1)
  expect(second.stalls).toBeGreaterThan(0)
  expect(second.failures).toBe(second.stalls)
  expect(second.last_error).toMatch(/^it made nothing for \d+ s/)
  expect(isThere(first.pid ?? 0)).toBe(false)
})

describe.concurrent('The programs of srs', () => {
  /** `srs` with a program that has started another. @param trap what it does when it is asked to end */
  async function start(scope: Scope, trap: string): Promise<Readonly<{ srs: Program; pids: number[] }>> {
    const folders = new TemporaryFolder()
    scope.onTestFinished(() => folders.remove())
    const note = join(folders.path, 'pids')
    const ffmpeg = writeScript(
      folders,
      `case "$2" in -version|-encoders) exit 0;; esac
${trap}
sleep 1000 &
echo $$ $! > ${note}.new && mv ${note}.new ${note}
${WORK}`,
    )
    const input = `input { type file; url ${CLIP}; }`
    const engine = `engine { enabled on; vcodec copy; acodec aac; output ${OUTPUT}/x; }`
    const conf = join(
      folders.write({
        'srs.conf': `listen 127.0.0.1:0; daemon off; srs_log_tank console; programs { stop_timeout 0.5; }
          vhost __defaultVhost__ { ingest x { enabled on; ${input} ffmpeg ${ffmpeg}; ${engine} } }`,
      }),
      'srs.conf',
    )
    const srs = startProgram(scope, [execPath, built('cli/main.js'), '-c', conf])
    await srs.waitForOutput(/rtmp:\/\/(localhost|127\.0\.0\.1):\d+/)
    const noted = await waitFor('the program runs', () => existsSync(note) && readFileSync(note, 'utf8'))
    const guardians = childrenOf(srs.pid).filter((pid) => commandOf(pid).includes('srs-guardian'))
    expect(guardians).toHaveLength(1)
    const pids = [...noted.trim().split(' ').map(Number), ...guardians]
    expect(pids.map(isThere)).toEqual([true, true, true])
    return { srs, pids }
  }

  it.each(['Ctrl-C', 'kill -9', 'kill -9 of the guardian, then of srs'])(
    'are gone after %s, with all that they started',
    async (how) => {
      const scope = new FileScope()
      try {
        const { srs, pids } = await start(scope, how === 'Ctrl-C' ? 'trap "" TERM' : '')
        if (how === 'Ctrl-C') {
          srs.pressControlC()
          expect(await srs.exited).toEqual({ code: 0, signal: null })
          expect(pids.filter(isThere)).toEqual([])
          return
        }
        if (how.includes('guardian')) {
          process.kill(pids[2] ?? 0, 'SIGKILL')
          await srs.waitForOutput(/the guardian of the programs is gone/)
          await waitFor('another', () =>
            childrenOf(srs.pid).some((pid) => pid !== pids[2] && commandOf(pid).includes('srs-guardian')),
          )
        }
        srs.kill('SIGKILL')
        await srs.exited
        await waitFor('they are gone', () => !pids.some(isThere))
      } finally {
        await scope.clean()
      }
    },
  )
})

/** Numbers of the processes that a process has started; proc(5). */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const [, rest = ''] = readProc(pid, 'stat').split(') ')
      return Number(rest.split(' ')[1]) === parent
    })
}

function commandOf(pid: number): string {
  return readProc(pid, 'cmdline')
}

/** '' of a process that is gone. */
function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
