import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { built, type ProgramExit, runProgram } from '../support/program.ts'
import { RtmpClient } from '../support/rtmp-client.ts'
import { FileScope, type Scope, startServer } from '../support/server.ts'
import { mediaFolder } from '../support/sources.ts'
import { ask, askUpgrade, publishClip } from '../support/web.ts'

const scope = new FileScope()
let keyFile: string
beforeAll(async () => {
  keyFile = join(await mediaFolder(scope), 'token.keys')
})
afterAll(() => scope.clean())

type Run = ProgramExit & Readonly<{ stdout: string; stderr: string }>

function sign(test: Scope, ...args: string[]): Promise<Run> {
  return runProgram(test, [execPath, built('cli/main.js'), 'sign', '--key-file', keyFile, ...args])
}

describe('srs sign', () => {
  it('makes keys that nobody else can read, the newest first', async (test) => {
    expect(await sign(test, '--new-key', 'k1')).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(await sign(test, '--new-key', 'k2')).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(await readFile(keyFile, 'utf8')).toMatch(/^k2 [0-9a-f]{64}\nk1 [0-9a-f]{64}\n$/)
    expect((await stat(keyFile)).mode & 0o077).toBe(0)
  })

  it('prints URLs for every protocol, that a server with these keys takes', async (test) => {
    const { server, rtmpUrl, httpUrl } = await startServer(test, { access: { token: { keyFile } } })
    await publishClip(server)
    const from = ['--http-url', httpUrl, '--address', '127.0.0.1', `${rtmpUrl}/live/demo`]
    const { code, stdout } = await sign(test, '--json', ...from)
    expect(code).toBe(0)
    const urls = JSON.parse(stdout) as Record<string, string>
    const player = await RtmpClient.connect(rtmpUrl)
    test.onTestFinished(() => player.destroy())
    await player.play(urls.RTMP?.slice(rtmpUrl.length + 1))
    expect((await ask(urls.FLV ?? '')).status).toBe(200)
    expect((await ask(urls.HLS ?? '')).status).toBe(200)
    expect((await askUpgrade(urls.WebSocket ?? '')).status).toBe(101)
  })

  it('prints what OBS wants to know, and when it ends', async (test) => {
    const { rtmpUrl, server } = await startServer(test, { access: { token: { keyFile } } })
    const args = ['--for', 'publish', '--expires', '2h', '--key', 'k1', `${rtmpUrl}/live/mine`]
    const { stdout } = await sign(test, ...args)
    const [, obsServer = '', streamKey = '', until = ''] =
      /^OBS server {6}(\S+)\nOBS stream key {2}(\S+)\nuntil {11}(\S+)\n$/m.exec(stdout) ?? []
    expect(obsServer).toBe(`${rtmpUrl}/live`)
    const hoursLeft = (new Date(until).getTime() - Date.now()) / 3_600_000
    expect(hoursLeft).toBeGreaterThan(1.9)
    expect(hoursLeft).toBeLessThan(2)
    const publisher = await RtmpClient.connect(rtmpUrl)
    test.onTestFinished(() => publisher.destroy())
    await publisher.publish(`live/${streamKey}`)
    expect(server.stream('live/mine')?.publication).not.toBeNull()
  })

  it('says what is wrong, and tells no secret', async (test) => {
    const none = await sign(test, '--key', 'k9', 'rtmp://host/live/demo')
    expect(none).toMatchObject({ code: 2, stdout: '', stderr: `srs sign: ${keyFile} has no key 'k9'\n` })
    await writeFile(keyFile, 'k1 a-secret-that-is-fine with a comment')
    const { code, stderr } = await sign(test, 'rtmp://host/live/demo')
    expect(stderr).toContain('token.keys:1: a line has an id and a secret, and no more')
    expect(stderr).not.toContain('that-is-fine')
    expect(code).toBe(2)
  })
})
