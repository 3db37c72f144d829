import { chmodSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import { formatFault } from './format-faults.ts'
import { type LoadedConfig, type LoadOptions, loadConfig } from './load-config.ts'
import type { Statement } from './statement.ts'

const folder = new TemporaryFolder()
afterAll(() => folder.remove())

type Files = Parameters<TemporaryFolder['write']>[0]

async function load(files: Files, options: LoadOptions = {}, path = 'srs.conf'): Promise<LoadedConfig> {
  return loadConfig(path, { cwd: folder.write(files), ...options })
}

function print(statements: readonly Statement[]): string {
  return statements
    .map(({ name, args, block }) => {
      const words = [name, ...args.map(({ text }) => text)].join(' ')
      return block === null ? `${words};` : `${words} { ${print(block)} }`
    })
    .join(' ')
}

function faultsOf({ faults }: LoadedConfig): string[] {
  return faults.map(formatFault)
}

describe('an include', () => {
  it('puts the statements of files in its place, at any level and from within included files', async () => {
    const loaded = await load({
      'srs.conf': 'listen 1935;\nvhost a {\n include hls.conf play.conf;\n}\ninclude "empty.conf";\npid x;',
      'hls.conf': 'hls { include conf.d/window.conf; }',
      'play.conf': '# nothing\nplay { }',
      'conf.d/window.conf': 'hls_window 60;\ninclude fragment.conf;',
      'conf.d/fragment.conf': 'hls_fragment 10;',
      'empty.conf': '',
    })
    expect(faultsOf(loaded)).toEqual([])
    expect(print(loaded.statements)).toBe(
      'listen 1935; vhost a { hls { hls_window 60; hls_fragment 10; } play {  } } pid x;',
    )
    expect([...loaded.sources.keys()]).toEqual([
      'srs.conf',
      'hls.conf',
      'conf.d/window.conf',
      'conf.d/fragment.conf',
      'play.conf',
      'empty.conf',
    ])
    const fragment = loaded.statements[1]?.block?.[0]?.block?.[1]
    expect(fragment?.place).toEqual({ file: 'conf.d/fragment.conf', line: 1, column: 1 })
  })

  it('counts from the working directory, then from the folder of the file it is in', async () => {
    const files = {
      'conf/srs.conf': 'include a.conf b.conf;',
      'a.conf': 'here;',
      'conf/a.conf': 'there;',
      'conf/b.conf': 'beside;',
    }
    expect(print((await load(files, {}, 'conf/srs.conf')).statements)).toBe('here; beside;')
  })

  it('may name a file twice', async () => {
    const files = {
      'srs.conf': 'vhost a { include hls.conf; } vhost b { include hls.conf; }',
      'hls.conf': 'hls { }',
    }
    const loaded = await load(files)
    expect(faultsOf(loaded)).toEqual([])
    expect(print(loaded.statements)).toBe('vhost a { hls {  } } vhost b { hls {  } }')
  })

  it('takes a pattern for the files that are there, sorted, hidden ones left out', async () => {
    const files = {
      'srs.conf': 'include conf.d/*.conf none.d/*.conf conf.d/?.txt;',
      'conf.d/b.conf': 'b;',
      'conf.d/a.conf': 'a;',
      'conf.d/.c.conf': 'c;',
      'conf.d/d.conf.old': 'd;',
      'conf.d/e.txt': 'e;',
    }
    const loaded = await load(files)
    expect(faultsOf(loaded)).toEqual([])
    expect(print(loaded.statements)).toBe('a; b; e;')
  })

  it('takes the signs of expressions in a pattern for themselves', async () => {
    const loaded = await load({ 'srs.conf': 'include a(.*;', 'a(.x': 'a;', ab: 'b;' })
    expect(print(loaded.statements)).toBe('a;')
  })
})

describe('the loader', () => {
  it('takes an absolute path, and names places by it', async () => {
    const path = join(folder.write({ 'srs.conf': 'include a.conf;', 'a.conf': ';' }), 'srs.conf')
    const loaded = await loadConfig(path)
    expect(faultsOf(loaded)).toEqual([
      `${join(path, '../a.conf')}:1:1: unexpected ';': expected a directive before it`,
    ])
  })

  it('tells a file that may not be read', async () => {
    // Root may read everything: for it, the file is read.
    const cwd = folder.write({ 'srs.conf': 'listen 1935;' })
    chmodSync(join(cwd, 'srs.conf'), 0)
    const faults = faultsOf(await loadConfig('srs.conf', { cwd }))
    const expected = ['srs.conf:1:1: srs.conf may not be read by the user the server runs as']
    expect(faults).toEqual(process.getuid?.() === 0 ? [] : expected)
  })

  it('refuses a device, which would never end', async () => {
    expect(faultsOf(await load({ 'srs.conf': '->/dev/zero' }))).toEqual([
      'srs.conf:1:1: srs.conf is a device or a pipe: expected a file',
    ])
  })

  it('refuses a file of 100 MB without reading it', async () => {
    const cwd = folder.write({ 'srs.conf': '' })
    truncateSync(join(cwd, 'srs.conf'), 100_000_000)
    const before = process.memoryUsage().arrayBuffers
    const loaded = await loadConfig('srs.conf', { cwd })
    expect(faultsOf(loaded)).toEqual([
      'srs.conf:1:1: srs.conf has 100000000 bytes: more than maxConfigFileBytes (1048576)',
    ])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000)
  })

  it('refuses more than it may read in all files together', async () => {
    const files = { 'srs.conf': 'include a.conf a.conf a.conf;', 'a.conf': '# 45678\n' }
    expect(faultsOf(await load(files, { maxConfigBytes: 53 }))).toEqual([])
    expect(faultsOf(await load(files, { maxConfigBytes: 50 }))).toEqual([
      'srs.conf:1:23: a.conf has 8 bytes: more than what maxConfigBytes leaves (5)',
    ])
  })

  it('refuses more files than there may be, also where few files include each other many times', async () => {
    const files: Record<string, string> = { 'srs.conf': 'include 0.conf;' }
    for (let index = 0; index < 40; index++) {
      files[`${index}.conf`] = `a; include ${index + 1}.conf ${index + 1}.conf;`
    }
    files['40.conf'] = 'b;'
    const loaded = await load(files)
    expect(faultsOf(loaded)).toEqual([
      expect.stringMatching(/^\d+\.conf:1:\d+: more files than maxConfigFiles \(256\)$/),
    ])
  })

  it('refuses more directives than there may be in all files together', async () => {
    const files = { 'srs.conf': 'include a.conf a.conf;', 'a.conf': 'a; b { c; }' }
    expect(faultsOf(await load(files, { maxStatements: 6 }))).toEqual([])
    expect(faultsOf(await load(files, { maxStatements: 5 }))).toEqual([
      'a.conf:1:8: more directives than maxStatements (5)',
    ])
  })

  it('tells no more faults than it may in all files together', async () => {
    const files = { 'srs.conf': 'include a.conf a.conf a.conf;', 'a.conf': ';;' }
    expect(faultsOf(await load(files, { maxConfigFaults: 3 }))).toEqual([
      ...['a.conf:1:1', 'a.conf:1:2', 'a.conf:1:1'].map(
        (place) => `${place}: unexpected ';': expected a directive before it`,
      ),
      'more faults than maxConfigFaults (3): the rest is not told',
    ])
  })
})
