import { inspect } from 'node:util'
import { expect } from 'vitest'
import { ProtocolError } from '../../src/base/index.ts'

/** Strict on prototypes, the order of properties, undefined ones, NaN and -0; equal for two dates without a value. */
export function expectSame(actual: unknown, expected: unknown): void {
  const options = { depth: null, maxArrayLength: null, maxStringLength: null }
  expect(inspect(actual, options)).toBe(inspect(expected, options))
}

/** The ProtocolError that `act` throws; null if it throws another one or none. */
export function protocolErrorOf(act: () => unknown): ProtocolError | null {
  try {
    act()
  } catch (error) {
    return error instanceof ProtocolError ? error : null
  }
  return null
}
