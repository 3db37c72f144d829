import { afterAll, describe, expect, it } from 'vitest'
import { WRONG_GRAMMAR } from '../../../test/fixtures/config/wrong-grammar.ts'
import { TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import { formatFault } from './format-faults.ts'
import { loadConfig } from './load-config.ts'

const DIRECTIVES = new Set(['listen', 'max_connections', 'vhost', 'pid', 'hls', 'enabled'])

describe('the loader answers', () => {
  const folder = new TemporaryFolder()
  afterAll(() => folder.remove())

  it.each(WRONG_GRAMMAR)('$name', async ({ files, faults }) => {
    const cwd = folder.write(files)
    const loaded = await loadConfig('srs.conf', { cwd, isDirective: (name) => DIRECTIVES.has(name) })
    expect(loaded.faults.map(formatFault)).toEqual(faults)
  })
})
