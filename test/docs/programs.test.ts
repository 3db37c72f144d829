import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { describe, expect, it } from 'vitest'
import { settingsOfText } from '../../src/control/config/schema/testing/build.ts'
import { RtmpPublisher } from '../../src/index.ts'
import { makeCertificate } from '../support/certificate.ts'
import { makeConsumer } from '../support/consumer.ts'
import { PAGES, readBlocks } from '../support/docs.ts'
import { runProgram, startProgram } from '../support/program.ts'
import { FileScope } from '../support/server.ts'
import { ask, CLIP } from '../support/web.ts'

/** A page's program, on ports that are free. */
function programOf(page: string): string {
  const source = readBlocks(page, 'ts')
    .map(({ text }) => text)
    .join('\n')
  return source.replaceAll(/port: (1935|1936|1985|8080|8443)\b/g, 'port: 0')
}

const WITH_CODE = [
  'README.md',
  'docs/access.md',
  'docs/behind-a-proxy.md',
  'docs/coming-and-going.md',
  'docs/embed.md',
  'docs/encrypt-with-tls.md',
  'docs/listening.md',
  'docs/play-and-publish.md',
  'docs/reload.md',
  'docs/virtual-hosts.md',
]

describe.concurrent('the code of the documentation', () => {
  it('is on the pages that are run here', () => {
    const pages = PAGES.filter((page) => readBlocks(page, 'ts').length > 0)
    expect(pages.sort()).toEqual(WITH_CODE)
  })

  it('passes a strict type check, page by page', async (scope) => {
    // All at once: the compiler takes longer to read the types than to check a page.
    const folder = await makeConsumer(scope, '')
    for (const page of WITH_CODE) {
      await writeFile(join(folder, `${page.replaceAll('/', '-')}.ts`), programOf(page))
    }
    const result = await runProgram(scope, ['tsc', '-p', folder])
    expect(result).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
  })

  it('of docs/embed.md runs from top to bottom, does what the page says, and ends by itself', async (scope) => {
    const folder = await makeConsumer(scope, programOf('docs/embed.md'))
    await copyFile(CLIP, join(folder, 'clip.flv'))
    const { code, stdout, stderr } = await runProgram(scope, [execPath, 'program.ts'], { cwd: folder })
    const lines = stdout.trim().split('\n')
    expect(lines[0]).toMatch(
      /^Publish to rtmp:\/\/127\.0\.0\.1:\d+\/live\/demo, watch at http:\/\/127\.0\.0\.1:\d+\/$/,
    )
    expect(lines[1]).toBe('local publishes live/demo')
    const frames = lines.slice(2).filter((line) => /^\d/.test(line))
    expect(frames[0]).toMatch(/^0 data amf0 false \d+$/)
    expect(frames).toContainEqual(expect.stringMatching(/^0 video avc false \d+$/))
    expect(frames).toContainEqual(expect.stringMatching(/^0 video avc true \d+$/))
    expect(frames).toContainEqual(expect.stringMatching(/^\d+ audio aac false \d+$/))
    expect(frames.at(-1)).toMatch(/^5\d\d /)
    expect(lines.at(-1)).toBe('demo is over: stopped')
    // What pino says stands between, on standard output; nothing was logged, for nobody came.
    expect(lines).toHaveLength(2 + frames.length + 1)
    expect(stderr).toMatch(
      /^cannot listen on 127\.0\.0\.1:\d+ for RTMP: the port is taken by another program; .*\n$/,
    )
    expect(code).toBe(0)
  })

  it('of docs/play-and-publish.md publishes to another server and plays from it', async (scope) => {
    const folder = await makeConsumer(scope, programOf('docs/play-and-publish.md'))
    await copyFile(CLIP, join(folder, 'clip.flv'))
    const { code, stdout, stderr } = await runProgram(scope, [execPath, 'program.ts'], { cwd: folder })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = stdout.trim().split('\n')
    expect(lines.at(-1)).toBe('NetStream.Publish.BadName null')
    const packets = lines.slice(0, -1)
    expect(packets[0]).toMatch(/^data at 0 ms, \d+ bytes$/)
    expect(packets).toContainEqual(expect.stringMatching(/^video at 0 ms, \d{3,} bytes$/))
    expect(packets).toContainEqual(expect.stringMatching(/^audio at \d+ ms, \d+ bytes$/))
    expect(packets.at(-1)).toMatch(/^(audio|video) at 3\d\d ms, \d+ bytes$/)
  })

  it('of docs/encrypt-with-tls.md starts a server with its certificate, and ends by itself', async (scope) => {
    const folder = await makeConsumer(scope, programOf('docs/encrypt-with-tls.md'))
    const { certificate, key } = await makeCertificate(scope)
    await copyFile(certificate, join(folder, 'certificate.pem'))
    await copyFile(key, join(folder, 'key.pem'))
    const { code, stdout, stderr } = await runProgram(scope, [execPath, 'program.ts'], { cwd: folder })
    expect(stdout).toMatch(
      /^Publish to rtmps:\/\/127\.0\.0\.1:\d+\/live\/demo, watch at https:\/\/127\.0\.0\.1:\d+\/\n$/,
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('of docs/reload.md tells what a reload does, and does it', async (scope) => {
    const folder = await makeConsumer(scope, programOf('docs/reload.md'))
    const { code, stdout, stderr } = await runProgram(scope, [execPath, 'program.ts'], { cwd: folder })
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining([
        'keep listener 127.0.0.1:0 (RTMP) 0',
        'remove virtual host __defaultVhost__ 0',
        'add virtual host live.example.com 0',
        '0 clients would be disconnected',
      ]),
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('of docs/listening.md listens where the page says, and ends by itself', async (scope) => {
    const folder = await makeConsumer(scope, programOf('docs/listening.md'))
    const { code, stdout, stderr } = await runProgram(scope, [execPath, 'program.ts'], { cwd: folder })
    expect(stdout).toMatch(/^rtmp \S+:\d+\nrtmp rtmp\.sock\nhttp \S+:\d+\napi 127\.0\.0\.1:\d+\n$/)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('of docs/access.md signs a URL, and ends by itself', async (scope) => {
    const folder = await makeConsumer(scope, programOf('docs/access.md'))
    const { code, stdout, stderr } = await runProgram(scope, [execPath, 'program.ts'], { cwd: folder })
    expect(stdout).toMatch(/^rtmp:\/\/127\.0\.0\.1:\d+\/live\/demo\?expires=\d{10}&key=k1&sig=[\w-]{43}\n$/)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it.each(['docs/behind-a-proxy.md', 'docs/coming-and-going.md', 'docs/virtual-hosts.md'])(
    'of %s starts servers, and ends by itself',
    async (page) => {
      const scope = new FileScope()
      try {
        const folder = await makeConsumer(scope, programOf(page))
        const { code, stderr } = await runProgram(scope, [execPath, 'program.ts'], { cwd: folder })
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      } finally {
        await scope.clean()
      }
    },
  )

  it('of docs/edge.md has a file that is read as an edge', () => {
    const [file] = readBlocks('docs/edge.md', 'nginx')
    expect(settingsOfText(`listen 1935; ${file?.text}`).vhosts).toMatchObject({
      __defaultVhost__: { edge: { mode: 'remote', origins: ['a.example.com', 'b.example.com:1936'] } },
    })
  })

  it('of docs/virtual-hosts.md has a file that is read as the settings it stands for', () => {
    const [file] = readBlocks('docs/virtual-hosts.md', 'nginx')
    expect(settingsOfText(file?.text ?? '')).toEqual({
      rtmp: { host: '', port: 1935 },
      http: { host: '', port: 8080 },
      api: false,
      vhosts: {
        'live.example.com': {
          broadcast: { minLatency: true },
          flv: { enabled: true },
          hls: { enabled: false },
        },
        'archive.example.com': {
          rtmp: { chunkSize: 4096 },
          broadcast: { gopCache: false, mergeWriteMs: 350 },
          flv: { enabled: false },
          hls: { enabled: true, fragmentMs: 4000 },
        },
        'old.example.com': { enabled: false, flv: { enabled: false }, hls: { enabled: false } },
        __defaultVhost__: { flv: { enabled: false }, hls: { enabled: true } },
      },
    })
  })

  it('of README.md starts a server that asks for the token', async (scope) => {
    const folder = await makeConsumer(scope, programOf('README.md'))
    const program = startProgram(scope, [execPath, 'program.ts'], { cwd: folder })
    const [, rtmpUrl = '', token = '', httpUrl = ''] = await program.waitForOutput(
      /Publish to (rtmp:\S+)\/live\/demo\?token=(\w+), watch at (http:\S+)\n/,
    )
    await expect(RtmpPublisher.publish(`${rtmpUrl}/live/demo`)).rejects.toThrow('the token is wrong')
    const owner = await RtmpPublisher.publish(`${rtmpUrl}/live/demo?token=${token}`)
    scope.onTestFinished(() => owner.close())
    expect((await ask(httpUrl)).status).toBe(200)
  })
})
