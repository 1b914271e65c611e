// A chart without the dependencies that are not in the tree: its own templates can be rendered all the same.
import type { ChartRequest } from '../../helm/template.ts'
import { listAt, mappingAt, stringAt } from '../../model/build.ts'
import { parseText } from '../../source/yaml/parse.ts'

/**
 * What helm is asked for then, without the templates that speak of such a dependency: its defaults are not known. Undefined
 * where nothing is left, or where helpers speak of it, since any template may ask them.
 */
export function keepOwnTemplates(request: ChartRequest): ChartRequest | undefined {
  const text = (path: string): string => {
    const content = request.files.get(path) ?? ''
    return typeof content === 'string' ? content : new TextDecoder().decode(content)
  }
  const paths = [...request.files.keys()]
  const chart = mappingAt(parseText(text('Chart.yaml'), 'kubectl').documents[0], [])
  const isThere = (name: string): boolean =>
    paths.some(path => path.startsWith(`charts/${name}/`) || path.startsWith(`charts/${name}-`))
  const dependencies = listAt(chart, ['dependencies'])
  const missing = dependencies.filter(one => !isThere(stringAt(one, ['name']) ?? ''))
  if (!chart || missing.length === 0) return undefined
  const names = missing.flatMap(one => [stringAt(one, ['name']) ?? [], stringAt(one, ['alias']) ?? []].flat())
  const speaks = new Set(paths.filter(path => isTemplate(path) && isAbout(text(path), names)))
  if ([...speaks].some(isHelper)) return undefined
  const own = paths.filter(path => isTemplate(path) && !isHelper(path) && !speaks.has(path))
  if (own.length === 0) return undefined
  const files = new Map(request.files)
  for (const path of [...speaks, 'templates/NOTES.txt']) files.delete(path)
  const kept = dependencies.filter(one => !missing.includes(one))
  files.set('Chart.yaml', JSON.stringify({ ...chart, dependencies: kept }))
  return { ...request, files }
}

const isTemplate = (path: string): boolean => path.startsWith('templates/') && !path.endsWith('/NOTES.txt')

const isHelper = (path: string): boolean => /(?:^|\/)_[^/]*$|\.tpl$/.test(path)

/** Whether an action reads the values of one of the charts, calls a template of it, or takes all values there are. */
function isAbout(text: string, names: readonly string[]): boolean {
  const actions = [...text.matchAll(/\{\{[\s\S]*?\}\}/g)].map(([action]) => action).join('\n')
  const named = names.map(name => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')
  return new RegExp(`\\.Values(?:\\.(?:${named})(?![\\w-])|(?!\\.\\w))|["'\`](?:${named})[."'\`]|\\.Subcharts`).test(
    actions,
  )
}
