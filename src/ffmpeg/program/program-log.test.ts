import { mkdir, readdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { RecordingLogger } from '../../../test/support/server.ts'
import { TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import { defaultProgramOptions } from './options.ts'
import { MAX_WAITING_PROGRAM_LOG_BYTES } from './program-log.ts'
import { type OpenProgramLog, ProgramLogs } from './program-logs.ts'

const log = new RecordingLogger()

const folders = new TemporaryFolder()
afterAll(() => folders.remove())

function open(
  folder: string | null,
  name = 'a.log',
  maxLogBytes = 1000,
  logs = new ProgramLogs(log),
): OpenProgramLog {
  const opened = logs.open(name, { ...defaultProgramOptions, logDirectory: folder, maxLogBytes })
  if (opened === null) {
    throw new Error('it was not opened')
  }
  return opened
}

describe.concurrent('The log of a program', () => {
  it('is a file in a folder that is made, which is appended to, and only for those who may read it', async () => {
    const folder = join(folders.write({}), 'made', 'here')
    for (const text of ['one\n', 'two\n']) {
      const opened = open(folder)
      opened.write(Buffer.from(text))
      await opened.close()
    }
    expect(await readFile(join(folder, 'a.log'), 'utf8')).toBe('one\ntwo\n')
    expect((await stat(join(folder, 'a.log'))).mode & 0o007).toBe(0)
  })

  it('is never larger than its limit, nor is what is kept of it', async () => {
    const folder = folders.write({})
    const opened = open(folder)
    const lines = Array.from({ length: 300 }, (_, index) => `line ${index}\n`)
    for (const line of lines) {
      opened.write(Buffer.from(line))
    }
    await opened.close()
    expect((await readdir(folder)).sort()).toEqual(['a.log', 'a.log.1'])
    const kept = await Promise.all(['a.log.1', 'a.log'].map((name) => readFile(join(folder, name), 'utf8')))
    expect(kept.map(({ length }) => length <= 1000)).toEqual([true, true])
    expect(lines.join('').endsWith(kept.join(''))).toBe(true)
  })

  it('leaves out what the disk does not take in time, and says how much', async () => {
    const folder = folders.write({})
    const opened = open(folder, 'a.log', 10 * MAX_WAITING_PROGRAM_LOG_BYTES)
    for (let count = 0; count < 5; count++) {
      opened.write(Buffer.alloc(MAX_WAITING_PROGRAM_LOG_BYTES / 2, count + 65))
    }
    await opened.close()
    const text = await readFile(join(folder, 'a.log'), 'latin1')
    expect(text.replace(/(.)\1+/g, '$1')).toMatch(/^\n\[.*\]\nDE$/)
    expect(text).toContain(`[${1.5 * MAX_WAITING_PROGRAM_LOG_BYTES} bytes are left out`)
  })

  it('is one for two programs of one name', async () => {
    const folder = folders.write({})
    const logs = new ProgramLogs(log)
    const [first, second] = [open(folder, 'a.log', 1000, logs), open(folder, 'a.log', 1000, logs)]
    first.write(Buffer.from('first\n'))
    await first.close()
    second.write(Buffer.from('second\n'))
    await second.close()
    expect(await readFile(join(folder, 'a.log'), 'utf8')).toBe('first\nsecond\n')
  })

  it('may be moved away by others: the next start begins it anew', async () => {
    const folder = folders.write({})
    const first = open(folder)
    first.write(Buffer.from('first\n'))
    await first.close()
    await rename(join(folder, 'a.log'), join(folder, 'old.log'))
    const second = open(folder)
    second.write(Buffer.from('second\n'))
    await second.close()
    expect(await readFile(join(folder, 'a.log'), 'utf8')).toBe('second\n')
  })

  it('that can not be written is told once, and the program goes on', async () => {
    const folder = folders.write({})
    await mkdir(join(folder, 'a.log'))
    const own = new RecordingLogger()
    const opened = open(folder, 'a.log', 1000, new ProgramLogs(own))
    opened.write(Buffer.from('lost\n'))
    await opened.close()
    opened.write(Buffer.from('lost\n'))
    expect(own.lines).toEqual([
      expect.objectContaining({
        message: 'the log of a program can not be written',
        fields: { log: join(folder, 'a.log'), reason: expect.stringContaining('EISDIR') },
      }),
    ])
  })

  it.each(['', '.', '..', 'a/b', '../a', '/a', 'a\0b', 'x'.repeat(254)])(
    'is not made by the name %j',
    (name) => {
      expect(new ProgramLogs(log).open(name, { ...defaultProgramOptions, logDirectory: '/tmp' })).toBeNull()
    },
  )

  it.each([null, '/dev/null'])('is not kept in %j', (logDirectory) => {
    expect(new ProgramLogs(log).open('a.log', { ...defaultProgramOptions, logDirectory })).toBeNull()
  })
})
