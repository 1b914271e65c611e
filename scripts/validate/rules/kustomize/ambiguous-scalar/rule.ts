// A word or number without quotes that readers of YAML take for different things.
import type { Node } from '../../../../tree/source/yaml/position.ts'
import { readYesNo } from '../../../../tree/source/yaml/scalars.ts'
import { defineRule } from '../../rule.ts'

export default defineRule({
  scope: 'file',
  id: 'ambiguous-scalar',
  severity: 'warning',
  summary: 'A value without quotes is read as another one by the next program.',
  why: 'kustomize, kubectl and editors follow different versions of YAML: yes is text or true, 0644 is 644 or 420, 1.10 is 1.1.',
  remediation: 'Write text in quotes, true and false in words, and numbers as they are meant.',
  source: 'YAML 1.1 (kubectl, Argo CD), go-yaml 3 (kustomize), YAML 1.2',
  *check({ file }) {
    if (!MAYBE.test(file.text)) return
    for (const { node, message } of listAmbiguous(file.trees)) {
      const range = file.rangeAt(node.start)
      const endColumn = range.column + node.end - node.start
      yield { message, values: [node.text ?? ''], places: [{ range: { ...range, endColumn }, fieldPath: [] }] }
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

interface Ambiguous {
  readonly node: Node
  readonly message: string
}

function* listAmbiguous(trees: readonly (Node | undefined)[]): Generator<Ambiguous> {
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
  return `${text} is text for kustomize and ${meaning} for kubectl`
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
