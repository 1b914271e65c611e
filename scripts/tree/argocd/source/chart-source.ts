// A source that Argo CD renders with helm: a chart that lies in the tree.
import { posix } from 'node:path'
import { inOneLine, renderChart } from '../../helm/template.ts'
import { valueAt } from '../../model/build.ts'
import type { About, FieldPath } from '../../model/place.ts'
import { faultOfSource } from './directory.ts'
import { readHelmSource } from './helm-source.ts'
import type { SourceObject } from './rendered.ts'
import { keepOwnTemplates } from './own-templates.ts'
import { failed, type Outcome, rendersNothing, type Task } from './task.ts'

export async function renderHelm(task: Task): Promise<Outcome> {
  const { folder, fieldPath, world, environment, references, name } = task
  const at: FieldPath = [...fieldPath, 'helm']
  const { tree } = world
  if (tree.sources.resolve(posix.join(folder, 'Chart.yaml')).kind !== 'file') {
    return failed(
      faultOfSource('application-source', 'error', at, `${folder} has no Chart.yaml`, ['not-a-chart', folder]),
    )
  }
  const helm = world.helm()
  if (!helm) return { state: { kind: 'unknown', reason: 'a chart, and there is no helm here' }, faults: [] }
  const prepared = readHelmSource(valueAt(task.settings, ['helm']), {
    sources: tree.sources,
    files: world.files,
    folder,
    prefix: world.own.prefix,
    application: { name, namespace: environment.ARGOCD_APP_NAMESPACE ?? '' },
    environment,
    references,
  })
  if (prepared.kind === 'unknown') return { state: prepared, faults: [] }
  if (prepared.kind === 'fault') {
    return failed(
      faultOfSource('application-source', 'error', [...at, ...prepared.fieldPath], prepared.message, prepared.values),
    )
  }
  const whole = await renderChart(helm, prepared.request, world.cacheFolder)
  const own = whole.kind === 'incomplete' ? keepOwnTemplates(prepared.request) : undefined
  const part = own && (await renderChart(helm, own, world.cacheFolder))
  const lacks = 'a chart whose dependencies are not in the tree'
  // What helm says of a part may be for the sake of the rest.
  const rendering = part?.kind === 'objects' && part.objects.length > 0 ? part : whole
  if (rendering.kind === 'incomplete') return { state: { kind: 'unknown', reason: lacks }, faults: [] }
  if (rendering.kind === 'error') {
    const message = `helm: ${inOneLine(rendering.message)}`
    const values: About = ['chart-not-rendered', folder]
    const template = /\(?[^\s/()]+\/((?:templates|charts|crds)\/[^\s:()]+)/.exec(rendering.message)
    const line = Number(
      /:(\d+)(?::\d+)?/.exec(rendering.message.slice((template?.index ?? 0) + (template?.[0].length ?? 0)))?.[1] ?? 1,
    )
    const path = template ? posix.join(folder, template[1] ?? '') : undefined
    const isOwn = path !== undefined && tree.sources.resolve(path).kind === 'file'
    if (!isOwn) return failed(faultOfSource('application-source', 'error', [...fieldPath, 'path'], message, values))
    const range = { file: path, line, column: 1, endLine: line, endColumn: 1 }
    return failed({ ...faultOfSource('application-source', 'error', [], message, values), range })
  }
  const objects = rendering.objects.map(({ object, template }): SourceObject => {
    const path = posix.join(folder, template)
    return {
      object,
      origin: {
        kind: 'template',
        file: tree.sources.resolve(path).kind === 'file' ? path : posix.join(folder, 'Chart.yaml'),
      },
    }
  })
  return {
    state: { kind: 'objects', tool: 'chart', objects },
    faults: objects.length === 0 ? [rendersNothing(fieldPath)] : [],
    chart: folder,
    valueFiles: prepared.files,
    ...(rendering === part ? { isPartial: true, lacks } : {}),
  }
}
