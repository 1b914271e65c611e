// Renders templates with sets of parameters: all texts of a value, and `values` of a generator.
import { pairsAt } from '../../../model/build.ts'
import type { TemplateError } from '../go-template.ts'
import { listTexts, mapTexts, type Parameters, replacePlain } from '../parameters.ts'
import { type GeneratorWorld, type Mode, Refusal } from './world.ts'

/** `values` of a generator may use its parameters. */
export async function addValues(
  sets: readonly Parameters[],
  generator: unknown,
  mode: Mode,
  world: GeneratorWorld,
): Promise<Parameters[]> {
  const values = pairsAt(generator, ['values'])
  if (Object.keys(values).length === 0) return [...sets]
  const rendered = await renderDeep(
    sets.map(() => values),
    sets,
    mode,
    world,
  )
  if ('error' in rendered) throw new Refusal(rendered.error)
  return sets.map((set, index) => {
    const own = rendered.values[index] as Parameters
    if (mode.isGo) return { ...set, values: own }
    return { ...set, ...Object.fromEntries(Object.entries(own).map(([key, value]) => [`values.${key}`, value])) }
  })
}

/** Renders all texts of each value with the set beside it. */
export async function renderDeep(
  values: readonly unknown[],
  sets: readonly Parameters[],
  { isGo, options }: Mode,
  { render }: Pick<GeneratorWorld, 'render'>,
): Promise<{ readonly values: readonly unknown[] } | TemplateError> {
  if (!isGo) {
    return { values: values.map((value, index) => mapTexts(value, text => replacePlain(text, sets[index] ?? {}))) }
  }
  if (!render) return { error: 'there is no helm here to render Go templates with' }
  const tasks = values.flatMap((value, index) =>
    [...listTexts(value)].map(text => ({ text, parameters: sets[index] ?? {} })),
  )
  const result = await render(tasks, options)
  if ('error' in result) return result
  let next = 0
  // Keys come before their values in both walks.
  const rewrite = (): string => result.texts[next++] ?? ''
  return { values: values.map(value => mapTextsInOrder(value, rewrite)) }
}

/** As `mapTexts`, in the order of `listTexts`. */
function mapTextsInOrder(value: unknown, rewrite: () => string): unknown {
  if (typeof value === 'string') return rewrite()
  if (Array.isArray(value)) return value.map(one => mapTextsInOrder(one, rewrite))
  if (typeof value !== 'object' || value === null) return value
  const entries: [string, unknown][] = []
  for (const one of Object.values(value)) {
    const key = rewrite()
    entries.push([key, mapTextsInOrder(one, rewrite)])
  }
  return Object.fromEntries(entries)
}
