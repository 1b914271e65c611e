// An object that one environment has and another lacks: a component that was added to one overlay alone.
import type { EnvironmentBuild } from '../../../../tree/environments/open.ts'
import { fileOf } from '../../../../tree/model/place.ts'
import { KUSTOMIZATION_NAMES } from '../../../../tree/source/sources.ts'
import { listTwins } from '../compare.ts'
import { mayBeMissing } from '../may-differ.ts'
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'tree',
  id: 'environment-parity',
  severity: 'warning',
  summary: 'An environment lacks an object that another has.',
  why: 'What the object does (a policy, a budget, an autoscaler) is tried nowhere before it counts, or is gone where it counts.',
  remediation: 'Add it to the environment, or name it under environments.mayDiffer in validation.yaml.',
  source: 'environments.mayDiffer in validation.yaml',
  *check({ environments: { declaration, families } }) {
    if (!declaration.mayDiffer) return
    for (const family of families) {
      for (const { kind, name, members } of listTwins(family)) {
        const has = members.flatMap(({ build, resource }) => (resource ? [{ build, resource }] : []))
        const lacks = members.filter(({ resource }) => !resource).map(({ build }) => build)
        const last = lacks.at(-1)
        if (!last || has.some(({ build, resource }) => mayBeMissing(declaration, build, resource))) continue
        const shown = name.includes('{') ? (has.at(-1)?.resource.name ?? name) : name
        const message = `${list(lacks)} no ${kind} ${shown}, which ${list(has.map(({ build }) => build))}`
        const file = last.isChart
          ? last.folder
          : KUSTOMIZATION_NAMES.map(one => `${last.folder}/${one}`).find(path => last.files.has(path))
        yield { message, values: [kind, name], places: [fileOf(file ?? [...last.files][0] ?? last.folder)] }
      }
    }
  },
})

const list = (builds: readonly EnvironmentBuild[]): string =>
  `${builds.map(({ environment }) => environment.name).join(' and ')} ${builds.length > 1 ? 'have' : 'has'}`
