import { describe, expect, it } from 'vitest'
import { DialectWatch } from './dialect-watch.ts'

describe('the dialect of an RTMP client', () => {
  it.each([
    ['flash', []],
    ['flash', ['connect', 'createStream']],
    ['flash', ['connect', 'createStream', 'releaseStream']],
    ['fmle', ['connect', 'releaseStream', 'FCPublish', 'createStream']],
    ['fmle', ['connect', 'FCPublish', 'createStream']],
    ['fmle', ['connect', 'releaseStream', 'createStream', 'FCPublish']],
    ['haivision', ['connect', '_checkbw', 'createStream', 'FCPublish']],
  ])('is %s after %j', (dialect, commands) => {
    const watch = new DialectWatch()
    for (const command of commands) {
      watch.note(command)
    }
    expect(watch.dialect).toBe(dialect)
  })
})
