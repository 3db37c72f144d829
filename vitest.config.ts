import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Compiled code is kept here: `srs` starts in half the time, most of which is spent on its TypeScript otherwise. */
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/node-compile', import.meta.url))

/** Files whose tests need a core to themselves, or rebuild the page that others look at: they run when the others are over. */
const UNDISTURBED = [
  'test/docs/npm-start.test.ts',
  'test/e2e/encode-once.test.ts',
  'test/e2e/mixed-load.test.ts',
  'test/load/*.test.ts',
]

/** Plays in real time, and checks that real time is kept: it has the machine to itself. */
const ALONE = ['test/browser/page-in-real-time.test.ts']

/** These take longest, most of them waiting for real time or for programs: begun first, they are waited for by nobody else. */
const LONGEST = [
  'test/e2e/mixed-load.test.ts',
  'test/cli/srs.test.ts',
  'test/e2e/long-publish.test.ts',
  'test/interop/publish-and-play.test.ts',
  'test/browser/console.test.ts',
  'test/browser/page.test.ts',
  'test/docs/commands.test.ts',
  'test/netns/failover.test.ts',
  'test/browser/wall.test.ts',
  'test/e2e/lifecycle.test.ts',
  'test/interop/transcode.test.ts',
  'test/e2e/republish.test.ts',
  'test/docs/demo.test.ts',
  'test/cli/config.test.ts',
  'test/load/command.test.ts',
  'test/e2e/abuse.test.ts',
  'test/e2e/transcode.test.ts',
  'test/e2e/edge.test.ts',
  'test/cli/package.test.ts',
  'test/cli/service.test.ts',
  'test/docs/clusters.test.ts',
  'test/e2e/programs.test.ts',
]

/** Vitest's own order, which depends on what it remembers, but the longest files first. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = LONGEST.findIndex((file) => moduleId.endsWith(file))
      return index === -1 ? LONGEST.length : index
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

/** What both projects of whole servers and real clients have in common. */
const E2E = {
  testTimeout: 300_000,
  hookTimeout: 200_000,
  // As with the unit tests: half a minute went into loading the sources again and again.
  isolate: false,
  setupFiles: ['test/support/clean-process.ts'],
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
          // For what hangs only: on a busy machine each test may take many times as long as usual.
          testTimeout: 200_000,
          hookTimeout: 100_000,
          expect: { poll: { timeout: 100_000 } },
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
          exclude: [...configDefaults.exclude, 'test/fuzz/**', ...UNDISTURBED, ...ALONE],
          // They wait for real time and for programs: more at once than there are cores. With four, Chromium is late with its video.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...E2E,
          name: 'undisturbed',
          include: UNDISTURBED,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...E2E,
          name: 'alone',
          include: ALONE,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})

export default config
