import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { built, type Program, runProgram, startProgram } from '../support/program.ts'
import { FileScope } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'
import { ask, watchFlv } from '../support/web.ts'

const SRS = [execPath, built('cli/main.js')]
const LISTEN = ['--listen', '127.0.0.1:0', '--http-listen', '127.0.0.1:0']

const fileScope = new FileScope()
/** Where the doors are; nobody else's server is found there. */
let folder: string
let server: Program
let httpUrl: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 's-'))
  fileScope.onTestFinished(() => rmSync(folder, { recursive: true }))
  server = startProgram(fileScope, [...SRS, '--demo', ...LISTEN], { env: { XDG_RUNTIME_DIR: folder } })
  const [, url = ''] = await server.waitForOutput(/Play FLV +(http:\/\/\S+)\/live\/demo\.flv/)
  httpUrl = url
  await server.waitForOutput(/Ctrl-C ends the server/)
})
afterAll(() => fileScope.clean())

type Ran = { code: number | null; stdout: string; stderr: string }

/** Runs a command of the user whose server it is. */
async function srs(...args: readonly string[]): Promise<Ran> {
  const env = { XDG_RUNTIME_DIR: folder }
  const { code, stdout, stderr } = await runProgram(fileScope, [...SRS, ...args], { env })
  return { code, stdout, stderr }
}

describe.concurrent('a running server, without a pid file and without a password,', () => {
  it('lists its streams', async () => {
    const { code, stdout, stderr } = await srs('streams')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^STREAM +PUBLISHER +VIDEO .*\nlive\/demo +file-live-demo +H264 \d+x\d+ +AAC/)
  })

  it('is watched on what is no terminal by one look', async () => {
    const { code, stdout, stderr } = await srs('top')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^srs \S+ +unix:\S+ +process \d+, up \d+s\ncpu \d+%.* event loop \d+%/)
    expect(stdout).toMatch(/\nlive\/demo +file-live-demo/)
  })

  it('disconnects a client that is kicked, and says what ids there are', async () => {
    const { ended } = await watchFlv(fileScope, `${httpUrl}/live/demo.flv`)
    await waitFor('the player', async () =>
      (await ask(`${httpUrl}/api/v1/clients/`)).body?.includes('flv-play'),
    )
    const listed = await srs('clients', '--stream', 'live/demo', '--json')
    const clients: { id: string; type: string }[] = JSON.parse(listed.stdout)
    expect(clients.map(({ type }) => type)).toEqual(['file-publish', 'flv-play'])
    const id = clients[1]?.id ?? ''
    expect(await srs('kick', id, 'file-live-demu')).toEqual({
      code: 3,
      stdout: `${id} is disconnected.\n`,
      stderr: "srs kick: there is no client 'file-live-demu': did you mean file-live-demo?\n",
    })
    await ended
    expect(server.output).toMatch(/client kicked/)
  })

  it.each([
    ['has had enough', '{ "$@"; echo "code $?" >&2; } | :', /^code 0\n$/],
    ['has no room', '"$@" > /dev/full', /^srs streams: standard output can't be written: .*ENOSPC.*\n$/],
  ])('tells in a line, or in silence, that who reads its list %s', async (_why, script, stderr) => {
    const env = { XDG_RUNTIME_DIR: folder }
    const run = await runProgram(fileScope, ['sh', '-c', script, 'sh', ...SRS, 'streams'], { env })
    expect(run.stderr).toMatch(stderr)
  })

  it('has no configuration to reload', async () => {
    const { code, stderr } = await srs('reload')
    expect(code).toBe(1)
    expect(stderr).toMatch(/does not reload: .*without a configuration/)
  })
})

it('several servers are told apart by their doors, which only their user can open and which go with them', async () => {
  const second = startProgram(fileScope, [...SRS, ...LISTEN], { env: { XDG_RUNTIME_DIR: folder } })
  await second.waitForOutput(/Ctrl-C ends the server/)
  const several = await srs('streams')
  expect(several).toMatchObject({ code: 2, stderr: expect.stringContaining('several servers run here') })
  const doors = [...several.stderr.matchAll(/--door (\S+) +process (\d+), port \d+/g)]
  expect(doors.map(([, , pid]) => Number(pid)).sort()).toEqual([server.pid, second.pid].sort())
  const [, door = ''] = doors.find(([, , pid]) => Number(pid) === second.pid) ?? []
  expect(statSync(door).mode & 0o777).toBe(0o600)
  second.pressControlC()
  await second.exited
  expect(statSync(door, { throwIfNoEntry: false })).toBeUndefined()
})
