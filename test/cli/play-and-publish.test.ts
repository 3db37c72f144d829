import { join } from 'node:path'
import { execPath } from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mediaOf, readPacketsOf } from '../support/clip.ts'
import { built, REPOSITORY, runProgram, startProgram } from '../support/program.ts'
import { FileScope, startServer } from '../support/server.ts'
import { mediaFolder } from '../support/sources.ts'
import { waitFor } from '../support/wait.ts'
import { CLIP, publishClip } from '../support/web.ts'

const fileScope = new FileScope()
let folder: string
/** Two seconds of the clip. */
let short: string
beforeAll(async () => {
  folder = await mediaFolder(fileScope)
  short = join(folder, 'short.flv')
  const cut = ['ffmpeg', '-v', 'error', '-i', CLIP, '-t', '2', '-c', 'copy', short]
  expect(await runProgram(fileScope, cut)).toMatchObject({ code: 0, stderr: '' })
})
afterAll(() => fileScope.clean())

function srs(...args: readonly string[]): string[] {
  return [execPath, built('cli/main.js'), ...args]
}

/** The file of a test. */
function fileOf(name: string): string {
  return join(folder, `${name}.flv`)
}

describe.concurrent('srs play and srs publish', () => {
  it('carry a file through a server: what is recorded is what was published', async (scope) => {
    const { server, rtmpUrl } = await startServer(scope)
    const recorded = fileOf('recorded')
    const player = startProgram(scope, srs('play', '-o', recorded, `${rtmpUrl}/live/demo`))
    await waitFor('the player waits', () => server.stream('live/demo')?.viewers.size === 1)
    const publisher = await runProgram(scope, srs('publish', short, `${rtmpUrl}/live/demo`))
    expect(publisher.stderr).toMatch(
      /^srs publish: in all [2-9] s {2}0\.\d\d Mbit\/s {2}[1-9]\d*\.\d fps {2}avc, aac {2}0\.1 MB\n$/m,
    )
    expect({ code: publisher.code, stdout: publisher.stdout }).toEqual({ code: 0, stdout: '' })
    player.pressControlC()
    expect(await player.exited).toEqual({ code: 0, signal: null })
    const [before, after] = [await readPacketsOf(100, short), await readPacketsOf(100, recorded)]
    expect(mediaOf(after)).toEqual(mediaOf(before))
  })

  it('go on over the end of a looped file without a jump in time', async (scope) => {
    const { rtmpUrl } = await startServer(scope)
    const publisher = startProgram(scope, srs('publish', '--loop', short, `${rtmpUrl}/live/demo`))
    const recorded = fileOf('looped')
    const args = ['play', '-o', recorded, '--seconds', '3.5', `${rtmpUrl}/live/demo`]
    expect(await runProgram(scope, srs(...args))).toMatchObject({ code: 0 })
    const { video } = mediaOf(await readPacketsOf(100, recorded))
    const times = video.filter(({ isMedia }) => isMedia).map(({ dts }) => dts)
    const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    expect(times.at(-1)).toBeGreaterThan(3000)
    expect(Math.min(...steps)).toBeGreaterThan(0)
    expect(Math.max(...steps)).toBeLessThan(100)
    await publisher.waitForOutput(/ {2}round 2$/m)
    publisher.pressControlC()
    expect(await publisher.exited).toEqual({ code: 0, signal: null })
  })

  it('end with 1 and the server’s reason when they are refused', async (scope) => {
    const { rtmpUrl } = await startServer(scope, { onPublish: () => 'not here', onPlay: () => 'not you' })
    const url = `${rtmpUrl}/live/demo`
    const output = fileOf('refused')
    expect(await runProgram(scope, srs('publish', short, url))).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^srs publish: the server refused publish: NetStream\.Publish\.BadName: .*not here/,
      ),
    })
    expect(await runProgram(scope, srs('play', '-o', output, url))).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^srs play: the server refused play: NetStream\.Play\.Failed: .*not you/),
    })
    await expect(readPacketsOf(1, output)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('end with 1 when the server ends the stream before the file does, or before anything came', async (scope) => {
    const { server, rtmpUrl } = await startServer(scope)
    const publisher = startProgram(scope, srs('publish', CLIP, `${rtmpUrl}/live/demo`))
    const player = startProgram(scope, srs('play', `${rtmpUrl}/live/nobody`))
    await waitFor('both are there', () => server.rtmpConnections === 2)
    await waitFor('a viewer', () => server.stream('live/nobody')?.viewers.size === 1)
    await waitFor('media', () => (server.stream('live/demo')?.counters.frames ?? 0) > 0)
    await server.close()
    expect(await publisher.exited).toEqual({ code: 1, signal: null })
    // A server that closes while media is on its way resets the connection.
    expect(publisher.stderr).toMatch(
      /^srs publish: the (stream is no longer published|connection was lost): .+\n$/m,
    )
    expect(await player.exited).toEqual({ code: 1, signal: null })
    expect(player.stderr).toContain('srs play: the stream ended before there was a picture or a sound\n')
  })

  it('play ends well when who reads its standard output has enough', async (scope) => {
    const { server, rtmpUrl } = await startServer(scope)
    await publishClip(server)
    const command = srs('play', '-o', '-', `${rtmpUrl}/live/demo`).join(' ')
    const shell = ['sh', '-c', `(${command}; echo "it ends with $?" >&2) | head -c 100`]
    const { stdout, stderr } = await runProgram(scope, shell)
    expect(stdout.startsWith('FLV')).toBe(true)
    expect(stderr).toMatch(/it ends with 0\n$/)
  })

  it.each([
    [['play', 'live/demo'], 2, /must begin with rtmp:\/\/, rtmps:\/\/, http:\/\/ or https:\/\//],
    [['play', 'rtmp://127.0.0.1/live'], 2, /is not rtmp:\/\/host\[:port\]\/app\/stream/],
    [['play', '--seconds', '0', 'rtmp://127.0.0.1/live/demo'], 2, /more than 0/],
    [['play', 'rtmp://127.0.0.1:1/live/demo'], 1, /no connection to 127\.0\.0\.1:1: nothing listens there/],
    [['play', 'http://127.0.0.1:1/live/demo.flv'], 1, /can't be read/],
    [['publish', 'none.flv', 'rtmp://127.0.0.1/live/demo'], 1, /none\.flv can't be played: ENOENT/],
    [['publish', `${REPOSITORY}package.json`, 'rtmp://127.0.0.1/live/demo'], 1, /is neither FLV nor MP4/],
    [['publish', CLIP, 'http://127.0.0.1/live/demo'], 2, /is not rtmp:\/\//],
  ])('%j ends with %i and says why', async (args, exitCode, reason) => {
    const scope = new FileScope()
    const { code, stdout, stderr } = await runProgram(scope, srs(...args))
    await scope.clean()
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
    expect(stderr).toMatch(reason)
  })

  it('play says so if the file cannot be written, and leaves the server', async (scope) => {
    const { server, rtmpUrl } = await startServer(scope)
    await publishClip(server)
    const args = ['play', '-o', join(folder, 'no', 'such.flv'), `${rtmpUrl}/live/demo`]
    const { code, stderr } = await runProgram(scope, srs(...args))
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/such\.flv can't be written: ENOENT/),
    })
  })
})
