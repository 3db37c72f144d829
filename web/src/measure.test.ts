import { describe, expect, it } from 'vitest'
import { FrameRateMeter, SlidingAverage } from './measure.ts'

describe('SlidingAverage', () => {
  it('knows nothing before the first sample', () => {
    expect(new SlidingAverage(5).value).toBeNull()
  })

  it('forgets samples older than its span', () => {
    const average = new SlidingAverage(5)
    average.add(0, 100)
    average.add(4, 10)
    average.add(6, 20)
    expect(average.value).toBe(15)
  })
})

describe('FrameRateMeter', () => {
  function feed(meter: FrameRateMeter, framesPerSecond: number, from: number, to: number): void {
    for (let seconds = from; seconds <= to; seconds++) {
      meter.add(Math.round(seconds * framesPerSecond), seconds)
    }
  }

  it.each([30, 25, 60, 7])('measures %d frames a second', (rate) => {
    const meter = new FrameRateMeter()
    feed(meter, rate, 0, 8)
    expect(meter.value).toBe(rate)
  })

  it('takes a rate near a common one for it', () => {
    const meter = new FrameRateMeter()
    feed(meter, 29.97, 0, 8)
    expect(meter.value).toBe(30)
  })

  it('says nothing before enough was played', () => {
    const meter = new FrameRateMeter()
    feed(meter, 30, 0, 3)
    expect(meter.value).toBeNull()
  })

  it('starts anew when the playhead goes backward', () => {
    const meter = new FrameRateMeter()
    feed(meter, 30, 0, 8)
    meter.add(0, 0)
    expect(meter.value).toBeNull()
    feed(meter, 50, 1, 8)
    expect(meter.value).toBe(50)
  })

  it('has no rate for a stream without pictures', () => {
    const meter = new FrameRateMeter()
    feed(meter, 0, 0, 8)
    expect(meter.value).toBeNull()
  })
})
