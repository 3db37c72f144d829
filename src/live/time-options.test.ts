import { describe, expect, it } from 'vitest'
import { ServerError } from '../base/index.ts'
import { endReason, tagBody } from './testing/frames.ts'
import { StreamRig, writeGop } from './testing/stream-rig.ts'
import { checkTimeOptions, defaultTimeOptions, type TimeOptions } from './time-options.ts'

describe('a stream', () => {
  it('begins at the publisher’s time and closes jumps up, unless told otherwise', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    writeGop(publication, 100_000)
    writeGop(publication, 5_000_000)
    expect(rig.sink.taken()).toBe('V0 A0 K100000 a100003 v100040 K100080 a100083 v100120')
  })

  it('begins at 0 with timeJitter zero', () => {
    const rig = new StreamRig({}, { timeJitter: 'zero' })
    writeGop(rig.publish(), 100_000)
    expect(rig.sink.taken()).toBe('V0 A0 K0 a3 v40')
  })

  it.each([{ timeJitter: 'off' }, { atc: true }, { atc: true, timeJitter: 'zero' }] as const)(
    'keeps the publisher’s time with %o, over its return, too',
    (options) => {
      const rig = new StreamRig({}, options)
      const publication = rig.publish()
      writeGop(publication, 100_000)
      publication.write('video', 5_000_000, tagBody.keyframe())
      publication.end(endReason())
      rig.publish().write('video', 6_000_000, tagBody.keyframe())
      expect(rig.sink.taken()).toBe('V0 A0 K100000 a100003 v100040 K5000000 publish-end:unpublished K6000000')
    },
  )

  it('keeps it with atcAuto only of a publisher whose metadata has bravo_atc', () => {
    const rig = new StreamRig({}, { atcAuto: true })
    for (const bravo_atc of ['true', true, 'false']) {
      const publication = rig.publish()
      publication.writeScriptData(tagBody.metadata({ bravo_atc }))
      publication.write('video', 100_000, tagBody.keyframe())
      publication.write('video', 200_000, tagBody.keyframe())
      publication.end(endReason())
    }
    expect(rig.sink.taken()).toBe(
      [
        'm0 K100000 K200000 publish-end:unpublished',
        'm200040 K200050 K200100 publish-end:unpublished',
        'm200140 K200190 K200280 publish-end:unpublished',
      ].join(' '),
    )
  })

  it('heeds no bravo_atc without atcAuto', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    publication.writeScriptData(tagBody.metadata({ bravo_atc: 'true' }))
    publication.write('video', 100_000, tagBody.keyframe())
    publication.write('video', 200_000, tagBody.keyframe())
    expect(rig.sink.taken()).toBe('m0 K100000 K100010')
  })

  it('puts audio and video in order with mixCorrect, and loses nothing at the end', () => {
    const rig = new StreamRig({}, { mixCorrect: true })
    const publication = rig.publish()
    publication.write('video', 0, tagBody.keyframe())
    publication.write('video', 40, tagBody.interFrame())
    publication.write('audio', 3, tagBody.aac())
    publication.write('audio', 26, tagBody.aac())
    publication.write('video', 80, tagBody.interFrame())
    publication.write('audio', 50, tagBody.aac())
    publication.end(endReason())
    expect(rig.sink.taken()).toBe('K0 a3 a26 v40 a50 v80 publish-end:unpublished')
  })

  it('says what a composition offset is that can be believed, and 0 for any other', () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    for (const offset of [
      [0, 0, 0],
      [0, 0, 80],
      [0xff, 0xff, 0xd8],
      [0x7f, 0xff, 0xff],
      [0x80, 0, 0],
    ]) {
      publication.write('video', 0, Uint8Array.of(0x17, 1, ...offset, 9))
    }
    expect(rig.sink.frames.map(({ compositionOffset }) => compositionOffset)).toEqual([0, 80, -40, 0, 0])
    expect(rig.sink.frames.at(-1)?.body.subarray(2, 5)).toEqual(Uint8Array.of(0x80, 0, 0))
  })
})

describe('the check of time options', () => {
  it.each([
    [{ timeJitter: 'fast' }, 'timeJitter is "fast": must be one of full, zero, off'],
    [{ mixCorrect: 'on' }, 'mixCorrect is "on": must be true or false'],
    [{ atc: 1 }, 'atc is 1: must be true or false'],
    [{ atcAuto: null }, 'atcAuto is null: must be true or false'],
  ])('refuses %o', (options, message) => {
    const given = { ...defaultTimeOptions, ...options } as TimeOptions
    expect(() => checkTimeOptions(given)).toThrow(new ServerError('ERR_CONFIGURATION', message))
  })
})
