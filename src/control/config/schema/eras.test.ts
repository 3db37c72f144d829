import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseStatements } from '../parse-statements.ts'
import type { Statement } from '../statement.ts'
import { isDirective } from './build-config.ts'
import { listDirectives, pathOf } from './directives.ts'
import { modernize } from './modernize.ts'
import { ROOT_ROWS } from './rows/root.ts'
import { build } from './testing/build.ts'

const FILES = new URL('../../../../test/fixtures/config/', import.meta.url)

function read(name: string): string {
  return readFileSync(new URL(name, FILES), 'utf8')
}

/** The paths of all directives that a text has, in their form of today. */
function pathsIn(text: string): Set<string> {
  const paths = new Set<string>()
  function visit(statements: readonly Statement[], blocks: readonly string[]): void {
    for (const { name, block } of statements) {
      paths.add([...blocks, name].join('.'))
      visit(block ?? [], [...blocks, name])
    }
  }
  visit(modernize(parseStatements(text, 'x', { isDirective }).statements), [])
  return paths
}

describe.each(['srs-2014.conf', 'srs-today.conf'])('a file with every directive of its time: %s', (name) => {
  it('loads', () => {
    expect(build(read(name)).faults).toEqual([])
  })

  it('has every directive of that time', () => {
    const wanted = listDirectives(ROOT_ROWS).filter(({ row: { since } }) =>
      name === 'srs-2014.conf' ? since.startsWith('2014') : since !== 'here' && since !== '2014 only',
    )
    // An engine is the same in both blocks that have one.
    const shared = (path: string): string => path.replace(/^vhost\.(ingest|transcode)\.engine/, 'engine')
    const there = new Set([...pathsIn(read(name))].map(shared))
    // Names that have another form or another place today, or that SRS takes for another block's.
    const gone = new Set([
      'vhost.rtc.aac',
      'vhost.rtc.bframe',
      'stream_caster.rtp_port_min',
      'stream_caster.rtp_port_max',
    ])
    expect(wanted.map(pathOf).filter((path) => !there.has(shared(path)) && !gone.has(path))).toEqual([])
  })
})

it('the file of 2014 tells what has no effect, once for each block', () => {
  const { notices } = build(read('srs-2014.conf'))
  expect(
    notices
      .filter((notice) => notice.includes(' has no effect'))
      .map((notice) => notice.replace(/^srs\.conf:\d+:\d+: (\S+) has no effect.*$/, '$1')),
  ).toEqual(['pithy_print.forwarder', 'pithy_print.encoder', 'pithy_print.hls', 'vhost.bandcheck'])
})
