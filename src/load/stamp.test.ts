import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStampNalUnit, machineNow, readStamp, STAMP_FRAMES, STAMP_OFFSET, writeStamp } from './stamp.ts'

function stampedBody(sentMs: number, frame: number): Uint8Array {
  const body = new Uint8Array(100)
  body.set(createStampNalUnit(), STAMP_OFFSET)
  writeStamp(body, STAMP_OFFSET, { sentMs, frame })
  return body
}

describe('a stamp', () => {
  it('is read as it was written, for decades of uptime', () => {
    const microseconds = fc.integer({ min: 0, max: 2 ** 50 })
    fc.assert(
      fc.property(microseconds, fc.integer({ min: 0, max: STAMP_FRAMES - 1 }), (sent, frame) => {
        expect(readStamp(stampedBody(sent / 1000, frame))).toEqual({ sentMs: sent / 1000, frame })
      }),
    )
    expect(readStamp(stampedBody(1, STAMP_FRAMES + 7))?.frame).toBe(7)
  })

  it('has no byte that an encoder would have to escape', () => {
    const body = stampedBody(0, 0).subarray(STAMP_OFFSET)
    expect(body.subarray(0, createStampNalUnit().length)).not.toContain(0)
  })

  it('is not found where there is none', () => {
    const body = stampedBody(1, 1)
    expect(readStamp(new Uint8Array(100))).toBeNull()
    expect(readStamp(body.subarray(0, STAMP_OFFSET + createStampNalUnit().length - 1))).toBeNull()
    body[STAMP_OFFSET + 5] = 1
    expect(readStamp(body)).toBeNull()
  })
})

it('the clock of the machine is that of process.hrtime', () => {
  const before = Number(process.hrtime.bigint()) / 1e6
  const now = machineNow()
  const after = Number(process.hrtime.bigint()) / 1e6
  // One clock, however it is read. Any other would be off by the time that the machine or this process runs.
  expect(now).toBeGreaterThan(before - 500)
  expect(now).toBeLessThan(after + 500)
})
