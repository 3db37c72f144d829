import { mkdir, readdir, symlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { RecordingLogger } from '../../../test/support/server.ts'
import { TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import { isProgramLogName } from './log-folder.ts'
import { defaultProgramOptions } from './options.ts'
import { type OpenProgramLog, ProgramLogs } from './program-logs.ts'

const folders = new TemporaryFolder()
afterAll(() => folders.remove())

function logOf(stream: string): string {
  return `ffmpeg-encoder-v-live-${stream}.log`
}

/** Opens logs in a folder where there may be three files. */
function opener(folder: string, logger = new RecordingLogger()): (stream: string) => OpenProgramLog {
  const logs = new ProgramLogs(logger)
  return (stream) => {
    const options = { ...defaultProgramOptions, logDirectory: folder, maxLogBytes: 100, maxLogFiles: 3 }
    const opened = logs.open(logOf(stream), options)
    if (opened === null) {
      throw new Error('it was not opened')
    }
    return opened
  }
}

/** Makes files, each written a minute after the one before it, the last of them an hour ago. */
async function folderOf(...names: readonly string[]): Promise<string> {
  const folder = folders.write(Object.fromEntries(names.map((name) => [name, 'old\n'])))
  for (const [index, name] of names.entries()) {
    const at = new Date(Date.now() - 3_600_000 - 60_000 * (names.length - index))
    await utimes(join(folder, name), at, at)
  }
  return folder
}

async function use(log: OpenProgramLog, text = 'new\n'): Promise<void> {
  log.write(Buffer.from(text))
  await log.close()
}

describe.concurrent('The folder of logs', () => {
  it('has no more logs than there may be, however many names there were: the oldest are removed', async () => {
    const folder = await folderOf(
      ...[logOf('a'), `${logOf('a')}.1`, 'ffmpeg-ingest-v-live-b.log', 'exec-v-live-c-1.log'],
      logOf('d'),
    )
    const open = opener(folder)
    await use(open('e'))
    expect((await readdir(folder)).sort()).toEqual(['exec-v-live-c-1.log', logOf('d'), logOf('e')])
    for (let stream = 0; stream < 20; stream++) {
      await use(open(`f${stream}`))
    }
    expect(await readdir(folder)).toHaveLength(3)
  })

  it('keeps those in which programs write, and what was put aside of them', async () => {
    const names = ['a', 'b', 'c', 'd'].map(logOf)
    const folder = await folderOf(`${logOf('a')}.1`, ...names)
    const open = opener(folder)
    const running = open('a')
    running.write(Buffer.from('runs\n'))
    await use(open('e'))
    expect((await readdir(folder)).sort()).toEqual([logOf('a'), `${logOf('a')}.1`, logOf('e')])
    await running.close()
  })

  it('keeps what has another name, is a link or a folder', async () => {
    const others = [
      'srs.log',
      'notes.txt',
      'exec-notes.log',
      'ffmpeg.log',
      `${logOf('x')}.2`,
      `${logOf('x')}.gz`,
    ]
    const folder = await folderOf(...others, ...['a', 'b', 'c', 'd'].map(logOf))
    await symlink(join(folder, 'srs.log'), join(folder, logOf('link')))
    await mkdir(join(folder, logOf('folder')))
    await use(opener(folder)('e'))
    const logs = [logOf('c'), logOf('d'), logOf('e')]
    expect((await readdir(folder)).sort()).toEqual(
      [...others, ...logs, logOf('folder'), logOf('link')].sort(),
    )
  })

  it('that is gone is told once, and does not end anything', async () => {
    const logger = new RecordingLogger()
    const open = opener(join(folders.write({}), 'gone'), logger)
    await open('a').close()
    await open('a').close()
    expect(logger.lines).toEqual([
      expect.objectContaining({ message: 'old logs of programs can not be removed' }),
    ])
  })
})

it.each([
  ['ffmpeg-encoder-__defaultVhost__-live-a-ld.log', true],
  ['ffmpeg-ingest-__defaultVhost__-cam.log', true],
  ['exec-__defaultVhost__-x=2Fy-two-1.log.1', true],
  ['exec-__defaultVhost__-live-a.log', false],
  ['my-ffmpeg-encoder-a.log', false],
  ['srs.log', false],
])('The name %s is one of a log of a program: %s', (name, expected) => {
  expect(isProgramLogName(name)).toBe(expected)
})
