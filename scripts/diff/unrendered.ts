// Lists the builds of which one side is not known, each with the reason, since nothing can be said of their changes.
import type { RenderedSource } from '../tree/argocd/source/rendered.ts'
import { isResourcePlace } from '../tree/model/place.ts'
import type { NotRendered, Side } from './model.ts'
import type { Inputs } from './inputs.ts'

/** Of builds that are the same in both nobody asks. */
export function listNotRendered(sides: readonly [base: Side, head: Side], inputs: Inputs): readonly NotRendered[] {
  const states = sides.map(listSources)
  return sides.flatMap((side, index) => [
    ...listBuilds(side, inputs),
    ...listStates(side, states[index] ?? new Map(), states[1 - index] ?? new Map()),
  ])
}

function* listBuilds({ name, renderings }: Side, inputs: Inputs): Generator<NotRendered> {
  const { failed, refused, tree } = renderings
  for (const [build, { text, fault }] of failed) {
    if (!inputs.isSame(build)) yield { build, side: name, reason: shorten(text || fault.message) }
  }
  for (const build of refused) {
    if (inputs.isSame(build)) continue
    const fault = tree.graph.reach(build).flatMap(({ faults }) => faults)[0]
    const place = fault?.places[0]
    const at = place && !isResourcePlace(place) ? `${place.range.file}:${place.range.line}: ` : ''
    yield { build, side: name, reason: shorten(`${at}${fault?.message ?? 'a file of it has a fault'}`) }
  }
}

type Sources = ReadonlyMap<
  string,
  { readonly application: string; readonly source: RenderedSource; readonly text: string }
>

/** The sources of Applications by what they are called, with all that the Application says. */
function listSources({ renderings: { sources } }: Side): Sources {
  return new Map(
    [...sources].flatMap(([object, rendered]) =>
      rendered.map(source => {
        const application = object.metadata?.name ?? ''
        const text = JSON.stringify(object.spec)
        return [`${application}\n${source.fieldPath.join('/')}`, { application, source, text }] as const
      }),
    ),
  )
}

function* listStates({ name }: Side, own: Sources, other: Sources): Generator<NotRendered> {
  for (const [key, { application, source, text }] of own) {
    const { state, path, faults } = source
    const build = path || application
    if (state.kind === 'failed') {
      const said = faults[0]?.message
      if (said !== undefined) yield { build, side: name, reason: shorten(`Application ${application}: ${said}`) }
    } else if (state.kind === 'missing') {
      if (other.get(key)?.source.state.kind !== 'missing')
        yield { build, side: name, reason: `Application ${application}: path ${path} ${state.reason}` }
    } else if (state.kind === 'unknown' && state.reason) {
      // Of a plugin's folder that is the same in both nobody has asked.
      if (state.reason !== 'a plugin' && other.get(key)?.text === text) continue
      yield {
        build,
        side: name,
        reason: `Application ${application} brings ${state.reason}, which is not rendered here`,
      }
    }
  }
}

const MOST_LETTERS = 500

/** In one line: kustomize may print whole objects. */
function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > MOST_LETTERS ? `${line.slice(0, MOST_LETTERS)}…` : line
}
