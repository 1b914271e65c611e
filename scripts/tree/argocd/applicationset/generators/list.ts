// The list generator: the elements that stand in the ApplicationSet.
import { listAt, stringAt } from '../../../model/build.ts'
import type { Parameters } from '../parameters.ts'
import { readYaml } from '../read-yaml.ts'
import { type Mode, Refusal } from './world.ts'

export async function generateList(generator: unknown, { isGo }: Mode): Promise<Parameters[]> {
  const sets = listAt(generator, ['elements']).map(element => {
    if (typeof element !== 'object' || element === null || Array.isArray(element)) {
      throw new Refusal('an element of a list must be a mapping')
    }
    return isGo ? (element as Parameters) : flattenElement(element as Parameters)
  })
  const yaml = stringAt(generator, ['elementsYaml'])
  if (!yaml) return sets
  const elements = parseYaml(yaml)
  if (!Array.isArray(elements) && elements !== null && elements !== undefined) {
    throw new Refusal('elementsYaml is not a list of mappings')
  }
  for (const element of (elements as unknown[]) ?? []) {
    if (typeof element !== 'object' || element === null) throw new Refusal('elementsYaml is not a list of mappings')
    sets.push(element as Parameters)
  }
  return sets
}

/** Without Go templates an element holds texts, and `values` one mapping of texts. */
function flattenElement(element: Parameters): Parameters {
  const flat: Record<string, string> = {}
  const add = (key: string, value: unknown): void => {
    if (typeof value !== 'string') {
      throw new Refusal(`element ${key} is not a string; without goTemplate all elements are strings, values aside`)
    }
    flat[key] = value
  }
  for (const [key, value] of Object.entries(element)) {
    if (key !== 'values') add(key, value)
    else if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Refusal('values of an element must be a mapping')
    } else for (const [name, one] of Object.entries(value)) add(`values.${name}`, one)
  }
  return flat
}

function parseYaml(text: string): unknown {
  try {
    return readYaml(text)
  } catch {
    throw new Refusal('elementsYaml is not YAML')
  }
}
