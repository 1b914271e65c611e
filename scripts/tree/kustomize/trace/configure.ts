// What a kustomization says of kinds and fields, laid over what is known so far.
import type { SourceFile } from '../../source/source-file.ts'
import type { Kustomization } from '../graph/kustomization.ts'
import { type Configuration, DEFAULT_CONFIGURATION, mergeConfigurations, readConfiguration } from './configuration.ts'
import { readDefinitions } from './openapi.ts'
import { readFile } from './read.ts'

export function configure(
  { files }: Kustomization,
  known: Configuration,
  open: (path: string) => SourceFile,
): Configuration {
  let all = mergeConfigurations(known, DEFAULT_CONFIGURATION)
  const listed = (field: string) => files.filter(({ reference }) => reference.fieldPath[0] === field)
  for (const { path } of listed('configurations')) {
    for (const document of readFile(open(path), 'transformer', 0)) {
      if (document) all = mergeConfigurations(all, readConfiguration(document))
    }
  }
  for (const { path } of listed('crds')) {
    all = mergeConfigurations(all, readDefinitions(open(path).parse('kustomize').documents[0]))
  }
  return all
}
