import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildConfig, isDirective, parseStatements } from '../src/control/index.ts'
import { generatedFiles } from './config-docs.ts'
import { REPOSITORY } from './lib/files.ts'

const FILES = [...generatedFiles()]

describe('what the rows of the configuration say', () => {
  it.each(FILES)('stands in %s; if not, run: npm run config-docs', (path, text) => {
    expect(readFileSync(join(REPOSITORY, path), 'utf8')).toBe(text)
  })

  it('makes a file that can be used, and in which nothing is without effect', () => {
    const [, text = ''] = FILES.find(([path]) => path === 'conf/full.conf') ?? []
    const { statements, faults } = parseStatements(text, 'full.conf', { isDirective })
    expect(faults).toEqual([])
    const built = buildConfig(statements)
    expect({ faults: built.faults, notices: built.notices }).toEqual({ faults: [], notices: [] })
  })
})
