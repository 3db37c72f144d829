import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'scripts/**/*.test.ts',
            'web/src/**/*.test.ts',
            'bench/**/*.test.ts',
            'test/fuzz/**/*.test.ts',
          ],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, 'test/fuzz/**'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          // Concurrent tests wait most of the time.
          maxConcurrency: 12,
        },
      },
    ],
  },
})

export default config
