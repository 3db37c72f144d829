import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ms } from '../../src/base/index.ts'
import {
  expandAddress,
  type FfmpegAddress,
  type VariableValues,
  variableValuesOf,
} from '../../src/ffmpeg/index.ts'
import type { StreamRequest } from '../../src/index.ts'
import { runTool, startTool } from '../support/ffmpeg.ts'
import { FileScope, startServer } from '../support/server.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'

const HOSTILE = `x -y; rm -rf "$HOME" $(id) '`
/** What FFmpeg's reader of RTMP addresses, its muxers, its options or a shell take for something else. */
const NAMES: readonly (readonly [app: string, stream: string, param: string])[] = [
  ['live', HOSTILE, ''],
  ['live', 'Grüße-流🎥', ''],
  ['live', `q"'\`$(id);`, ''],
  ['live', '%d%20%', ''],
  ['live', 'a=1&b=2', ''],
  ['live', 'slist=evil', ''],
  ['live', '-y', ''],
  ['a b/c', 'a:b|c\\d,[x]', ''],
  ['a/b:c/d', 'x', ''],
  ['live', 'n'.repeat(300), ''],
  ['live', 'x1', '?u=a/b'],
  ['live', 'x2', '?u=x.mp4'],
  ['live', 'x3', '?slist=evil'],
]

const scope = new FileScope()
const folder = new TemporaryFolder()
const asked: StreamRequest[] = []
let port: number
beforeAll(async () => {
  const note = (request: StreamRequest): void => void asked.push(request)
  const { rtmpUrl } = await startServer(scope, {
    vhosts: { __defaultVhost__: {}, 'v.example': {} },
    onPublish: (request) => {
      note(request)
      return true
    },
    onPlay: (request) => {
      note(request)
      return false
    },
  })
  port = Number(new URL(rtmpUrl).port)
})
afterAll(async () => {
  await scope.clean()
  folder.remove()
})

function valuesOf([app, stream, param]: (typeof NAMES)[number]): VariableValues {
  const client = { id: 'c1', protocol: 'rtmp', address: '127.0.0.1' } as const
  const rest = { vhost: 'v.example', parameters: new URLSearchParams(), tcUrl: '', pageUrl: '' }
  const request = { name: { vhost: 'v.example', app, stream }, client, param, ...rest }
  return variableValuesOf(request, { port, time: ms(0), engine: 'ld' })
}

function optionsOf({ options }: FfmpegAddress): string[] {
  return options.flatMap(([name, value]) => [`-${name}`, value])
}

/** Who asked, in the order of names. */
function sorted(names: readonly (readonly string[])[]): string[][] {
  return names.map((each) => [...each]).sort((a, b) => (a.join() < b.join() ? -1 : 1))
}

describe('the name of a stream', () => {
  it('comes to this server from FFmpeg as it is, where FFmpeg publishes', async () => {
    asked.length = 0
    const outputs = NAMES.flatMap((name) => {
      const place = expandAddress('rtmp://127.0.0.1:[port]/[app]/[stream]_[engine][param]', valuesOf(name))
      return ['-frames:v', '1', '-c:v', 'flv', ...optionsOf(place), '-f', 'flv', '-y', place.address]
    })
    await runTool('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=16x16:rate=5', ...outputs])
    const names = asked.map(({ name, param }) => [name.app, name.stream, param])
    expect(sorted(names)).toEqual(sorted(NAMES.map(([app, stream, param]) => [app, `${stream}_ld`, param])))
  })

  it('comes to this server from FFmpeg as it is, where FFmpeg plays', async () => {
    asked.length = 0
    const played = NAMES.filter(([, , param]) => param === '')
    const exits = played.map(async (name) => {
      const place = expandAddress('rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]', valuesOf(name))
      const args = ['-v', 'error', ...optionsOf(place), '-f', 'flv', '-i', place.address, '-f', 'null', '-']
      return await startTool(scope, 'ffmpeg', args).exited
    })
    await Promise.all(exits)
    const names = asked.map(({ name }) => [name.vhost, name.app, name.stream])
    expect(sorted(names)).toEqual(sorted(played.map(([app, stream]) => ['v.example', app, stream])))
  })

  it('is that of a file in its folder, where FFmpeg writes files, and no pattern of its muxers', async () => {
    const to = folder.write({ files: null })
    const named = ([app, stream]: (typeof NAMES)[number]) =>
      expandAddress(`${to}/files/[stream]-%03d.png`, valuesOf([app, stream, ''])).address
    const outputs = NAMES.slice(0, 10).map(named)
    const args = outputs.flatMap((file) => ['-frames:v', '1', '-f', 'image2', '-y', file])
    await runTool('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=16x16:rate=5', ...args])
    const written = outputs.map((file) => file.slice(to.length + 1).replace('%03d', '001'))
    const files = readdirSync(folder.path, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.includes('.'),
    )
    expect(files.sort()).toEqual([...new Set(written)].map((file) => join('0', file)).sort())
  })
})
