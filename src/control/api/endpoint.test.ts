import { expect, it } from 'vitest'
import { SlicedText } from '../../base/index.ts'
import { list } from './endpoint.ts'

it('a list is written in turns of the event loop, so that media need not wait for thousands of entries', async () => {
  const entries = Array.from({ length: 1000 }, (_, index) => `${index} `.padEnd(200, '.'))
  const answer = list('texts', entries, 5000, (json, entry) => json.write(JSON.stringify(entry)))
  if (answer.kind !== 'list') {
    throw new Error('it is no list')
  }
  let turns = 0
  const count = (): void => {
    turns++
    immediate = setImmediate(count)
  }
  let immediate = setImmediate(count)
  const json = new SlicedText()
  await answer.write(json)
  clearImmediate(immediate)
  expect(`[${json}]`).toBe(JSON.stringify(entries))
  expect(json.slices.length).toBeGreaterThan(5)
  // Four slices at most share one.
  expect(turns).toBeGreaterThanOrEqual((json.slices.length - 1) / 4)
})
