import { expect, it } from 'vitest'
import { listWith } from './lists.ts'

it('a list with one item more leaves the list as it was, and takes an item that is a list as one item', () => {
  const list = [[1]]
  expect(listWith(list, [2, 3])).toEqual([[1], [2, 3]])
  expect(list).toEqual([[1]])
})
