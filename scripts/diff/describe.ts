// Says what edits change in the clusters, for the commands that edit: the same comparison, risks and words.
import { type Edits, layOver } from '../tree/source/edit.ts'
import type { Sources } from '../tree/source/sources.ts'
import { type Diff, diffSources } from './diff.ts'
import { FORMATS } from './report/index.ts'
import { judgeRisks } from './risks/index.ts'

/** Of the tree as it is and with the edits laid over it. `root` is its folder; `folders` are the builds that are meant. */
export async function describeEdits(root: string, sources: Sources, edits: Edits, folders: readonly string[]) {
  const diff = await compare(root, sources, layOver(sources, edits), folders)
  const print = async (name: 'stylish' | 'markdown', colour: boolean): Promise<string> => {
    const format = await FORMATS[name]?.()
    return format?.(diff, { colour, whole: false, names: { base: 'as it is', head: 'with this change' } }) ?? ''
  }
  return { print: (colour: boolean) => print('stylish', colour), markdown: await print('markdown', false) }
}

/** A build that validation.yaml excludes can be changed too: then it is compared by itself. */
async function compare(root: string, base: Sources, head: Sources, folders: readonly string[]): Promise<Diff> {
  const whole = await diffSources(base, head, { root, judge: judgeRisks })
  return whole.builds || whole.objects.length || whole.notRendered.length
    ? whole
    : diffSources(base, head, { root, folders, judge: judgeRisks })
}
