import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import { waitFor } from '../../../test/support/wait.ts'
import type { ProgramCommand } from './command.ts'
import { type RunningProcess, startProcess } from './program-process.ts'
import { isThere } from './testing/scripts.ts'

type Started = Readonly<{
  running: RunningProcess
  /** What it wrote so far. */
  written: () => string
  /** What it told at its descriptor 3. */
  told: () => string
}>

const folders = new TemporaryFolder()
afterAll(() => folders.remove())

async function start(command: ProgramCommand, stopTimeoutMs = 5000): Promise<Started> {
  const written: Uint8Array[] = []
  const told: Uint8Array[] = []
  const running = await startProcess(
    command,
    {
      onStart: () => {},
      onOutput: (bytes) => written.push(bytes),
      onProgress: (bytes) => told.push(bytes),
    },
    stopTimeoutMs,
  )
  const text = (parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString()
  return { running, written: () => text(written), told: () => text(told) }
}

const sh = (script: string, ...args: string[]): ProgramCommand => ({
  file: '/bin/sh',
  args: ['-c', script, 'sh', ...args],
})

describe.concurrent('A process', () => {
  it('gets its arguments as they are, and nothing to read', async () => {
    const args = ['a b', '$(id)', '-y; rm -rf "$HOME"', '', "'"]
    const { running, written } = await start(sh('for each; do echo "[$each]"; done; cat', ...args))
    expect(await running.ended).toEqual({ code: 0, signal: null })
    expect(written()).toBe(args.map((each) => `[${each}]\n`).join(''))
  })

  it('is heard on both its outputs, and tells its progress apart from them', async () => {
    const { running, written, told } = await start(sh('echo out; echo err >&2; echo frame=1 >&3; exit 7'))
    expect(await running.ended).toEqual({ code: 7, signal: null })
    expect(written().split('\n').sort()).toEqual(['', 'err', 'out'])
    expect(told()).toBe('frame=1\n')
  })

  it('finds the folder that it needs, with those above it', async () => {
    const folder = join(folders.write({}), 'made/here')
    for (const text of ['one', 'two']) {
      const { running } = await start({ ...sh('echo "$1" >> "$2/out"', text, folder), folder })
      expect(await running.ended).toEqual({ code: 0, signal: null })
    }
    expect(await readFile(join(folder, 'out'), 'utf8')).toBe('one\ntwo\n')
  })

  it('is not started where its folder can not be made', async () => {
    const folder = join(folders.write({ file: '' }), 'file/below')
    await expect(start({ ...sh('exit'), folder })).rejects.toThrow(/ENOTDIR.*file\/below/)
  })

  it('may write to files in place of that, behind what is in them; their folders are made', async () => {
    const folder = folders.write({ out: 'old\n' })
    const files = { standardOutput: join(folder, 'out'), standardError: join(folder, 'a/b/err') }
    const { running, written } = await start({ ...sh('echo out; echo err >&2'), ...files })
    await running.ended
    expect(written()).toBe('')
    expect(await readFile(files.standardOutput, 'utf8')).toBe('old\nout\n')
    expect(await readFile(files.standardError, 'utf8')).toBe('err\n')
  })

  it('is told what stands in the environment', async () => {
    const { running, written } = await start({
      ...sh('echo "$STREAM $PATH"'),
      environment: { STREAM: 'live/x' },
    })
    await running.ended
    expect(written()).toBe(`live/x ${process.env.PATH}\n`)
  })

  it('is not told what configures this server', async () => {
    process.env.SRS_HTTP_API_AUTH_PASSWORD = 'swordfish'
    const { running, written } = await start({ ...sh('env'), environment: { SRS_STREAM: 'demo' } })
    delete process.env.SRS_HTTP_API_AUTH_PASSWORD
    await running.ended
    expect(written()).toContain('SRS_STREAM=demo\n')
    expect(written()).not.toContain('swordfish')
  })

  it.each([
    ['there is no such program', { file: '/nosuch/program', args: [] }, 'ENOENT'],
    ['it may not be run', { file: '/etc/passwd', args: [] }, 'EACCES'],
    ['its output can be no file', { ...sh(''), standardOutput: '/dev/null/folder/file' }, 'ENOTDIR'],
    ['its argument can be none', sh('', 'a\0b'), 'ERR_INVALID_ARG_VALUE'],
    ['its arguments are too long', sh('', 'x'.repeat(3_000_000)), 'E2BIG'],
  ])('can not be started where %s', async (_why, command, code) => {
    await expect(start(command)).rejects.toMatchObject({ code })
  })

  it('ends with all that it has started when it is asked to', async () => {
    const { running, written } = await start(sh('sleep 1000 & echo $!; sleep 1000'))
    const [, child] = await waitFor('the child', () => /^(\d+)\n/.exec(written()))
    running.stop()
    running.stop()
    expect(await running.ended).toEqual({ code: null, signal: 'SIGTERM' })
    expect(isThere(running.pid)).toBe(false)
    expect(isThere(Number(child))).toBe(false)
  })

  it('is given time to end, and to write what it has to say', async () => {
    const script = 'trap "sleep 0.2; echo done; exit 3" TERM; echo ready; while :; do sleep 0.05; done'
    const { running, written } = await start(sh(script))
    await waitFor('it is ready', () => written() === 'ready\n')
    running.stop()
    expect(await running.ended).toEqual({ code: 3, signal: null })
    expect(written()).toContain('done\n')
  })

  it('is killed if it does not end in time, also when it is stopped', async () => {
    const { running, written } = await start(
      sh('trap "" TERM; echo ready; while :; do sleep 0.05; done'),
      100,
    )
    await waitFor('it is ready', () => written() === 'ready\n')
    process.kill(running.pid, 'SIGSTOP')
    running.stop()
    expect(await running.ended).toEqual({ code: null, signal: 'SIGKILL' })
    expect(isThere(running.pid)).toBe(false)
  })

  it('that ends takes with it what it has started', async () => {
    const { running, written } = await start(sh('trap "" TERM; sleep 1000 & echo $!; exit 1'), 100)
    expect(await running.ended).toEqual({ code: 1, signal: null })
    expect(isThere(Number(written()))).toBe(false)
  })

  it('is over although somebody else, who left its group, holds its outputs open', async () => {
    const note = join(folders.write({}), 'pid')
    const leave = `setsid sh -c 'echo $$ > ${note}; exec sleep 1000' & until [ -s ${note} ]; do sleep 0.02; done`
    const { running } = await start(sh(leave))
    expect(await running.ended).toEqual({ code: 0, signal: null })
    process.kill(Number(await readFile(note, 'utf8')), 'SIGKILL')
  })

  it('never waits to write: a hundred megabytes are taken', async () => {
    let bytes = 0
    const listener = { onStart: () => {}, onOutput: (part: Uint8Array) => (bytes += part.length) }
    const running = await startProcess(sh('head -c 100000000 /dev/zero'), listener, 5000)
    expect(await running.ended).toEqual({ code: 0, signal: null })
    expect(bytes).toBe(100_000_000)
  })
})
