import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import { PidFile } from './pid-file.ts'

const folder = new TemporaryFolder()
afterAll(() => folder.remove())

/** The number of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await once(child, 'exit')
  return child.pid ?? 0
}

/** A process that takes a pid file and says what came of it, then goes on until its input ends. */
async function startOther(path: string): Promise<{ said: string; end: () => Promise<void> }> {
  const program = `
    import process from 'node:process'
    import { PidFile, PROCESS_NAME } from ${JSON.stringify(new URL('./pid-file.ts', import.meta.url).href)}
    process.title = PROCESS_NAME
    try {
      new PidFile(${JSON.stringify(path)})
      process.stdout.write('has it')
    } catch (error) {
      process.stdout.write(error.code + ' ' + error.message)
      process.exit(0)
    }
    process.stdin.resume()`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [said] = await once(child.stdout, 'data')
  return {
    said: String(said),
    async end() {
      child.stdin.end()
      if (child.exitCode === null) {
        await once(child, 'exit')
      }
    },
  }
}

describe('a pid file', () => {
  it('has the number of the process, in a folder that is made, until it is released', () => {
    const path = join(folder.write({}), 'objs', 'run', 'srs.pid')
    const file = new PidFile(path)
    expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`)
    expect(readdirSync(join(path, '..'))).toEqual(['srs.pid'])
    file.release()
    file.release()
    expect(existsSync(path)).toBe(false)
  })

  it('of a server that runs is not given to another, which names the process', async () => {
    const path = join(folder.write({}), 'srs.pid')
    const other = await startOther(path)
    expect(other.said).toBe('has it')
    const pid = readFileSync(path, 'utf8').trim()
    expect(() => new PidFile(path)).toThrow(
      `a server runs with the pid file '${path}' already: process ${pid};`,
    )
    expect(readFileSync(path, 'utf8').trim()).toBe(pid)
    await other.end()
    new PidFile(path)
    expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`)
  })

  it.each([
    ['a process that has ended', endedProcess],
    ['a process that is no server', async () => process.ppid],
    ['this very process, as in a container that was started again', async () => process.pid],
    ['no process at all', async () => ''],
    ['something else', async () => 'not a number'],
    ['all processes of a group', async () => -1],
  ])('that was left with the number of %s is taken over', async (_name, content) => {
    const path = join(folder.write({ 'srs.pid': `${await content()}\n` }), 'srs.pid')
    new PidFile(path)
    expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`)
    expect(readdirSync(join(path, '..'))).toEqual(['srs.pid'])
  })

  it('is given to one of several servers that start at once, though a stale one is there', async () => {
    const path = join(folder.write({ 'srs.pid': `${await endedProcess()}\n` }), 'srs.pid')
    const others = await Promise.all(Array.from({ length: 4 }, () => startOther(path)))
    expect(others.filter(({ said }) => said === 'has it')).toHaveLength(1)
    expect(
      others.filter(({ said }) => /^ERR_CONFIGURATION .* runs with the pid file/.test(said)),
    ).toHaveLength(3)
    await Promise.all(others.map((other) => other.end()))
  })

  it('that another server has by now is not removed', () => {
    const path = join(folder.write({}), 'srs.pid')
    const file = new PidFile(path)
    writeFileSync(path, '1\n')
    file.release()
    expect(readFileSync(path, 'utf8')).toBe('1\n')
  })

  it('that cannot be written is told', () => {
    const at = folder.write({ file: '' })
    mkdirSync(join(at, 'srs.pid'))
    expect(() => new PidFile(join(at, 'file', 'srs.pid'))).toThrow(
      /^the pid file '.*srs.pid' cannot be written: /,
    )
    expect(() => new PidFile(join(at, 'srs.pid'))).toThrow(
      /^the pid file '.*srs.pid' cannot be written: EISDIR/,
    )
  })
})
