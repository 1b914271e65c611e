// Recovers the definitions of built-in kinds from the pinned packages, one at a time and on demand.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { recoverClientModel } from './client-model.ts'
import type { JsonSchema, Lookup } from './json-schema.ts'
import { recoverModule } from './recover.ts'
import { makeStrict, replacementFor } from './strict.ts'

const clientNode = '@kubernetes/client-node'
/** Definitions are named after Go packages: the start of the name says which npm package has them. */
const owners: readonly (readonly [start: string, name: string])[] = [
  ['IoK8sApimachinery', '@kubernetes-models/apimachinery'],
  ['IoK8sSigsGatewayApi', '@kubernetes-models/gateway-api'],
  ['IoK8s', 'kubernetes-models'],
  ['ComGithubArgoproj', '@kubernetes-models/argo-cd'],
  ['ComGithubPrometheusOperator', '@kubernetes-models/prometheus-operator'],
  ['', clientNode],
]

/** Strict schemas by definition id, as the pinned packages have them. Throws where a package lacks the definition. */
export function createBuiltinLookup(modulesFolder: string): Lookup {
  const recovered = new Map<string, JsonSchema>()
  const lookUpRecovered: Lookup = id => {
    let schema = recovered.get(id)
    if (!schema) {
      schema = replacementFor(id) ?? recover(id, modulesFolder)
      recovered.set(id, schema)
    }
    return schema
  }
  return id => makeStrict(id, lookUpRecovered(id), lookUpRecovered)
}

export function packageOf(id: string): string {
  return owners.find(([start]) => id.startsWith(start))?.[1] as string
}

function recover(id: string, modulesFolder: string): JsonSchema {
  const name = packageOf(id)
  if (name === clientNode) {
    const path = join(modulesFolder, name, 'dist/gen/models', id)
    return recoverClientModel(id, readFileSync(`${path}.js`, 'utf8'), readFileSync(`${path}.d.ts`, 'utf8'))
  }
  return recoverModule(id, readFileSync(join(modulesFolder, name, '_schemas', `${id}.js`), 'utf8'))
}
