import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { RecordingLogger } from '../../../test/support/server.ts'
import { TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import { FfmpegFinder, type FfmpegFinderSetup } from './ffmpeg-finder.ts'
import { tellOfFfmpeg } from './ffmpeg-needs.ts'
import { type StartProcess, startProcess } from './program-process.ts'
import { writeScript } from './testing/scripts.ts'

const folders = new TemporaryFolder()
afterAll(() => folders.remove())

/** An FFmpeg that says what it is, and notes each time that it is asked. */
function fakeFfmpeg(version = '6.1', encoders: readonly string[] = ['libx264', 'aac']): string {
  const lines = encoders.map((encoder) => ` V....D ${encoder} one`).join('\n')
  return writeScript(
    folders,
    `echo "$2" >> "$0.asked"
case "$2" in
  -version) echo "ffmpeg version ${version} Copyright" ;;
  -encoders) printf '%s\\n' '${lines}' ;;
esac`,
  )
}

function find(
  path: readonly string[],
  more: Partial<FfmpegFinderSetup> = {},
): { finder: FfmpegFinder; log: RecordingLogger } {
  const log = new RecordingLogger()
  return { finder: new FfmpegFinder({ start: startProcess, logger: log, folders: () => path, ...more }), log }
}

describe.concurrent('The finder of FFmpeg', () => {
  it('takes the path that is given, else what is in PATH', async () => {
    const [own, common] = [fakeFfmpeg(), fakeFfmpeg()]
    const { finder, log } = find(['/nosuch', dirname(common)])
    expect(await finder.answer(own, ['libx264'])).toEqual({ path: own })
    expect(await finder.answer('ffmpeg', ['aac'])).toEqual({ path: common })
    expect(log.lines).toEqual([])
  })

  it('takes that of PATH for a path that can not be run, and says so once', async () => {
    const common = fakeFfmpeg()
    const notExecutable = join(folders.write({ ffmpeg: '#!/bin/sh\n' }), 'ffmpeg')
    const { finder, log } = find([dirname(common)])
    for (const path of ['./objs/ffmpeg/bin/ffmpeg', notExecutable, notExecutable, folders.path]) {
      expect(await finder.answer(path, [])).toEqual({ path: common })
    }
    expect(log.lines.map(({ fields }) => fields)).toEqual([
      { asked: './objs/ffmpeg/bin/ffmpeg', used: common },
      { asked: notExecutable, used: common },
      { asked: folders.path, used: common },
    ])
  })

  it('says that there is none, and how it is installed', async () => {
    const { finder } = find(['/nosuch'])
    expect(await finder.answer('ffmpeg', [])).toEqual({
      problem: expect.stringMatching(/^there is no ffmpeg in PATH: install it, e\.g\. \w.* install ffmpeg$/),
    })
    expect(await finder.answer('./objs/ffmpeg', [])).toEqual({
      problem: expect.stringMatching(/^\.\/objs\/ffmpeg can not be run, and there is no ffmpeg in PATH/),
    })
  })

  it('says that it is too old, or lacks encoders', async () => {
    const [old, fresh] = [fakeFfmpeg('3.4.2'), fakeFfmpeg()]
    const { finder } = find([])
    expect(await finder.answer(old, [])).toEqual({
      problem: expect.stringContaining(`${old} is of version 3.4.2: install 4.0 or later`),
    })
    expect(await finder.answer(fresh, ['libx264', 'libx265', 'libfdk_aac'])).toEqual({
      problem: expect.stringContaining(`${fresh} (6.1) has no encoder libx265, libfdk_aac`),
    })
  })

  it('asks each once, and again when its file has changed', async () => {
    const path = fakeFfmpeg()
    const { finder } = find([])
    await Promise.all([finder.answer(path, []), finder.answer(path, [])])
    await finder.answer(path, [])
    expect((await finder.find(path))?.version).toBe('6.1')
    writeFileSync(path, '#!/bin/sh\necho "ffmpeg version 7.0 Copyright"\n')
    expect((await finder.find(path))?.version).toBe('7.0')
    rmSync(path)
    expect(await finder.find(path)).toBeNull()
    writeFileSync(path, '#!/bin/sh\necho "ffmpeg version 7.1 Copyright"\n')
    chmodSync(path, 0o755)
    expect((await finder.find(path))?.version).toBe('7.1')
  })

  it('uses as it is one that says nothing, hangs or can not be asked', async () => {
    const quiet = writeScript(folders, 'exit 1')
    const hanging = writeScript(folders, 'sleep 1000')
    const talkative = writeScript(folders, 'yes')
    const broken = writeScript(folders, '').replace(/ffmpeg$/, 'broken')
    writeFileSync(broken, '#!/nosuch/interpreter\n', { mode: 0o755 })
    const { finder, log } = find([], { timeoutMs: 200 })
    for (const path of [quiet, hanging, talkative, broken]) {
      expect(await finder.answer(path, ['libx264'])).toEqual({ path })
    }
    expect(log.withMessage('this FFmpeg does not say what it is: it is used as it is')).toHaveLength(4)
  })

  it('has asked nobody any more when it is closed, whatever it was just about to do', async () => {
    const path = fakeFfmpeg()
    let started = 0
    let ended = 0
    const start: StartProcess = async (...call) => {
      started++
      const process = await startProcess(...call)
      void process.ended.then(() => ended++)
      return process
    }
    const { finder } = find([dirname(path)], { start })
    const early = finder.answer('ffmpeg', [])
    await finder.close()
    await early
    expect(started).toBe(0)
    const { finder: second } = find([], { start })
    const hanging = writeScript(folders, 'exec sleep 1000')
    const asked = second.answer(hanging, [])
    await expect.poll(() => started).toBe(2)
    await second.close()
    expect(ended).toBe(2)
    expect(await asked).toEqual({ path: hanging })
  })

  it('knows the FFmpeg of this machine', async () => {
    const finder = new FfmpegFinder({ start: startProcess, logger: new RecordingLogger() })
    expect(await finder.answer('ffmpeg', ['libx264', 'h264', 'aac', 'libmp3lame', 'flv'])).toEqual({
      path: expect.stringMatching(/\/ffmpeg$/),
    })
    expect(await finder.answer('ffmpeg', ['nosuch'])).toEqual({
      problem: expect.stringContaining('no encoder nosuch'),
    })
  })

  it('tells in a line for each problem who is affected', async () => {
    const path = fakeFfmpeg()
    const { finder, log } = find([])
    await tellOfFfmpeg(
      finder,
      [
        { file: path, encoders: ['aac'], who: 'well' },
        { file: null, encoders: [], who: 'transcode live ld of a.example' },
        { file: path, encoders: ['libx265'], who: 'transcode * hd of a.example' },
        { file: null, encoders: [], who: 'ingest camera of b.example' },
      ],
      log,
    )
    expect(log.lines).toEqual([
      expect.objectContaining({
        level: 'warn',
        message: 'FFmpeg is missing, or not what is needed: the rest works',
        fields: {
          reason: expect.stringContaining('there is no ffmpeg in PATH: install it'),
          without: 'transcode live ld of a.example, ingest camera of b.example',
        },
      }),
      expect.objectContaining({
        fields: {
          reason: expect.stringContaining('has no encoder libx265'),
          without: 'transcode * hd of a.example',
        },
      }),
    ])
  })
})
