import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import { DEFAULT_WAIT_MS, waitFor } from '../../../test/support/wait.ts'
import { silentLogger } from '../../base/index.ts'
import { ConfigWatch, type WatchedConfig } from './config-watch.ts'

/** Reads a file, and all in a folder beside it; keeps what was reloaded. */
class FakeConfig implements WatchedConfig {
  readonly reloaded: string[] = []
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async files(): Promise<ReadonlyMap<string, string>> {
    const included = readdirSync(join(this.#folder, 'conf.d')).map((name) => join('conf.d', name))
    const paths = ['srs.conf', ...included].map((name) => join(this.#folder, name))
    try {
      return new Map(paths.map((path) => [path, readFileSync(path, 'utf8')]))
    } catch {
      return new Map()
    }
  }

  async reload(): Promise<void> {
    this.reloaded.push([...(await this.files()).values()].join(' '))
  }
}

describe('ConfigWatch', () => {
  const root = new TemporaryFolder()
  let folder: string
  let file: string
  let config: FakeConfig
  let watch: ConfigWatch

  beforeEach(() => {
    folder = root.write({ 'srs.conf': 'one', 'conf.d/a.conf': 'a' })
    file = join(folder, 'srs.conf')
    config = new FakeConfig(folder)
  })
  afterEach(async () => {
    await watch.close()
  })
  afterAll(() => root.remove())

  /** Looks only when it is told: the time between looks does not come. */
  function begin(inForce: readonly string[] = ['one', 'a']): void {
    watch = new ConfigWatch({ config, inForce, logger: silentLogger, quietMs: 20, lookIntervalMs: 600_000 })
  }

  async function waitForReload(...expected: readonly string[]): Promise<void> {
    await vi.waitFor(() => expect(config.reloaded).toEqual(expected), { timeout: DEFAULT_WAIT_MS })
  }

  /** A change that is told, behind which everything before it has been seen. */
  async function change(text: string, ...expected: readonly string[]): Promise<void> {
    writeFileSync(file, text)
    await waitForReload(...expected)
  }

  /** The folders are watched once it has looked. */
  async function beginAndSettle(): Promise<void> {
    begin(['before', 'a'])
    await waitForReload('one a')
    config.reloaded.length = 0
  }

  it('reloads what has changed between reading and watching', async () => {
    begin(['none', 'a'])
    await waitForReload('one a')
  })

  it('reloads what is written in place, several steps at once', async () => {
    await beginAndSettle()
    writeFileSync(file, 'half')
    writeFileSync(file, 'whole')
    await waitForReload('whole a')
    await change('next', 'whole a', 'next a')
  })

  it('reloads a file that another takes the place of, as with many editors', async () => {
    await beginAndSettle()
    for (const text of ['two', 'three']) {
      writeFileSync(`${file}.new`, text)
      renameSync(`${file}.new`, file)
      await vi.waitFor(() => expect(config.reloaded.at(-1)).toBe(`${text} a`), { timeout: DEFAULT_WAIT_MS })
    }
  })

  it('reloads what a link leads to, and when a link to its folder is moved, as by Kubernetes', async () => {
    rmSync(file)
    for (const version of ['v1', 'v2']) {
      mkdirSync(join(folder, version))
      writeFileSync(join(folder, version, 'srs.conf'), version)
    }
    symlinkSync('v1', join(folder, '..data'))
    symlinkSync(join('..data', 'srs.conf'), file)
    begin(['before', 'a'])
    await waitForReload('v1 a')
    writeFileSync(join(folder, 'v1', 'srs.conf'), 'v1 anew')
    await waitForReload('v1 a', 'v1 anew a')
    symlinkSync('v2', join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    await waitForReload('v1 a', 'v1 anew a', 'v2 a')
  })

  it('reloads when a file that is included changes, comes or goes', async () => {
    await beginAndSettle()
    writeFileSync(join(folder, 'conf.d/a.conf'), 'A')
    await waitForReload('one A')
    writeFileSync(join(folder, 'conf.d/b.conf'), 'b')
    await waitForReload('one A', 'one A b')
    rmSync(join(folder, 'conf.d/a.conf'))
    await waitForReload('one A', 'one A b', 'one b')
  })

  it('reloads nothing when the texts stay as they are, whatever else happens in the folder', async () => {
    await beginAndSettle()
    writeFileSync(join(folder, 'srs.log'), 'a line')
    utimesSync(file, 0, 0)
    writeFileSync(file, 'one')
    await change('two', 'two a')
  })

  it('waits for a file that is away for a moment', async () => {
    await beginAndSettle()
    rmSync(file)
    writeFileSync(join(folder, 'conf.d/a.conf'), 'A')
    await change('two', 'two A')
  })

  it('looks from time to time where nothing is told', async () => {
    const texts = vi.spyOn(config, 'files')
    watch = new ConfigWatch({ config, inForce: ['one', 'a'], logger: silentLogger, lookIntervalMs: 10 })
    await waitFor('some looks', () => texts.mock.calls.length > 3)
    await watch.close()
    const looks = texts.mock.calls.length
    writeFileSync(file, 'two')
    await new Promise((resolve) => setImmediate(resolve))
    expect(texts.mock.calls).toHaveLength(looks)
    expect(config.reloaded).toEqual([])
  })
})
