// Which build of one environment belongs to which build of another: the same application at another stage.
import { captureSegments, type DeclaredEnvironment } from './declared.ts'
import { createNeutral } from './names.ts'

/** The folder of the other environment that is the same application; undefined where none, or no single one, is. */
export function findSibling(
  environment: DeclaredEnvironment,
  folder: string,
  other: DeclaredEnvironment,
  folders: readonly string[],
): string | undefined {
  const [only] = folders
  if (folders.length <= 1) return only
  const wanted = identify(environment, folder)
  const fitting = folders.filter(one => identify(other, one).some(identity => wanted.includes(identity)))
  return fitting.length === 1 ? fitting[0] : undefined
}

/** What the stars of its pattern stand for, and its path without the environment's name. */
function identify(environment: DeclaredEnvironment, folder: string): readonly string[] {
  const stars = environment.builds.flatMap(pattern => {
    const captured = captureSegments(pattern, folder)
    return captured?.length ? [captured.join('/')] : []
  })
  return [...stars, `path ${createNeutral(environment.name)(folder)}`]
}
