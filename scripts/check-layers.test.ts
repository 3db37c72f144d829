import { describe, expect, it } from 'vitest'
import { checkLayers } from './check-layers.ts'

/** Files by path; those that are only imported may be empty. */
type Tree = Readonly<Record<string, string>>

/** `path:line message` for each finding. */
function problems(tree: Tree): string[] {
  const files = Object.entries(tree).map(([path, text]) => ({ path, text }))
  return checkLayers(files).map((finding) => `${finding.path}:${finding.line} ${finding.message}`)
}

/** The findings when `from` has this one line, and `targets` are there, empty. */
function problemsOf(from: string, line: string, ...targets: string[]): string[] {
  return problems({ ...Object.fromEntries(targets.map((target) => [target, ''])), [from]: line })
}

describe('the layer table', () => {
  it('lets a folder import those below it, through their index.ts', () => {
    const tree = {
      'src/base/index.ts': `export * from './errors.ts'`,
      'src/base/errors.ts': '',
      'src/rtmp/chunk/reader.ts': `import { LimitError } from '../../base/index.ts'\nimport './writer.ts'`,
      'src/rtmp/chunk/writer.ts': `import fastify from 'fastify'\nimport { join } from 'node:path'`,
      'src/server/index.ts': `import '../rtmp/index.ts'`,
      'src/rtmp/index.ts': '',
      'src/index.ts': `export * from './server/index.ts'`,
      'src/cli/main.ts': `import '../index.ts'\nimport '../server/index.ts'`,
    }
    expect(problems(tree)).toEqual([])
  })

  it.each([
    ['src/base/a.ts', 'src/bytes/index.ts'],
    ['src/bytes/a.ts', 'src/media/index.ts'],
    ['src/media/avc/a.ts', 'src/net/index.ts'],
    ['src/net/a.ts', 'src/rtmp/index.ts'],
    ['src/net/a.ts', 'src/http/index.ts'],
    ['src/rtmp/a.ts', 'src/live/index.ts'],
    ['src/live/a.ts', 'src/delivery/index.ts'],
    ['src/delivery/a.ts', 'src/control/index.ts'],
    ['src/control/a.ts', 'src/server/index.ts'],
    ['src/server/a.ts', 'src/process/index.ts'],
    ['src/server/a.ts', 'src/index.ts'],
    ['src/process/a.ts', 'src/cli/index.ts'],
    ['src/index.ts', 'src/cli/index.ts'],
  ])('forbids %s to import upward from %s', (from, target) => {
    const up = '../'.repeat(from.split('/').length - 2) || './'
    const specifier = target.replace('src/', up)
    expect(problemsOf(from, `import '${specifier}'`, target)[0]).toContain('imports upward')
    expect(problemsOf(from, `import type { A } from '${specifier}'`, target)[0]).toContain('imports upward')
    expect(problemsOf(from, `export * from '${specifier}'`, target)[0]).toContain('imports upward')
    expect(problemsOf(from, `const a = await import('${specifier}')`, target)[0]).toContain('imports upward')
  })

  it.each([
    ['src/rtmp/a.ts', 'src/http/index.ts'],
    ['src/http/a.ts', 'src/rtmp/index.ts'],
    ['src/delivery/a.ts', 'src/ingest/index.ts'],
  ])('keeps %s apart from %s', (from, target) => {
    expect(problemsOf(from, `import '${target.replace('src/', '../')}'`, target)[0]).toContain('are apart')
  })

  it.each([
    ['src/media/flv/tag.ts', '../avc/config.ts', 'src/media/avc/config.ts'],
    ['src/media/flv/tag.ts', '../avc/index.ts', 'src/media/avc/index.ts'],
    ['src/delivery/hls/muxer.ts', '../http-flv.ts', 'src/delivery/http-flv.ts'],
    ['src/delivery/http-flv.ts', './hls/muxer.ts', 'src/delivery/hls/muxer.ts'],
    ['src/ingest/file.ts', './rtmp-publish.ts', 'src/ingest/rtmp-publish.ts'],
    ['src/media/codec.ts', './avc/config.ts', 'src/media/avc/config.ts'],
  ])('keeps %s apart from its sibling %s', (from, specifier, target) => {
    expect(problemsOf(from, `import type { A } from '${specifier}'`, target)[0]).toContain('are apart')
  })

  it('lets media folders share codec.ts, an index.ts re-export siblings, and tests use siblings', () => {
    const tree = {
      'src/media/codec.ts': '',
      'src/media/flv/tag.ts': `import type { Codec } from '../codec.ts'\nimport './header.ts'`,
      'src/media/flv/header.ts': '',
      'src/media/avc/config.ts': '',
      'src/media/index.ts': `export * from './flv/tag.ts'\nexport * from './avc/config.ts'`,
      'src/media/flv/tag.test.ts': `import '../avc/config.ts'\nimport '../index.ts'`,
    }
    expect(problems(tree)).toEqual([])
  })

  it('forbids to reach past the index.ts of another folder', () => {
    expect(problemsOf('src/rtmp/a.ts', `import '../media/flv/tag.ts'`, 'src/media/flv/tag.ts')).toEqual([
      `src/rtmp/a.ts:1 imports 'src/media/flv/tag.ts'; a folder is imported through its index.ts, 'src/media/index.ts'`,
    ])
    expect(problemsOf('src/rtmp/a.test.ts', `import '../base/ms.ts'`, 'src/base/ms.ts')).toHaveLength(1)
  })

  it('forbids a file to import its own index.ts', () => {
    const message = `src/live/a.ts:1 imports its own folder's index.ts; import the file that has it`
    expect(problemsOf('src/live/a.ts', `import type { A } from './index.ts'`, 'src/live/index.ts')).toEqual([
      message,
    ])
  })

  it('forbids folders and files that are not in the table', () => {
    expect(problemsOf('src/utils/a.ts', '')).toEqual([`src/utils/a.ts:1 'utils' is not in the layer table`])
    expect(problemsOf('src/version.ts', '')).toEqual([
      `src/version.ts:1 'version.ts' is not in the layer table`,
    ])
    const imported = problemsOf('src/cli/a.ts', `import '../utils/a.ts'`, 'src/utils/a.ts')
    expect(
      imported.some((line) => line.startsWith('src/cli/a.ts:1') && line.includes('not in the layer')),
    ).toBe(true)
  })

  it('forbids what is not there, what is outside src, and tests as imports', () => {
    expect(problemsOf('src/base/a.ts', `import './b.ts'`)[0]).toContain('does not exist')
    expect(problemsOf('src/base/a.ts', `import '../../test/b.ts'`, 'test/b.ts')[0]).toContain('not in src')
    expect(problemsOf('src/base/a.test.ts', `import '../../test/b.ts'`, 'test/b.ts')).toEqual([])
    expect(problemsOf('src/base/a.ts', `import './b.test.ts'`, 'src/base/b.test.ts')[0]).toContain(
      'unit test',
    )
    expect(problemsOf('src/base/a.ts', `import 'simple-rtmp-server'`)[0]).toContain('relative paths')
    expect(problemsOf('src/base/a.ts', 'const a = await import(name)')[0]).toContain('must name')
  })

  it('says the line of the import', () => {
    expect(problemsOf('src/base/a.ts', `// one\nimport 'node:fs'\nimport './b.ts'`)[0]).toMatch(
      /^src\/base\/a\.ts:3 /,
    )
  })
})

describe('cycles', () => {
  it('are found over any number of files, once, as a shortest way round', () => {
    const tree = {
      'src/base/a.ts': `import './b.ts'`,
      'src/base/b.ts': `export * from './c.ts'`,
      'src/base/c.ts': `import './d.ts'\nconst a = await import('./a.ts')`,
      'src/base/d.ts': `import './b.ts'`,
    }
    expect(problems(tree)).toEqual([
      'src/base/a.ts:1 import cycle: src/base/a.ts -> src/base/b.ts -> src/base/c.ts -> src/base/a.ts',
    ])
  })

  it('of one file with itself, and two apart from each other, are found', () => {
    const tree = {
      'src/base/a.ts': `import './a.ts'`,
      'src/base/b.ts': `import './c.ts'`,
      'src/base/c.ts': `import './b.ts'\nimport './a.ts'`,
    }
    expect(problems(tree)).toHaveLength(2)
  })

  it('of types are none', () => {
    const tree = { 'src/base/a.ts': `import type { B } from './b.ts'`, 'src/base/b.ts': `import './a.ts'` }
    expect(problems(tree)).toEqual([])
  })
})

describe('sockets', () => {
  it.each([
    [`import { connect } from 'node:net'`],
    [`import tls from 'tls'`],
    [`import { type Socket } from 'node:net'`],
    [`const net = await import('node:net')`],
  ])('are made only in src/net, not by %s elsewhere', (line) => {
    expect(problemsOf('src/rtmp/a.ts', line)[0]).toContain('only src/net imports values')
    expect(problemsOf('src/net/a.ts', line)).toEqual([])
    expect(problemsOf('src/rtmp/a.test.ts', line)).toEqual([])
  })

  it('of HTTP come from src/net, too, which does not import them either', () => {
    for (const path of ['src/http/a.ts', 'src/net/a.ts']) {
      expect(problemsOf(path, `import { createServer } from 'node:http'`)[0]).toContain('taken from nodeHttp')
      expect(problemsOf(path, `import type { Server } from 'node:http'`)).toEqual([])
    }
  })

  it('lend their types to every folder', () => {
    expect(problemsOf('src/rtmp/a.ts', `import type { Socket } from 'node:net'`)).toEqual([])
  })

  it.each([
    ['socket.write(bytes)'],
    ['this.#socket.write(bytes)'],
    ['this.#rawSocket?.write(bytes)'],
    ['reply.raw.write(bytes)'],
    ['request.socket!.write(bytes)'],
    ['openSocket(a, (b)).write(bytes)'],
    ['socket\n  .write(bytes)'],
    ['socket.end(bytes)'],
    ['let peer: Socket\npeer.write(bytes)'],
    ['function f(peer?: net.Socket) { peer?.write(bytes) }'],
    ['class A { readonly #peer: Duplex; f() { this.#peer.write(bytes) } }'],
  ])('are written to only in src/net, not by %s elsewhere', (line) => {
    expect(problemsOf('src/http/a.ts', line)).toHaveLength(1)
    expect(problemsOf('src/http/a.ts', line)[0]).toContain('only src/net writes')
    expect(problemsOf('src/net/a.ts', line)).toEqual([])
    expect(problemsOf('src/http/a.test.ts', line)).toEqual([])
  })

  it.each([
    ['sink.write(bytes)'],
    ['writer.write(bytes)'],
    ['socket.end()'],
    ['socket.destroy()'],
    ['// socket.write(bytes)'],
    [`log('socket.write(bytes)')`],
    ['socket.writeHead(200)'],
  ])('are not written to by %s', (line) => {
    expect(problemsOf('src/http/a.ts', line)).toEqual([])
  })
})

describe('printing', () => {
  it.each([
    ['console.log(1)'],
    ['const log = console'],
    ['process.stdout.write(text)'],
    ['f(process.stderr)'],
    [`import { stdout } from 'node:process'`],
  ])('is for src/cli only, so not %s elsewhere', (line) => {
    expect(problemsOf('src/server/a.ts', line)[0]).toContain('only src/cli prints')
    expect(problemsOf('src/cli/a.ts', line)).toEqual([])
    expect(problemsOf('src/server/a.test.ts', line)).toEqual([])
  })

  it.each([
    ['child.stdout.on(1)'],
    ['const page = { console: 1 }'],
    ['pages.console.open()'],
    [`f('console')`],
  ])('is not %s', (line) => {
    expect(problemsOf('src/server/a.ts', line)).toEqual([])
  })
})

describe('numbers', () => {
  it.each([
    ['b.writeUInt32BE(time)'],
    ['b.writeUintBE(time, 0, 3)'],
    ['b.writeBigUInt64LE(n)'],
    ['b.writeInt8(n)'],
  ])('are not written by what throws past its range, as %s', (line) => {
    expect(problemsOf('src/media/a.ts', line)[0]).toContain('throws past its range')
    expect(problemsOf('src/media/a.test.ts', line)).toEqual([])
  })

  it.each([['w.writeUint32(time)'], ['w.writeUint32LittleEndian(n)'], ['view.setUint32(0, time)']])(
    'may be written by what wraps, as %s',
    (line) => {
      expect(problemsOf('src/media/a.ts', line)).toEqual([])
    },
  )
})
