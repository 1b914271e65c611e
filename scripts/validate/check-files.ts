// Runs the rules over files, but not where they are known to find nothing.
import type { Renderings } from '../tree/engine.ts'
import { SourceFile } from '../tree/source/source-file.ts'
import type { Memory } from './memory.ts'
import type { FileRule, RuleFinding } from './rules/rule.ts'

type Known = Pick<Memory, 'isQuietFile' | 'noteQuietFile'>

export function* checkFiles(rule: FileRule, files: readonly SourceFile[], memory: Known): Generator<RuleFinding> {
  for (const file of files) {
    if (memory.isQuietFile(file, rule.id)) continue
    let isQuiet = true
    for (const finding of rule.check({ file })) {
      isQuiet = false
      yield finding
    }
    if (isQuiet) memory.noteQuietFile(file, rule.id)
  }
}

/** Every YAML file that a build or a loose manifest is made of, once. */
export function listParsedFiles({ tree }: Renderings): readonly SourceFile[] {
  const files = new Map<string, SourceFile>(tree.loose.map(({ file }) => [file.path, file]))
  for (const { file, files: reads } of tree.graph.kustomizations.values()) {
    files.set(file.path, file)
    for (const { path, reference } of reads) {
      const read = reference.content === 'data' ? undefined : tree.sources.read(path)
      if (read instanceof SourceFile) files.set(path, read)
    }
  }
  return [...files.values()]
}
