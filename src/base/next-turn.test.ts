import { expect, it } from 'vitest'
import { nextTurn } from './index.ts'

it('nextTurn gives one turn of the event loop to each, in the order in which they asked', async () => {
  const turns: number[] = []
  let turn = 0
  let isOver = false
  const count = (): void => {
    turn++
    if (!isOver) {
      setImmediate(count)
    }
  }
  setImmediate(count)
  const work = async (name: number): Promise<void> => {
    for (let part = 0; part < 3; part++) {
      await nextTurn()
      turns.push(turn, name)
    }
  }
  await Promise.all([work(1), work(2)])
  isOver = true
  const names = turns.filter((_, index) => index % 2 === 1)
  expect(names).toEqual([1, 2, 1, 2, 1, 2])
  const numbers = turns.filter((_, index) => index % 2 === 0)
  expect(new Set(numbers).size).toBe(numbers.length)
})
