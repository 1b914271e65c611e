// Production that changes in one commit with the environments that should have shown what the change does.
import type { Comparison } from '../model.ts'
import type { TreeRule } from './risk.ts'

const PRODUCTION = /^(?:prod|production|live)$/i

/** The last declared environment; without a declaration the one that is called so. */
function findProduction({ head, objects }: Comparison): string | undefined {
  if (head.environments.length > 1) return head.environments.at(-1)?.name
  return objects.map(({ change }) => change.environment).find(name => name !== undefined && PRODUCTION.test(name))
}

export const productionWithOthers: TreeRule = {
  id: 'production-with-others',
  level: 'caution',
  summary: 'production that changes together with other environments',
  why: 'A fault then reaches production in the minute in which it reaches the first one.',
  *checkAll(comparison) {
    const production = findProduction(comparison)
    const touched = [...new Set(comparison.objects.flatMap(({ change }) => change.environment ?? []))]
    if (production === undefined || !touched.includes(production) || touched.length < 2) return
    const of = comparison.objects.find(({ change }) => change.environment === production)
    const others = touched.filter(name => name !== production)
    if (of) yield { of, subject: production, says: `changes in one commit with ${others.join(', ')}` }
  },
}
