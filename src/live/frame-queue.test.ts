import { describe, expect, it } from 'vitest'
import { FrameQueue, type FramesOptions } from './frame-queue.ts'
import type { Publication } from './publication.ts'
import { endReason, tagBody } from './testing/frames.ts'
import { wordOf } from './testing/letter-format.ts'
import { StreamRig, writeGop } from './testing/stream-rig.ts'

function follow(rig: StreamRig, options: FramesOptions = {}): FrameQueue {
  return new FrameQueue(rig.stream, options)
}

/** The next `count` frames, as words; fewer if the iteration is over. */
async function read(queue: FrameQueue, count: number): Promise<string> {
  const words: string[] = []
  while (words.length < count) {
    const { done, value } = await queue.next()
    if (done) {
      words.push('end')
      break
    }
    words.push(wordOf(value).trimEnd())
  }
  return words.join(' ')
}

function writeVideo(publication: Publication, from: number, to: number): void {
  for (let at = from; at < to; at += 40) {
    publication.write('video', at, at % 400 === 0 ? tagBody.keyframe() : tagBody.interFrame())
  }
}

describe('the frames of a stream', () => {
  it('come in order: metadata, sequence headers, the newest GOP, then live', async () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    writeGop(publication)
    publication.writeScriptData(tagBody.metadata({}))
    const queue = follow(rig)
    publication.write('video', 80, tagBody.interFrame())
    expect(await read(queue, 7)).toBe('m40 V0 A0 K0 a3 v40 v80')
    const waiting = read(queue, 1)
    publication.write('video', 120, tagBody.keyframe())
    expect(await waiting).toBe('K120')
    expect(queue.skippedFrames).toBe(0)
  })

  it('go on when a publisher returns, and end with the stream, after what is queued', async () => {
    const rig = new StreamRig()
    const queue = follow(rig)
    const waiting = read(queue, 3)
    const first = rig.publish('p1')
    writeGop(first)
    first.end(endReason())
    expect(await waiting).toBe('V0 A0 K0')
    const second = rig.publish('p2')
    second.write('video', 0, tagBody.keyframe())
    rig.stream.end(endReason())
    expect(await read(queue, 9)).toBe('a3 v40 K80 end')
    expect(await read(queue, 1)).toBe('end')
  })

  it('end at once if the stream is over', async () => {
    const rig = new StreamRig()
    rig.stream.end(endReason())
    expect(await read(follow(rig), 1)).toBe('end')
  })

  it('end for a reader that waits when the stream ends', async () => {
    const rig = new StreamRig()
    const waiting = read(follow(rig), 1)
    rig.stream.end(endReason())
    expect(await waiting).toBe('end')
  })

  it('can be read by for await, which leaves the stream when it is left', async () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    writeGop(publication)
    const queue = follow(rig)
    const words: string[] = []
    for await (const each of queue) {
      words.push(wordOf(each).trimEnd())
      if (each.keyframe) {
        break
      }
    }
    expect(words).toEqual(['V0', 'A0', 'K0'])
    publication.write('video', 80, tagBody.interFrame())
    expect(await read(queue, 1)).toBe('end')
  })

  it('end for a reader that waits when the iteration is left', async () => {
    const rig = new StreamRig()
    const queue = follow(rig)
    const waiting = read(queue, 1)
    expect(await queue.return()).toEqual({ done: true, value: undefined })
    expect(await waiting).toBe('end')
  })

  it('do not keep the stream: who reads must be its viewer for that', () => {
    const rig = new StreamRig()
    follow(rig)
    expect(rig.stream.idle).toBe(true)
  })
})

describe('an abort', () => {
  it('ends the iteration at once, for a reader that waits too', async () => {
    const rig = new StreamRig()
    const aborting = new AbortController()
    const queue = follow(rig, { signal: aborting.signal })
    const waiting = read(queue, 1)
    aborting.abort()
    expect(await waiting).toBe('end')
    writeGop(rig.publish())
    expect(await read(queue, 1)).toBe('end')
  })

  it('lets go of what is queued', async () => {
    const rig = new StreamRig()
    writeGop(rig.publish())
    const aborting = new AbortController()
    const queue = follow(rig, { signal: aborting.signal })
    expect(await read(queue, 1)).toBe('V0')
    aborting.abort()
    expect(await read(queue, 1)).toBe('end')
  })

  it('from before the start lets nothing begin', async () => {
    const rig = new StreamRig()
    writeGop(rig.publish())
    expect(await read(follow(rig, { signal: AbortSignal.abort() }), 1)).toBe('end')
  })

  it('is no longer listened for when the stream is over', () => {
    const rig = new StreamRig()
    const listening = new Set<unknown>()
    const { signal } = new AbortController()
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listening.add(args[1])
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listening.delete(args[1])
      remove(...args)
    }
    follow(rig, { signal })
    expect(listening.size).toBe(1)
    rig.stream.end(endReason())
    expect(listening.size).toBe(0)
  })
})

describe('a reader that is too slow', () => {
  it('loses what is queued up to the next keyframe, but no sequence header, and knows how much', async () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    const queue = follow(rig, { maxQueuedFrames: 10 })
    publication.writeScriptData(tagBody.metadata({}))
    publication.write('video', 0, tagBody.avcHeader())
    publication.write('audio', 0, tagBody.aacHeader())
    // Seven have room; the eighth does not, and the rest of its GOP goes with it.
    writeVideo(publication, 0, 480)
    expect(await read(queue, 5)).toBe('m0 V0 A0 K400 v440')
    expect(queue.skippedFrames).toBe(10)
    writeVideo(publication, 480, 560)
    expect(await read(queue, 2)).toBe('v480 v520')
  })

  it('goes on at the very keyframe that has no room', async () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    const queue = follow(rig, { maxQueuedFrames: 10 })
    writeVideo(publication, 0, 480)
    expect(await read(queue, 2)).toBe('K400 v440')
    expect(queue.skippedFrames).toBe(10)
  })

  it('of audio alone goes on with the newest', async () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    publication.write('audio', 0, tagBody.aacHeader())
    const queue = follow(rig, { maxQueuedFrames: 5 })
    for (let at = 0; at < 160; at += 20) {
      publication.write('audio', at, tagBody.aac())
    }
    expect(await read(queue, 5)).toBe('A0 a80 a100 a120 a140')
    expect(queue.skippedFrames).toBe(4)
  })

  it('costs bounded memory, even if nothing but metadata and sequence headers comes', async () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    const queue = follow(rig, { maxQueuedFrames: 10 })
    publication.write('audio', 0, tagBody.aacHeader())
    for (let i = 0; i < 255; i++) {
      publication.write('video', 0, tagBody.avcHeader(i))
      publication.writeScriptData(tagBody.metadata({ i }))
    }
    rig.stream.end(endReason())
    const words = (await read(queue, 1000)).split(' ')
    expect(words.length).toBeLessThanOrEqual(11)
    // The newest of each kind is there.
    expect(words).toContain('A0')
    expect(words.slice(-3)).toEqual(['V0', 'm0', 'end'])
  })

  it('gets the newest sequence header of each kind', async () => {
    const rig = new StreamRig()
    const publication = rig.publish()
    const queue = follow(rig, { maxQueuedFrames: 4 })
    publication.write('video', 0, tagBody.avcHeader(1))
    publication.write('video', 0, tagBody.avcHeader(2))
    publication.write('audio', 0, tagBody.aacHeader())
    writeVideo(publication, 0, 120)
    writeVideo(publication, 400, 440)
    const frames = [await queue.next(), await queue.next(), await queue.next()].map(({ value }) => value)
    expect(frames[0]?.body).toEqual(tagBody.avcHeader(2))
    expect(frames.map((each) => each && wordOf(each).trimEnd())).toEqual(['V0', 'A0', 'K400'])
  })
})
