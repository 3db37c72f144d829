import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../base/index.ts'
import { RuntimeReadings } from './runtime-readings.ts'

it('pauses for collections are known by their kinds before there was one: to Prometheus the first is an increase then', () => {
  const readings = new RuntimeReadings(systemClock)
  onTestFinished(() => readings.close())
  expect([...readings.pauses.keys()]).toEqual([
    'minor',
    'minor_mark_compact',
    'major',
    'incremental',
    'weakcb',
  ])
})
