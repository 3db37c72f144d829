import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files whose tests measure memory, keep every core busy or rebuild what others use: each has the machine to itself. */
const ALONE = [
  'test/docs/npm-start.test.ts',
  'test/e2e/encode-once.test.ts',
  'test/e2e/lifecycle.test.ts',
  'test/e2e/mixed-load.test.ts',
  'test/load/*.test.ts',
]

/** Publishes for a minute: begun last, it would be waited for by nobody else. */
const LONGEST = 'test/interop/publish-and-play.test.ts'

/** Vitest's own order, which depends on what it remembers, but the longest file first. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLongest = (file: TestSpecification): boolean => file.moduleId.endsWith(LONGEST)
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))]
  }
}

/** What both projects of whole servers and real clients have in common. */
const E2E = {
  testTimeout: 120_000,
  hookTimeout: 60_000,
  // Tests that are marked as concurrent wait most of the time.
  maxConcurrency: 12,
}

const config: ViteUserConfig = defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'scripts/**/*.test.ts',
            'web/**/*.test.ts',
            'bench/**/*.test.ts',
            'test/fuzz/**/*.test.ts',
          ],
          testTimeout: 20_000,
          // A process loads the sources once for all its files: to load them anew for each took longer than the tests.
          isolate: false,
          setupFiles: ['test/support/clean-process.ts'],
          // Vitest would leave one core to itself.
          maxWorkers: '100%',
        },
      },
      {
        test: {
          ...E2E,
          name: 'e2e',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, 'test/fuzz/**', ...ALONE],
          // They wait for real time and for programs: more at once than there are cores.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...E2E,
          name: 'alone',
          include: ALONE,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})

export default config
