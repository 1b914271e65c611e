// The definitions that validation.yaml names beside those of the tree: kinds whose operator comes from elsewhere.

import { posix } from 'node:path'
import { Problem } from '../../command/problem.ts'
import type { KubernetesObject } from '../../tree/model/resource.ts'
import { SourceFile } from '../../tree/source/source-file.ts'
import type { Sources } from '../../tree/source/sources.ts'
import type { SchemaSource } from '../config.ts'
import { isCustomResourceDefinition } from './crd.ts'
import { type GroupVersionKind, groupOf } from './kind.ts'

/** Throws a Problem for a file that is not there, cannot be read, or defines nothing. */
export function readNamedDefinitions(
  sources: Pick<Sources, 'read' | 'resolve'>,
  named: readonly SchemaSource[],
): readonly KubernetesObject[] {
  return named.flatMap(({ file, kind }) => {
    const fail = (reason: string): never => {
      throw new Problem(`validation.yaml: schemas: ${file}: ${reason}`, { exitCode: 2 })
    }
    const path = posix.normalize(file)
    if (posix.isAbsolute(path) || path.startsWith('..')) return fail('it is not below the root')
    if (sources.resolve(path).kind === 'missing') return fail('it does not exist')
    const source = sources.read(path)
    if (!(source instanceof SourceFile)) return fail(source.reason)
    const { documents, fault } = source.parse('kubectl')
    if (fault) return fail(fault.message)
    if (kind) return [defineKind(kind, documents[0])]
    const objects = documents.filter(document => typeof document === 'object' && document !== null)
    const definitions = (objects as unknown as KubernetesObject[]).filter(isCustomResourceDefinition)
    return definitions.length > 0 ? definitions : fail('there is no CustomResourceDefinition in it')
  })
}

/** A JSON Schema as the only version of a definition: what it says beyond a structural schema does not restrict. */
function defineKind({ apiVersion, kind }: GroupVersionKind, openAPIV3Schema: unknown): KubernetesObject {
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind}.${groupOf(apiVersion)}` },
    spec: {
      group: groupOf(apiVersion),
      names: { kind },
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  }
}
