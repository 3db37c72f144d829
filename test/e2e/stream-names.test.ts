import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EngineSettings, RtmpPublisher } from '../../src/index.ts'
import { streamKey } from '../../src/live/index.ts'
import { readPacketsOf } from '../support/clip.ts'
import { FileScope, startServer, type TestServer } from '../support/server.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait.ts'
import { publishClip } from '../support/web.ts'

const HOSTILE = `x -y; rm -rf "$HOME" $(id) '`
/** Each with how it is written in the name of a file. */
const NAMES: readonly (readonly [stream: string, file: string])[] = [
  [HOSTILE, 'x=20-y=3B=20rm=20-rf=20=22=24HOME=22=20=24=28id=29=20=27'],
  ['Grüße-流', 'Grüße-流'],
  ['%d-slist=evil', '=25d-slist=3Devil'],
  ['n'.repeat(300), 'n+==[0-9a-f]{16}'],
]

const scope = new FileScope()
const folder = new TemporaryFolder()
let given: TestServer
/** Where FFmpeg writes: files and logs. */
let output: string
beforeAll(async () => {
  output = folder.write({ above: 'not to be touched', logs: null })
  mkdirSync(join(output, 'files'))
  const copy = (name: string, to: string): EngineSettings => {
    const inputOptions = [['analyzeduration', '500000']] as const
    return { name, inputOptions, videoCodec: 'copy', audioCodec: 'copy', output: to }
  }
  const own = 'rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]_[engine]'
  const engines = [copy('ld', own), copy('file', join(output, 'files/[stream].flv'))]
  const withParam = [copy('ld', 'rtmp://127.0.0.1:[port]/[app]/[stream]_[engine][param]')]
  given = await startServer(scope, {
    rtmp: { firstMediaTimeoutMs: 0, mediaTimeoutMs: 0 },
    programs: { logDirectory: join(output, 'logs') },
    vhosts: {
      __defaultVhost__: { transcode: [{ engines }] },
      'param.example': { transcode: [{ engines: withParam }] },
    },
  })
})
afterAll(async () => {
  await scope.clean()
  folder.remove()
})

describe('what a publisher chooses', () => {
  it('goes through transcode as a name: to the input, to streams and files that FFmpeg makes, and to logs', async () => {
    const { server } = given
    const stops = await Promise.all(NAMES.map(([stream]) => publishClip(server, `live/${stream}`)))
    for (const [stream] of NAMES) {
      await waitFor(
        () => `${stream}_ld: ${JSON.stringify(server.programs)}`,
        () => (server.stream(`live/${stream}_ld`)?.counters.frames ?? 0) > 5,
      )
    }
    const written = (): string[] =>
      readdirSync(join(output, 'files')).filter((file) => statSync(join(output, 'files', file)).size > 0)
    await waitFor('the files', () => written().length === NAMES.length)
    const streams = server.streams.map(({ name }) => streamKey(name))
    expect(streams.sort()).toEqual(NAMES.flatMap(([name]) => [`live/${name}`, `live/${name}_ld`]).sort())
    await Promise.all(stops.map((stop) => stop()))
    const files = readdirSync(output, { recursive: true, encoding: 'utf8' })
    const left = NAMES.reduce((rest, [, file]) => {
      const log = `logs/ffmpeg-encoder-__defaultVhost__-live-${file.replace(/==.*$/, '')}-(ld|file)(==[0-9a-f]{16})?\\.log`
      const pattern = new RegExp(`^(files/${file}\\.flv|${log})$`, 'u')
      expect(rest.filter((each) => pattern.test(each))).toHaveLength(3)
      return rest.filter((each) => !pattern.test(each))
    }, files)
    expect(left.sort()).toEqual(['above', 'files', 'logs'])
    expect(readFileSync(join(output, 'above'), 'utf8')).toBe('not to be touched')
  })

  it('does not hide from an engine that a stream is its own: there is no loop', async () => {
    const { server } = given
    const publisher = await RtmpPublisher.publish(`${given.rtmpUrl}/live/x?vhost=param.example&u=a/b`)
    for (const packet of await readPacketsOf(2)) {
      await publisher.write(packet)
    }
    const made = '//param.example/live/x_ld'
    await waitFor(
      () => `${made}: ${JSON.stringify(server.programs)}`,
      () => (server.stream(made)?.counters.frames ?? 0) > 0,
    )
    const sources = server.programs
      .filter(({ vhost }) => vhost === 'param.example')
      .map(({ stream }) => stream)
    expect(sources).toEqual(['//param.example/live/x'])
    await publisher.close()
  })
})
