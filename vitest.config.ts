import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['scripts/**/*.test.ts', 'tests/**/*.test.ts'],
    // Builds and clusters are slow on a busy machine; a hang is what this bounds.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
