import { expect, it } from 'vitest'
import { HOOK_PATIENCE_MS, hookPatienceMs } from './hooks.ts'

it.each([
  [3000, HOOK_PATIENCE_MS],
  [1, HOOK_PATIENCE_MS],
  [63_000, HOOK_PATIENCE_MS + 60_000],
  [30 * 86_400_000, 2 ** 31 - 1],
  [Number.POSITIVE_INFINITY, 2 ** 31 - 1],
])(
  'hooks wait for programs that have %d ms to stop no longer than a timer can: %d ms',
  (stopTimeoutMs, patienceMs) => {
    expect(hookPatienceMs({ stopTimeoutMs })).toBe(patienceMs)
  },
)
