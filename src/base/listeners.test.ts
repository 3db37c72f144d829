import { expect, it } from 'vitest'
import { Listeners } from './listeners.ts'

it('tells everybody who listens, as often as he was added, until he is taken away', () => {
  const listeners = new Listeners<number>()
  const told: string[] = []
  const one = (value: number): number => told.push(`one ${value}`)
  const endFirst = listeners.add(one)
  const endSecond = listeners.add(one)
  listeners.tell(1)
  endFirst()
  endFirst()
  listeners.tell(2)
  endSecond()
  listeners.tell(3)
  expect(told).toEqual(['one 1', 'one 1', 'one 2'])
})

it('tells neither who comes nor who goes meanwhile', () => {
  const listeners = new Listeners<void>()
  const told: string[] = []
  const endFirst = listeners.add(() => {
    told.push('first')
    endFirst()
    endSecond()
    listeners.add(() => told.push('newcomer'))
  })
  const endSecond = listeners.add(() => told.push('second'))
  listeners.add(() => told.push('third'))
  listeners.tell()
  expect(told).toEqual(['first', 'third'])
})
