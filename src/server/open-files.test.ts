import { describe, expect, it } from 'vitest'
import { RecordingLogger } from '../../test/support/server.ts'
import { allowedConnections, openFilesLimit, RESERVED_OPEN_FILES } from './open-files.ts'

describe('the number of connections', () => {
  it('is by default what the system allows, and no more than the default', () => {
    const log = new RecordingLogger()
    expect(allowedConnections(undefined, 1, log)).toBe(1)
    const most = allowedConnections(undefined, Number.MAX_SAFE_INTEGER, log)
    expect(most).toBe(Math.min(Number.MAX_SAFE_INTEGER, openFilesLimit() - RESERVED_OPEN_FILES))
    expect(log.lines).toEqual([])
  })

  it('is what was asked for, with a warning that says what to do if the system does not allow it', () => {
    const log = new RecordingLogger()
    const openFiles = openFilesLimit()
    expect(allowedConnections(100, 1, log)).toBe(100)
    expect(log.lines).toEqual([])
    expect(allowedConnections(openFiles, 1, log)).toBe(openFiles)
    expect(log.lines).toMatchObject([
      {
        level: 'warn',
        fields: { maxConnections: openFiles, openFiles },
        message: expect.stringContaining('ulimit -n'),
      },
    ])
  })
})
