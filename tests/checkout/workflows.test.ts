// The jobs that need a checkout alone; those that need a container engine are in tests/cluster.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { testJobs } from './workflow-runner.ts'

const IMAGE = 'ghcr.io/your-org/flask-api'
const DIGEST = `sha256:${'1'.repeat(64)}`

testJobs(false, {
  'validate / validate': {
    result({ summary }) {
      expect(summary).toMatch(
        /^ {4}✔ no problems in \d+ resources from \d+ builds, \d+ files; (?:\d+ suppressed, )?kustomize v[\d.]+, Kubernetes [\d.]+$/m,
      )
    },
  },
  'validate / test': {
    // Whoever runs this runs the whole suite beside it: here it must start, and find what it reads in a clone.
    instead: { 'npm test': 'npm test -- tests/manifests.test.ts tests/readme.test.ts tests/repository.test.ts' },
  },
  'diff / diff': {
    result({ summary, workspace }) {
      expect(summary).toMatch(/^## \S/)
      expect(readFileSync(join(workspace, 'diff', 'comment.md'), 'utf8')).toBe(summary)
    },
  },
  'diff-comment / comment': {
    calls: () => ['gh api repos/your-org/flask-api-gitops/pulls?state=open&per_page=100&head=your-org%3Achange'],
  },
  'image / publish': {
    contexts: { 'steps.build.outputs.digest': DIGEST },
    calls: ({ commit }) => [
      'docker buildx imagetools inspect python:3.13-slim --format {{ .Manifest.Digest }}',
      `cosign sign --yes ${IMAGE}@${DIGEST}`,
      `docker buildx imagetools create --tag ${IMAGE}:${commit} ${IMAGE}@${DIGEST}`,
    ],
  },
  'image / deploy': {
    contexts: { 'needs.publish.outputs.digest': DIGEST },
    calls: ({ commit }) => [
      'gh auth setup-git',
      'gh --version',
      'gh auth status',
      `gh pr create --head deploy-dev --title Deploy flask-api:${commit.slice(0, 10)} to dev --body-file -`,
    ],
    async result(runner, { git, commit }) {
      // The branch lets dev run the image, and nothing else.
      const branch = 'deploy-dev'
      expect(git('rev-parse', `${branch}^`)).toBe(commit)
      expect(git('diff', '--name-only', 'main', branch)).toBe('overlays/dev/kustomization.yaml')
      expect(git('diff', '--unified=0', 'main', branch)).toContain(DIGEST)
      expect(git('log', '-1', '--format=%an <%ae>, %cn', branch)).toBe(
        'github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>, github-actions[bot]',
      )
      await runner.exec('git', ['fetch', '--quiet', 'origin', branch])
      await runner.exec('git', ['checkout', '--quiet', 'FETCH_HEAD'])
      expect(await runner.exec('npm', ['run', '--silent', 'validate'])).toContain('✔ no problems')
    },
  },
})
