// A word or number without quotes that readers of YAML take for different things.
import { rangeOfSpan, type TracedText, textOfFile, textWithin } from '../../../../tree/kustomize/trace/text.ts'
import { parseText } from '../../../../tree/source/yaml/parse.ts'
import { buildTrees, type Node } from '../../../../tree/source/yaml/position.ts'
import { readEvents } from '../../../../tree/source/yaml/read-events.ts'
import { readYesNo } from '../../../../tree/source/yaml/scalars.ts'
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'file',
  id: 'ambiguous-scalar',
  severity: 'warning',
  summary: 'A value without quotes is read as another one by the next program.',
  why: 'kustomize, kubectl and editors follow different versions of YAML: yes is a string or true, 0644 is 644 or 420, 1.10 is 1.1.',
  remediation: 'Write strings in quotes, true and false in words, and numbers as they are meant.',
  source: 'YAML 1.1 (kubectl, Argo CD), go-yaml 3 (kustomize), YAML 1.2',
  *check({ file }) {
    if (!MAYBE.test(file.text)) return
    const whole = textOfFile(file)
    for (const text of [{ within: whole, trees: file.trees }, ...listPatches(whole, file.trees)]) {
      for (const { node, message } of listAmbiguous(text.trees)) {
        const range = rangeOfSpan(text.within, node, true)
        yield { message, values: [node.text ?? ''], places: [{ range, fieldPath: [] }] }
      }
    }
  },
})

/** A cheap look: few files have any. */
const MAYBE =
  /(?:^|[\s:,[{-])(?:y|n|yes|no|on|off|[-+]?0[0-9_]+|[-+]?[0-9][0-9_]*\.[0-9]*0|[-+]?[0-9][0-9.]*e[-+]?[0-9]+|[0-9]+(?::[0-5][0-9])+)(?=\s|[,:\]}]|$)/im

/** Permissions are written in octal everywhere, and all programs that Kubernetes is made of read them so. */
const OCTAL_KEYS = /mode$|^umask$/i
/** Keys whose values are names of versions. */
const VERSION_KEYS = /(?:^|[./_-])version$|^(?:appV|v)ersion$|Version$|^tag$|Tag$/

type Trees = readonly (Node | undefined)[]

/** Texts under `patch` (and items of the old list), which kustomize reads as YAML once more: in a kustomization or an Application. */
function* listPatches(whole: TracedText, trees: Trees): Generator<{ within: TracedText; trees: Trees }> {
  if (!/\bpatch|transformers|generators/.test(whole.text)) return
  for (const { node, key } of listScalars(trees)) {
    const text = node.text ?? ''
    if (!INLINE_KEYS.has(key) || !MAYBE.test(text) || !/[:{[]/.test(text)) continue
    const within = textWithin(whole, node.start, node.end, text)
    if (within.isExact && !parseText(text, 'kustomize').fault)
      yield { within, trees: buildTrees(text, readEvents(text, 'kustomize')) }
  }
}

const INLINE_KEYS = new Set(['patch', 'patchesStrategicMerge', 'transformers', 'generators', 'validators'])

function* listScalars(trees: Trees): Generator<{ node: Node; key: string }> {
  const pending = trees.flatMap(tree => (tree ? [{ node: tree, key: '' }] : []))
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, key } = next
    if (node.kind === 'scalar') yield next
    for (const pair of node.pairs ?? []) pending.push({ node: pair.value, key: pair.key.text ?? '' })
    for (const item of node.items ?? []) pending.push({ node: item, key })
  }
}

interface Ambiguous {
  readonly node: Node
  readonly message: string
}

function* listAmbiguous(trees: Trees): Generator<Ambiguous> {
  const pending = trees.flatMap(tree => (tree ? [{ node: tree, key: '' }] : []))
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, key } = next
    if (node.kind === 'scalar') {
      const message = node.isPlain ? describeValue(node.text ?? '', key) : undefined
      if (message) yield { node, message }
    }
    for (const pair of node.pairs ?? []) {
      const name = pair.key.text ?? ''
      const message = pair.key.isPlain ? describeKey(name) : undefined
      if (message) yield { node: pair.key, message }
      pending.push({ node: pair.value, key: name })
    }
    for (const item of node.items ?? []) pending.push({ node: item, key })
  }
}

function describeWord(text: string): string | undefined {
  const meaning = readYesNo(text)
  if (meaning === undefined || text.toLowerCase() === meaning) return undefined
  return `${text} is a string for kustomize and ${meaning} for kubectl`
}

const OCTAL = /^[-+]?0[0-7]+$/
const FLOAT = /^[-+]?[0-9]+\.[0-9]*0$/
const EXPONENT = /^[-+]?[0-9]+(?:\.[0-9]+)?[eE][-+]?[0-9]+$/

function describeValue(text: string, key: string): string | undefined {
  const word = describeWord(text)
  if (word) return word
  if (OCTAL.test(text) && !OCTAL_KEYS.test(key))
    return `${text} is ${Number.parseInt(text, 8)} for kustomize and kubectl, ${Number(text)} for readers of YAML 1.2`
  // Where a number is meant, both ways of writing it are the same number.
  if (!VERSION_KEYS.test(key)) return undefined
  if (FLOAT.test(text) || EXPONENT.test(text)) return `${text} is the number ${Number(text)}`
  return undefined
}

function describeKey(text: string): string | undefined {
  // A key y or on is another finding where kubectl reads the file.
  if (FLOAT.test(text) || EXPONENT.test(text)) return `the key ${text} is the number ${Number(text)} for kubectl`
  if (OCTAL.test(text)) return `the key ${text} is the number ${Number.parseInt(text, 8)} for kubectl`
  return undefined
}
