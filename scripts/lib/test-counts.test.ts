import { describe, expect, it } from 'vitest'
import { countTests, sumCounts } from './test-counts.ts'

/** A report of files, each with how it and its tests ended. */
function report(...files: [string, ...string[]][]): string {
  return JSON.stringify({
    testResults: files.map(([status, ...tests]) => ({
      status,
      assertionResults: tests.map((test) => ({ status: test })),
    })),
  })
}

describe('countTests', () => {
  it('counts tests over all files', () => {
    const json = report(
      ['passed', 'passed', 'passed'],
      ['failed', 'failed', 'passed', 'failed'],
      ['passed', 'skipped'],
    )
    expect(countTests(json, false)).toEqual({ passed: 3, failed: 2, skipped: 1 })
  })

  it('counts a file that fails without a failed test, as one that does not load', () => {
    expect(countTests(report(['failed'], ['failed', 'passed'], ['passed', 'passed']), false)).toEqual({
      passed: 2,
      failed: 2,
      skipped: 0,
    })
  })

  it('counts a run that fails for another reason, or leaves no report', () => {
    expect(countTests(report(['passed', 'passed']), false)).toEqual({ passed: 1, failed: 1, skipped: 0 })
    expect(countTests(null, false)).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })

  it('takes tests to be written and tests left out for skipped', () => {
    expect(countTests(report(['passed', 'todo', 'pending', 'skipped']), true).skipped).toBe(3)
  })
})

describe('sumCounts', () => {
  it('adds up each kind', () => {
    const one = { passed: 1, failed: 2, skipped: 3 }
    expect(sumCounts([one, one, { passed: 10, failed: 0, skipped: 0 }])).toEqual({
      passed: 12,
      failed: 4,
      skipped: 6,
    })
    expect(sumCounts([])).toEqual({ passed: 0, failed: 0, skipped: 0 })
  })
})
