import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseStatements } from '../parse-statements.ts'
import type { ConfigFault, Statement } from '../statement.ts'
import { buildConfig } from './build-config.ts'
import type { BlockRow, Row, Rows, ValueRow } from './row.ts'
import { ROOT_ROWS } from './rows/root.ts'
import { build, configOf, inVhost } from './testing/build.ts'
import { configToJson, writeConfig } from './write-config.ts'

const PLACE = { file: 'srs.conf', line: 1, column: 1 }

/** Texts that a file can hold: those in which both kinds of quotes are needed can't be written. */
const text = fc
  .string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'abc /:;{}#"\'[].-=?') })
  .filter((value) => !(value.includes('"') && value.includes("'")) && value.trim() === value)

function wordsOf(row: ValueRow): fc.Arbitrary<readonly string[]> {
  const one = (words: fc.Arbitrary<string>) => words.map((word) => [word])
  const number = (unit: fc.Arbitrary<number>) => one(unit.map(String))
  const { min = 0, max = 100_000 } = row
  switch (row.kind) {
    case 'on-off':
      return one(fc.constantFrom('on', 'off'))
    case 'integer':
    case 'bytes':
      return number(fc.integer({ min: Math.ceil(min), max }))
    case 'number':
    case 'seconds':
    case 'milliseconds':
      return number(fc.integer({ min: Math.ceil(min * 10), max: max * 10 }).map((tenths) => tenths / 10))
    case 'word':
      return one(fc.constantFrom(...(row.words ?? [])))
    case 'words':
      return fc.uniqueArray(fc.constantFrom(...(row.words ?? [])), { minLength: 1 })
    case 'text':
    case 'path':
      return one(text)
    case 'texts':
      return fc.array(text, { minLength: 1, maxLength: 3 })
    case 'url':
      return one(fc.constantFrom('http://127.0.0.1/a', 'rtmp://h/[app]'))
    case 'urls':
      return fc.constant(['http://127.0.0.1/a', 'https://h/b?c=d'])
    case 'endpoints':
      return fc.constantFrom(['1935'], ['127.0.0.1:1', '[::1]:2'])
    case 'hosts':
      return fc.constantFrom(['a.example'], ['10.0.0.1:1936', '[::1]:2'])
    case 'destinations':
      return fc.constantFrom(['a.example'], ['10.0.0.1:1936?vhost=x', 'rtmps://[::1]:2/[app]/[stream]'])
    case 'networks':
      return fc.constantFrom(['10.0.0.0/8'], ['::1', '192.0.2.1'])
    case 'permissions':
      return fc.constantFrom(['660'], ['0600'], ['000'])
    case 'access-rule':
      return fc.tuple(fc.constantFrom('publish', 'play'), fc.constantFrom('all', '10.0.0.0/8'))
    case 'key':
      return fc.tuple(fc.constantFrom('a', 'b'), fc.constant('0123456789abcdef'))
  }
}

function statementOf(name: string, row: Row): fc.Arbitrary<readonly Statement[]> {
  const toArgs = (words: readonly string[]) => words.map((word) => ({ text: word, place: PLACE }))
  if (row.kind === 'block') {
    const names = fc.uniqueArray(fc.constantFrom('a', 'b.example', 'c'), namesOf(row))
    const blocks = fc
      .tuple(names, statementsOf(row.rows))
      .map(([words, block]) => ({ name, place: PLACE, args: toArgs(words), block }))
    return fc.array(blocks, { maxLength: 1 })
  }
  if (row.kind === 'pairs') {
    const pair = wordsOf({ ...row, kind: 'texts' }).map((words) => ({
      name: 'x',
      place: PLACE,
      args: toArgs(words),
      block: null,
    }))
    return fc.array(
      fc.array(pair, { maxLength: 2 }).map((block) => ({ name, place: PLACE, args: [], block })),
      { maxLength: 1 },
    )
  }
  const statement = wordsOf(row).map((words) => ({ name, place: PLACE, args: toArgs(words), block: null }))
  return fc.array(statement, { maxLength: row.repeatable === true ? 2 : 1 })
}

function namesOf({ names }: BlockRow): { minLength: number; maxLength: number } {
  return { minLength: names?.min ?? 0, maxLength: Math.min(names?.max ?? 0, 2) }
}

function statementsOf(rows: Rows): fc.Arbitrary<readonly Statement[]> {
  const each = Object.entries(rows).map(([name, row]) => statementOf(name, row))
  return fc.tuple(...each).map((statements) => statements.flat())
}

/** The configuration without its origins. */
function valuesOf(config: Parameters<typeof configToJson>[0]): string {
  return JSON.stringify(configToJson(config, { showSecrets: true }), (key, value) =>
    key === 'origin' ? undefined : value,
  )
}

/** Faults of what is wrong together, without their places. */
function messagesOf(faults: readonly ConfigFault[]): string[] {
  return faults.map(({ message }) => message.replace(/ in line \d+/, '')).sort()
}

describe('a configuration that is written', () => {
  it('is the same when it is read again, whatever it says', () => {
    fc.assert(
      fc.property(statementsOf(ROOT_ROWS), (statements) => {
        const { config, faults } = buildConfig(statements)
        const parsed = parseStatements(writeConfig(config, { showSecrets: true }), 'written.conf')
        expect(parsed.faults).toEqual([])
        const again = buildConfig(parsed.statements)
        expect(messagesOf(again.faults)).toEqual(messagesOf(faults))
        expect(valuesOf(again.config)).toBe(valuesOf(config))
      }),
      { numRuns: 60 },
    )
  })

  it('says where each value is from', () => {
    const written = writeConfig(
      configOf('listen 1935;\nvhost a.example {\n  hls { enabled on; }\n}', { SRS_CHUNK_SIZE: '4096' }),
    )
    expect(written).toContain('\nchunk_size 4096;  # environment SRS_CHUNK_SIZE\n')
    expect(written).toContain('\nmax_connections 10000;  # default\n')
    expect(written).toContain('\nvhost a.example {  # srs.conf:2:1\n')
    expect(written).toContain('\n        enabled on;  # srs.conf:3:9\n')
    expect(written).toContain('# mw_latency  # default: adapts between 0 and 350 to how busy the server is\n')
  })

  it('is told to programs in the units of the file', () => {
    expect(
      configToJson(configOf('listen 1935 [::1]:1936; vhost a { hls { hls_fragment 1500ms; } }')),
    ).toMatchObject({
      listen: { value: ['1935', '[::1]:1936'], origin: 'srs.conf:1:1' },
      vhost: [{ names: ['a'], hls: { hls_fragment: { value: '1.5', origin: 'srs.conf:1:41' } } }],
    })
  })

  it('hides secrets, unless they are asked for', () => {
    const text = `listen 1935;
      http_api { enabled on; listen 1985; auth { enabled on; username admin; password quite-secret; } }
      vhost a {
        token { enabled on; key k1 0123456789abcdef-secret; }
        forward { enabled on; destination rtmp://b.example/live/stream-secret; }
        http_hooks { enabled on; on_publish http://user:user-secret@127.0.0.1/?token=token-secret; }
        exec { enabled on; publish curl -H header-secret; }
        ingest i { input { type stream; url rtsp://me:camera-secret@127.0.0.1/; }
          engine { enabled on; perfile { headers perfile-secret; }
          aparams { headers option-secret; b:a 64k; } output rtmp://127.0.0.1/live/output-secret; } }
      }`
    const config = configOf(text)
    const hidden = writeConfig(config)
    expect(hidden).not.toContain('secret;')
    expect(hidden).not.toMatch(/-secret/)
    expect(hidden).toMatch(/^ {8}password \*\*\*; {2}# srs\.conf/m)
    expect(hidden).toMatch(/^ {8}key k1 \*\*\*;/m)
    expect(hidden).toContain('destination rtmp://b.example/live/***;')
    expect(hidden).toContain('b:a 64k;')
    expect(JSON.stringify(configToJson(config))).not.toMatch(/-secret/)
    const shown = writeConfig(config, { showSecrets: true })
    expect(shown.match(/-secret/g)).toHaveLength(text.match(/-secret/g)?.length ?? 0)
    expect(build(shown).faults).toEqual([])
    // Nobody is to run with the password ***.
    const refused = build(hidden).faults.map((fault) => /'(.+)' has \*\*\* in it/.exec(fault)?.[1])
    const secrets = [
      'password',
      'key',
      'on_publish',
      'destination',
      'url',
      'headers',
      'headers',
      'output',
      'publish',
    ]
    expect(refused).toEqual(secrets)
    expect(JSON.stringify(configToJson(config, { showSecrets: true }))).toContain('quite-secret')
  })

  it('shows outputs of engines that are here, and hides addresses elsewhere', () => {
    const outputs = ['rtmp://127.0.0.1:[port]/[app]?vhost=[vhost]/[stream]_[engine]', '/tmp/[stream].mp4']
    const written = [...outputs, 'srt://a.example:9000?streamid=publish:key'].map((output, index) => {
      const engine = `engine e${index} { enabled on; vcodec copy; acodec copy; output ${output}; }`
      return / (output .*;) {2}#/.exec(
        writeConfig(configOf(inVhost(`transcode { enabled on; ${engine} }`))),
      )?.[1]
    })
    expect(written).toEqual([...outputs, '***'].map((output) => `output ${output};`))
  })

  it('leaves out what has no effect and nobody said', () => {
    expect(writeConfig(configOf('listen 1935;'))).not.toMatch(/dvr|rtc|srt_server/)
  })
})
