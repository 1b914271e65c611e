// What is asked for each path of a kustomization is looked up once, and what is not there is not read.
import { expect, test } from 'vitest'
import { readBuildOptions } from './build-options.ts'
import { SourceFile } from './source/source-file.ts'
import type { Sources } from './source/sources.ts'

test('a comment of a kustomization is looked for once', () => {
  const read: string[] = []
  const sources = {
    resolve: (path: string) => ({ kind: path === 'web/kustomization.yaml' ? 'file' : 'missing' }),
    read: (path: string) => {
      read.push(path)
      return new SourceFile(path, Buffer.from('# kustomize build --load-restrictor LoadRestrictionsNone\n'))
    },
  } as unknown as Sources
  const { isUnrestricted } = readBuildOptions(sources, [])
  expect(['web', 'web', 'app', 'web'].map(isUnrestricted)).toEqual([true, true, false, true])
  expect(read).toEqual(['web/kustomization.yaml'])
})
