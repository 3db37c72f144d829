import { describe, expect, it } from 'vitest'
import { describeNumber, type NumberForm, readNumber } from './numbers.ts'

function form(unit: NumberForm['unit'], rest: Partial<NumberForm> = {}): NumberForm {
  return { unit, whole: false, min: 0, ...rest }
}

describe('readNumber', () => {
  it.each<[string, NumberForm, number]>([
    ['10', form('seconds'), 10],
    ['9.9', form('seconds'), 9.9],
    ['.5', form('seconds'), 0.5],
    ['10s', form('seconds'), 10],
    ['1500ms', form('seconds'), 1.5],
    ['2m', form('seconds'), 120],
    ['1H', form('seconds'), 3600],
    ['1d', form('seconds'), 86_400],
    ['350', form('milliseconds'), 350],
    ['2.3s', form('milliseconds'), 2300],
    ['64k', form('bytes'), 65_536],
    ['32M', form('bytes'), 33_554_432],
    ['1g', form('bytes'), 1_073_741_824],
    ['-1', form('none', { min: -1 }), -1],
    ['+7', form('none'), 7],
  ])('reads %s', (word, how, value) => {
    expect(readNumber(word, how)).toBe(value)
  })

  it.each<[string, NumberForm]>([
    ['', form('none')],
    ['s', form('seconds')],
    ['10x', form('seconds')],
    ['10s', form('none')],
    ['10kb', form('bytes')],
    ['1k', form('seconds')],
    ['0x10', form('none')],
    ['1e3', form('none')],
    ['1,5', form('none')],
    ['NaN', form('none')],
    ['Infinity', form('none')],
    ['-1', form('none')],
    ['1.5', form('none', { whole: true })],
    ['11', form('none', { max: 10 })],
    ['99999999999999999999', form('none')],
    ['1constructor', form('seconds')],
  ])('refuses %j', (word, how) => {
    expect(readNumber(word, how)).toBeNull()
  })
})

describe('describeNumber', () => {
  it('says unit and range', () => {
    expect(describeNumber(form('none', { whole: true, min: 128, max: 65_536 }))).toBe(
      'a whole number from 128 to 65536',
    )
    expect(describeNumber(form('seconds'))).toBe('seconds from 0, e.g. 10 or 10s')
  })
})
