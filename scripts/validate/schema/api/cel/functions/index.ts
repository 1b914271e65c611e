// The functions that expressions of Kubernetes have beyond those of the CEL library in use.
// Source: k8s.io/apiserver/pkg/cel/environment (base.go), which says of which library it takes which version.
import type { Environment } from '../environment.ts'
import { addAddresses } from './addresses.ts'
import { addComprehensions } from './comprehensions.ts'
import { addFormats } from './formats.ts'
import { openLibrary } from './library.ts'
import { addLists } from './lists.ts'
import { addOptionals } from './optionals.ts'
import { addQuantities } from './quantities.ts'
import { addSets } from './sets.ts'
import { addStrings } from './strings.ts'
import { addTimes } from './times.ts'
import { addUrls } from './urls.ts'
import { addVersions } from './versions.ts'

export function addFunctions(environment: Environment): void {
  const library = openLibrary(environment)
  addComprehensions(library)
  addOptionals(library)
  addStrings(library)
  addLists(library)
  addSets(library)
  addTimes(library)
  addQuantities(library)
  addVersions(library)
  addAddresses(library)
  addUrls(library)
  addFormats(library)
}
