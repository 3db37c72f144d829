import { describe, expect, it } from 'vitest'
import { openFilesNotice } from './open-files.ts'

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max processes             127235               127235               processes
Max open files            1024                 4096                 files
Max address space         unlimited            unlimited            bytes
`

describe('a configuration with more connections than the process may open files', () => {
  it('is told so, with what to do', () => {
    const place = { file: 'srs.conf', line: 2, column: 1 }
    expect(openFilesNotice({ value: 1000, place }, LIMITS)).toEqual({
      place,
      message:
        'max_connections is 1000, and the system lets this process open 1024 files, 128 of which are needed for other things: raise the limit (ulimit -n, LimitNOFILE) or lower max_connections',
    })
  })

  it.each([
    ['there is room', 896, LIMITS],
    ['there is no limit', 1_000_000, LIMITS.replace('1024', 'unlimited')],
    ['the system does not say', 1_000_000, null],
  ])('is told nothing where %s', (_where, value, limits) => {
    expect(openFilesNotice({ value, place: null }, limits)).toBeNull()
  })
})
