// How the two Go readers of manifests turn plain scalars into values; a YAML 1.2 reader would disagree with both.
import { CORE_SCHEMA, defineScalarTag, mergeTag, NOT_RESOLVED, strTag } from 'js-yaml'

const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))$/

/** Beyond the numbers of 64 bits Go reads decimal ones as a float, and others as the text they are: an address of a wallet. */
const MOST = 2 ** 64

/** Go's ParseInt with base 0, after underscores are dropped: 0644 is 420, 1_000 is 1000, 0b11 is 3. */
function resolveInteger(source: string): number | typeof NOT_RESOLVED {
  const match = INTEGER.exec(source.includes('_') ? source.replaceAll('_', '') : source)
  if (!match) return NOT_RESOLVED
  const [, sign, hexadecimal, binary, octal, decimal] = match
  const value = hexadecimal
    ? Number.parseInt(hexadecimal, 16)
    : binary
      ? Number.parseInt(binary, 2)
      : octal
        ? Number.parseInt(octal, 8)
        : Number(decimal)
  if (decimal === undefined && value >= MOST) return NOT_RESOLVED
  return sign === '-' ? -value : value
}

function resolveFloat(source: string): number | typeof NOT_RESOLVED {
  const plain = source.includes('_') ? source.replaceAll('_', '') : source
  if (FLOAT.test(plain)) {
    const value = Number(plain)
    // Go's ParseFloat fails beyond its largest number, and the scalar is a text: 123e4567 may be the name of a commit.
    return Number.isFinite(value) ? value : NOT_RESOLVED
  }
  switch (source.toLowerCase()) {
    case '.inf':
    case '+.inf':
      return Number.POSITIVE_INFINITY
    case '-.inf':
      return Number.NEGATIVE_INFINITY
    case '.nan':
      return Number.NaN
    default:
      return NOT_RESOLVED
  }
}

const NUMBER_START = [...'-+.0123456789']
const integerTag = defineScalarTag('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: [...'-+0123456789'],
  resolve: resolveInteger,
  identify: () => false,
})
const floatTag = defineScalarTag('tag:yaml.org,2002:float', {
  implicit: true,
  implicitFirstChars: NUMBER_START,
  resolve: resolveFloat,
  identify: () => false,
})
/** Written `!!binary`; kept as the text it is, which is what Kubernetes' own bytes fields expect. */
const binaryTag = defineScalarTag('tag:yaml.org,2002:binary', { resolve: source => source, identify: () => false })
const timestampTag = defineScalarTag('tag:yaml.org,2002:timestamp', {
  resolve: source => source,
  identify: () => false,
})

const YES = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'])
const NO = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'])
const yesNoTag = defineScalarTag('tag:yaml.org,2002:bool', {
  implicit: true,
  implicitFirstChars: [...'yYnNtTfFoO'],
  resolve: source => (YES.has(source) ? true : NO.has(source) ? false : NOT_RESOLVED),
  identify: () => false,
})

/** What a plain word means to a reader of YAML 1.1; undefined: it is a word. */
export const readYesNo = (text: string): 'true' | 'false' | undefined =>
  YES.has(text) ? 'true' : NO.has(text) ? 'false' : undefined

/** go-yaml 3, as kustomize uses it: `yes` is a string. */
export const goYaml3Schema = CORE_SCHEMA.withTags(integerTag, floatTag, binaryTag, timestampTag, mergeTag, strTag)
/** sigs.k8s.io/yaml, as kubectl and Argo CD's directory sources use it: `yes` is true. */
export const goYaml1Schema = goYaml3Schema.withTags(yesNoTag)

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL'])
const TRUE = new Set(['true', 'True', 'TRUE'])
const FALSE = new Set(['false', 'False', 'FALSE'])

/** What go-yaml 3 makes of a plain scalar without a tag. */
export function readPlainScalar(source: string): null | boolean | number | string {
  if (NULLS.has(source)) return null
  if (TRUE.has(source)) return true
  if (FALSE.has(source)) return false
  if (!NUMBER_START.includes(source[0] ?? '')) return source
  const integer = resolveInteger(source)
  if (typeof integer === 'number') return integer
  const float = resolveFloat(source)
  return typeof float === 'number' ? float : source
}
