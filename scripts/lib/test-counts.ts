/** How many tests there were, by how they ended. */
export type TestCounts = Readonly<{
  /** Ended well. */
  passed: number
  /** Failed, or could not be run: a test file that does not load counts as one. */
  failed: number
  /** Were not meant to run. */
  skipped: number
}>

/** The part of Vitest's JSON report that is read. */
type Report = Readonly<{
  testResults: readonly Readonly<{
    status: string
    assertionResults: readonly Readonly<{ status: string }>[]
  }>[]
}>

/**
 * Counts the tests of a Vitest run.
 * @param json what Vitest's `json` reporter wrote; null if it wrote nothing
 * @param succeeded whether Vitest itself ended well; if it did not, at least one failure is counted
 */
export function countTests(json: string | null, succeeded: boolean): TestCounts {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const report = json === null ? { testResults: [] } : (JSON.parse(json) as Report)
  for (const file of report.testResults) {
    let failedInFile = 0
    for (const { status } of file.assertionResults) {
      counts[status === 'passed' ? 'passed' : status === 'failed' ? 'failed' : 'skipped']++
      failedInFile += status === 'failed' ? 1 : 0
    }
    counts.failed += file.status === 'failed' && failedInFile === 0 ? 1 : 0
  }
  counts.failed += !succeeded && counts.failed === 0 ? 1 : 0
  return counts
}

/** The sum of the counts of several runs. */
export function sumCounts(all: readonly TestCounts[]): TestCounts {
  return {
    passed: all.reduce((sum, counts) => sum + counts.passed, 0),
    failed: all.reduce((sum, counts) => sum + counts.failed, 0),
    skipped: all.reduce((sum, counts) => sum + counts.skipped, 0),
  }
}
