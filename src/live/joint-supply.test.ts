import { describe, expect, it } from 'vitest'
import { JointSupply } from './joint-supply.ts'
import { noStreamSupply, type Onward, type StreamSupply } from './ports.ts'
import { parseStreamName } from './stream-name.ts'
import { streamRequest } from './testing/requests.ts'
import { StreamRig } from './testing/stream-rig.ts'

const ONWARD: Onward = { begin: () => {}, cancel: () => {} }

/** Has the streams of one application. */
function supplyOf(app: string, told: string[], more: Partial<StreamSupply> = {}): StreamSupply {
  return {
    supplies: (name) => name.app === app,
    denial: () => ({ allowed: false, reason: `denied by ${app}` }),
    onViewer: (stream) => told.push(`${app} viewer ${stream.key}`),
    onPublicationChange: (stream) => told.push(`${app} publication ${stream.key}`),
    arrival: async () => ({ code: 'unavailable', reason: `absent from ${app}` }),
    takeOnward: () => null,
    ...more,
  }
}

describe('JointSupply', () => {
  const told: string[] = []
  const joint = new JointSupply([
    supplyOf('live', told),
    supplyOf('vod', told, { takeOnward: () => Promise.resolve(ONWARD) }),
    supplyOf('live', told, { takeOnward: () => Promise.reject(new Error('never asked')) }),
  ])

  it('has what one of them has', () => {
    const names = ['live/a', 'vod/a', 'other/a'].map((path) => parseStreamName(path))
    expect(names.map((name) => joint.supplies(name))).toEqual([true, true, false])
  })

  it('asks the first that has a stream', async () => {
    expect(joint.denial(streamRequest('v1', 'vod/a'))).toMatchObject({ reason: 'denied by vod' })
    expect(joint.denial(streamRequest('v1', 'other/a'))).toBeNull()
    const { stream } = new StreamRig()
    const { signal } = new AbortController()
    expect(await joint.arrival(stream, signal)).toMatchObject({ reason: 'absent from live' })
    expect(await new JointSupply([]).arrival(stream, signal)).toEqual(
      await noStreamSupply.arrival(stream, signal),
    )
  })

  it('tells all of them', () => {
    const { stream } = new StreamRig()
    joint.onViewer(stream, streamRequest('v1'))
    joint.onPublicationChange(stream)
    const of = (what: string): string[] => ['live', 'vod', 'live'].map((app) => `${app} ${what} live/demo`)
    expect(told).toEqual([...of('viewer'), ...of('publication')])
  })

  it('hands a publisher on to the first that takes it', async () => {
    expect(await joint.takeOnward(streamRequest('p1'))).toBe(ONWARD)
    expect(new JointSupply([noStreamSupply]).takeOnward(streamRequest('p1'))).toBeNull()
  })
})
