import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  AAC,
  ALL_HEADERS,
  audioHeader,
  END,
  entries,
  expectCountersWithoutGap,
  frame,
  mp3,
  picture,
  programs,
  push,
  segmenterOf,
  sound,
  steady,
  tag,
  videoHeader,
} from '../../../test/support/hls.ts'
import { type Logger, silentLogger } from '../../base/index.ts'

describe('HlsSegmenter and frames it cannot use', () => {
  function recorder(): { logger: Logger; warnings: string[]; errors: string[] } {
    const warnings: string[] = []
    const errors: string[] = []
    const logger: Logger = {
      ...silentLogger,
      warn: (_fields, message) => warnings.push(message),
      error: (_fields, message) => errors.push(message),
    }
    return { logger, warnings, errors }
  }

  it('leaves out codecs that a transport stream does not carry, and says so once', () => {
    const { logger, warnings } = recorder()
    const foreign = frame({ kind: 'video', codec: 'av1', keyframe: true, body: Uint8Array.of(0x90) })
    const frames = steady({ to: 2020, kinds: ['audio'] }).flatMap((next) => [next, foreign])
    const segmenter = segmenterOf([{ ...foreign, sequenceHeader: true }, audioHeader(), ...frames], {
      logger,
    })
    expect(programs(segmenter)).toEqual([[AAC]])
    expect(segmenter.stats).toMatchObject({ framesUnsupported: 101, framesDamaged: 0, framesMuxed: 101 })
    expect(warnings).toHaveLength(1)
  })

  it('leaves out other tracks and what only describes one, without a word', () => {
    const { logger, warnings } = recorder()
    const frames = steady({ to: 2020 }).flatMap((next) => [
      next,
      { ...next, trackId: 1 },
      { ...next, description: true },
    ])
    const segmenter = segmenterOf([...ALL_HEADERS, { ...videoHeader(31), trackId: 1 }, ...frames], { logger })
    expect(segmenter.stats.framesMuxed).toBe(frames.length / 3)
    expect(warnings).toEqual([])
  })

  it('leaves out damaged frames, and says so once per segment', () => {
    const { logger, warnings, errors } = recorder()
    const damaged = [
      { ...picture(0, true), body: Uint8Array.of(0x17) },
      { ...picture(0, true), body: Uint8Array.of(0x17, 1, 0, 0, 0, 0, 0, 0, 9, 0x65) },
      { ...videoHeader(), body: Uint8Array.of(0x17, 0, 0, 0, 0, 9) },
      { ...audioHeader(), body: Uint8Array.of(0xaf, 0) },
      { ...sound(0), body: new Uint8Array() },
      sound(0, 9000),
      mp3(0, 70_000),
    ]
    const segmenter = segmenterOf([...ALL_HEADERS, ...steady({ to: 1000 }), ...damaged, audioHeader()], {
      logger,
    })
    expect(segmenter.stats.framesDamaged).toBe(damaged.length)
    expect(warnings).toHaveLength(1)
    push(segmenter, [...steady({ from: 1000, to: 2020 }), ...damaged.slice(0, 1)])
    segmenter.onPublishEnd(END)
    expect(entries(segmenter).length).toBeGreaterThan(0)
    expect(errors).toEqual([])
  })

  it('skips what holds nothing to play, and frames before their header', () => {
    const empty = [
      { ...picture(0, true), body: Uint8Array.of(0x17, 1, 0, 0, 0) },
      { ...picture(0), body: Uint8Array.of(0x17, 2, 0, 0, 0) },
      { ...picture(0), body: Uint8Array.of(0x57, 0) },
      sound(0, 0),
    ]
    const early = [picture(0, true), sound(0)]
    const segmenter = segmenterOf([...early, ...ALL_HEADERS, ...empty])
    expect(segmenter.stats).toMatchObject({ framesSkipped: 6, framesDamaged: 0, framesMuxed: 0, segments: 0 })
  })

  it('keeps its memory bounded when the clock stands still', () => {
    const options = { maxSegmentBytes: 50_000, maxHeldBytes: 200_000 }
    const segmenter = segmenterOf([videoHeader()], { options })
    for (let index = 0; index < 500; index++) {
      segmenter.onFrame(picture(0, true, 10_000))
    }
    expect(segmenter.stats.segments).toBeGreaterThan(50)
    expect(segmenter.stats.bytesHeld).toBeLessThan(200_000 + 2 * 60_000)
  })

  it('keeps its memory bounded over a long stream', () => {
    const segmenter = segmenterOf(ALL_HEADERS, { options: { windowMs: 6000 } })
    const held: number[] = []
    for (let from = 0; from < 400_000; from += 4000) {
      push(segmenter, steady({ from, to: from + 4000 }))
      held.push(segmenter.stats.bytesHeld)
    }
    expect(new Set(held.slice(10)).size).toBeLessThan(5)
    expect(Math.max(...held)).toBeLessThan(12 * (held[0] ?? 0))
    expect(segmenter.segment('demo-0.ts')).toBeNull()
  })
})

describe('HlsSegmenter, whatever comes', () => {
  it('never throws, and its playlists hold what RFC 8216 asks for', () => {
    const steps = fc.oneof(
      {
        weight: 20,
        arbitrary: fc.record({
          do: fc.constant('picture'),
          by: fc.integer({ min: 0, max: 900 }),
          key: fc.boolean(),
        }),
      },
      {
        weight: 20,
        arbitrary: fc.record({ do: fc.constantFrom('sound', 'mp3'), by: fc.integer({ min: 0, max: 900 }) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constant('hole'), by: fc.integer({ min: 3000, max: 9000 }) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constantFrom('video header', 'audio header'),
          by: fc.integer({ min: 1, max: 2 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constantFrom('publish end', 'missed'), by: fc.constant(0) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          do: fc.constant('damage'),
          by: fc.constant(0),
          body: fc.uint8Array({ maxLength: 20 }),
          header: fc.boolean(),
        }),
      },
    )
    type Step = { do: string; by: number; key?: boolean; body?: Uint8Array; header?: boolean }
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 120, size: 'max' }), (list: Step[]) => {
        const errors: unknown[] = []
        const logger = { ...silentLogger, error: (_fields: object, message: string) => errors.push(message) }
        const segmenter = segmenterOf(ALL_HEADERS, { logger, options: { fragmentMs: 1000, windowMs: 3000 } })
        const all = new Map<string, Uint8Array>()
        let now = 0
        let last: (number | null)[] = [0, 0, 0]
        for (const step of list) {
          now += step.by
          const actions: Record<string, () => void> = {
            picture: () => segmenter.onFrame(picture(now, step.key)),
            sound: () => segmenter.onFrame(sound(now)),
            mp3: () => segmenter.onFrame(mp3(now)),
            'video header': () => segmenter.onFrame(videoHeader(step.by)),
            'audio header': () => segmenter.onFrame(audioHeader(step.by)),
            'publish end': () => segmenter.onPublishEnd(END),
            missed: () => segmenter.onFramesMissed(),
            damage: () => {
              const sequenceHeader = step.header ?? false
              const body = step.body ?? new Uint8Array()
              segmenter.onFrame({ ...picture(now, true), sequenceHeader, body })
              segmenter.onFrame({ ...sound(now), sequenceHeader, body })
            },
          }
          actions[step.do]?.()
          for (const { fileName } of entries(segmenter)) {
            all.set(fileName, segmenter.segment(fileName) ?? new Uint8Array())
          }
          const present = ['MEDIA-SEQUENCE', 'DISCONTINUITY-SEQUENCE', 'TARGETDURATION'].map((name) =>
            tag(segmenter, name),
          )
          expect(present.every((value, index) => (value ?? 0) >= (last[index] ?? 0))).toBe(true)
          last = present
        }
        segmenter.onEnd(END)
        const listed = entries(segmenter)
        const target = tag(segmenter, 'TARGETDURATION') ?? 0
        expect(listed.every(({ duration }) => Math.round(duration / 1000) <= target)).toBe(true)
        expect(listed.every(({ fileName }) => segmenter.segment(fileName) !== null)).toBe(true)
        for (const { fileName } of listed) {
          all.set(fileName, segmenter.segment(fileName) ?? new Uint8Array())
        }
        expect([...all.keys()]).toEqual(Array.from(all, (_, index) => `demo-${index}.ts`))
        expectCountersWithoutGap([...all.values()])
        expect(errors).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it('has durations that sum up to the timeline', () => {
    const step = fc.record({
      by: fc.integer({ min: 1, max: 400 }),
      kind: fc.constantFrom('video', 'audio'),
      key: fc.boolean(),
    })
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 0, max: 2 ** 40 }),
        (steps, from) => {
          const segmenter = segmenterOf([...ALL_HEADERS, picture(from, true), picture(from + 40)])
          let now = from + 40
          for (const { by, kind, key } of steps) {
            now += by
            segmenter.onFrame(kind === 'video' ? picture(now, key) : sound(now))
          }
          // Ends with a picture, which is as long as the step to it.
          segmenter.onFrame(picture(now + 500))
          segmenter.onFrame(picture(now + 540))
          segmenter.onPublishEnd(END)
          const sum = entries(segmenter).reduce((total, { duration }) => total + duration, 0)
          expect(from + sum).toBe(now + 580)
        },
      ),
      { numRuns: 60 },
    )
  })
})
