import { expect, it } from 'vitest'
import { nextTurn } from './index.ts'

/** Lets some work in parts at once, and tells who did a part, in which turn of the event loop. */
async function workOf(
  names: readonly number[],
  parts: number,
  work: () => void,
): Promise<{ name: number; turn: number }[]> {
  const done: { name: number; turn: number }[] = []
  let turn = 0
  let immediate = setImmediate(function count() {
    turn++
    immediate = setImmediate(count)
  })
  const workOn = async (name: number): Promise<void> => {
    for (let part = 0; part < parts; part++) {
      await nextTurn()
      done.push({ name, turn })
      work()
    }
  }
  await Promise.all(names.map(workOn))
  clearImmediate(immediate)
  return done
}

it('nextTurn has all go on one after the other, in the order in which they asked', async () => {
  const done = await workOf([1, 2, 3], 5, () => {})
  expect(done.map(({ name }) => name)).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3])
})

it('nextTurn leaves the event loop to others between long parts, and after a few short ones', async () => {
  const long = await workOf([1, 2], 4, () => {
    const end = performance.now() + 1
    while (performance.now() < end) {
      // As one does who makes a part of something long.
    }
  })
  expect(new Set(long.map(({ turn }) => turn)).size).toBe(8)
  const short = await workOf([1, 2], 20, () => {})
  expect(new Set(short.map(({ turn }) => turn)).size).toBeGreaterThanOrEqual(10)
})

it('nextTurn goes on when nobody has asked for a while', async () => {
  for (let time = 0; time < 3; time++) {
    await workOf([1], 3, () => {})
    await new Promise((resolve) => setImmediate(resolve))
  }
})
