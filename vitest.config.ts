import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // The tests wait for programs that they start; one core less would be one core idle.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['scripts/**/*.test.ts', 'tests/*.test.ts'],
          // Builds are slow on a busy machine; a hang is what this bounds.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['tests/cluster/**/*.test.ts'],
          // One engine, one set of clusters: one after the other.
          fileParallelism: false,
          // A job of a workflow has its own, shorter limit.
          testTimeout: 40 * 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'live',
          include: ['tests/live/*.test.ts'],
          globalSetup: 'tests/live/setup.ts',
          // One cluster for all of them.
          fileParallelism: false,
          testTimeout: 5 * 60_000,
          hookTimeout: 5 * 60_000,
        },
      },
      {
        test: {
          name: 'checkout',
          include: ['tests/checkout/*.test.ts'],
          // Each of them installs and runs whole suites.
          fileParallelism: false,
          testTimeout: 40 * 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
