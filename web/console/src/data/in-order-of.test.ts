import { describe, expect, it } from 'vitest'
import { inOrderOf } from './in-order-of.ts'

describe('rows in the order of before', () => {
  it.each([
    [
      ['a', 'b', 'c'],
      ['c', 'a', 'b'],
      ['a', 'b', 'c'],
    ],
    [
      ['a', 'b', 'c'],
      ['c', 'x', 'a', 'y'],
      ['a', 'c', 'x', 'y'],
    ],
    [[], ['b', 'a'], ['b', 'a']],
    [['a'], [], []],
  ])('of %j, %j are %j', (keys, rows, expected) => {
    expect(inOrderOf(keys, rows, (row) => row)).toEqual(expected)
  })
})
