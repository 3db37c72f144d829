import { describe, expect, it } from 'vitest'
import { type Directive, isValue, listDirectives, pathOf } from './directives.ts'
import { writeValue } from './kinds.ts'
import { defaultValue } from './read-config.ts'
import type { BlockRow, Rows, ValueRow } from './row.ts'
import { ROOT_ROWS } from './rows/root.ts'
import { processSettingsOf, settingsOf } from './settings-of.ts'
import { configOf } from './testing/build.ts'

/** Two values of each kind, so that one is not the default. */
const SAMPLES: Readonly<Record<Exclude<ValueRow['kind'], 'word' | 'words'>, readonly [string, string]>> = {
  'on-off': ['on', 'off'],
  integer: ['200', '300'],
  number: ['7', '8'],
  milliseconds: ['7', '8'],
  seconds: ['7', '8'],
  bytes: ['70000', '80000'],
  text: ['a', 'b'],
  path: ['a', 'b'],
  url: ['http://a/', 'http://b/'],
  texts: ['a', 'b'],
  urls: ['http://a/', 'http://b/'],
  endpoints: ['1', '2'],
  hosts: ['a', 'b'],
  destinations: ['a', 'rtmp://b/c/d'],
  networks: ['10.0.0.0/8', '::1'],
  permissions: ['600', '666'],
  'access-rule': ['publish all', 'play all'],
  key: ['a 0123456789abcdef', 'b 0123456789abcdef'],
}

/** A value other than the default. */
function otherThanDefault({ name }: Directive, row: ValueRow): string {
  const value = defaultValue(row, ROOT_ROWS, name)
  const usual = value === null ? '' : writeValue(value, row).join(' ')
  const isSmall = row.kind === 'integer' && row.max !== undefined && row.max < 200
  const words = row.kind === 'word' || row.kind === 'words' ? (row.words ?? []) : SAMPLES[row.kind]
  const samples = isSmall ? ['1', '2'] : words
  return samples.find((sample) => sample !== usual) ?? ''
}

const NAMES: Readonly<Record<string, string>> = { vhost: ' __defaultVhost__', listener: ' rtmp' }

/** What a block must have beside what is looked at. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  'vhost.refer': ['all a.example;'],
  'vhost.http_hooks': ['on_play http://a.example/;'],
  'vhost.forward': ['destination c;'],
  'vhost.token': ['key k 0123456789abcdef;'],
  'vhost.jwt': ['jwks_file keys.json;'],
  'vhost.cluster': ['origin a.example;'],
  'vhost.transcode': ['engine e { enabled on; acodec copy; vcodec copy; output o; }'],
  'vhost.transcode.engine': ['acodec copy;', 'vcodec copy;', 'output o;'],
  'vhost.exec': ['publish true;'],
  'vhost.ingest': ['input { url u; }', 'engine e { output o; }'],
  'vhost.ingest.input': ['url u;'],
  'vhost.ingest.engine': ['acodec copy;', 'vcodec copy;', 'output o;'],
}

/** Of which there are several that do, and one is needed. */
const ALTERNATIVES = /^(key|all|jwks_|on_play|destination|origin$)/

/** A file with a directive, or without it. */
function fileOf(directive: Directive, statement: string): string {
  const { blocks } = directive
  let inner = statement
  for (let depth = blocks.length; depth > 0; depth--) {
    const path = blocks.slice(0, depth)
    const rows = rowsOf(path)
    const needed = NEEDED[path.join('.')] ?? []
    const isInnermost = depth === blocks.length
    const on =
      Object.hasOwn(rows, 'enabled') && !(isInnermost && directive.name === 'enabled') ? 'enabled on;' : ''
    // What is looked at takes the place of what is needed, where that is what it does.
    const replacing = isInnermost ? (statement === '' ? '' : directive.name) : (blocks[depth] ?? '')
    const isLeftOut = (each: string): boolean =>
      each.startsWith(`${replacing} `) || (isInnermost && ALTERNATIVES.test(replacing))
    const more = needed.filter((each) => !isLeftOut(each)).join(' ')
    inner = `${path.at(-1)}${NAMES[path.at(-1) ?? ''] ?? ''} { ${on} ${more} ${inner} }`
  }
  // Something must be listened for, whatever is looked at.
  const tls = blocks[0] === 'rtmps' ? '' : 'rtmps { enabled on; }'
  // An address of the machine is told in heartbeats alone.
  const beats = pathOf(directive) === 'stats.network' ? 'heartbeat { enabled on; }' : ''
  const foreground = directive.name === 'asprocess' ? 'daemon off;' : ''
  return `${tls}${beats}${foreground}\n${pathOf(directive) === 'listen' ? '' : 'listen 1935 unix:/run/srs.sock;'}\n${inner}`
}

function rowsOf(path: readonly string[]): Rows {
  return path.reduce<Rows>((rows, name) => (rows[name] as BlockRow).rows, ROOT_ROWS)
}

function meaningOf(text: string): unknown {
  const config = configOf(text)
  const processes = [true, false].map((inContainer) => processSettingsOf(config, { inContainer }))
  return { server: settingsOf(config), processes }
}

describe('a directive that works', () => {
  const working = listDirectives(ROOT_ROWS).flatMap((directive) =>
    directive.answer === 'works' && isValue(directive.row)
      ? [[pathOf(directive), directive, directive.row] as const]
      : [],
  )

  it.each(working)('changes what the server or the process does: %s', (_path, directive, row) => {
    const statement = `${directive.name} ${otherThanDefault(directive, row)};`
    const file = fileOf(directive, statement)
    const without = fileOf(directive, '')
    expect(meaningOf(file)).not.toEqual(meaningOf(without))
  })
})
