// Forms of text by name. Source: k8s.io/apiserver/pkg/cel/library (format).
import { isBase64, isDate, isDateTime } from '../../../formats.ts'
import type { TextTest } from '../../check.ts'
import { asPrefix, dns1035Label, dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../../text.ts'
import { findOptional, type Library } from './library.ts'
import { isUrl } from './urls.ts'

class Format {
  readonly test: TextTest
  constructor(test: TextTest) {
    this.test = test
  }
}

const as =
  (problem: string, isRight: (text: string) => boolean): TextTest =>
  text =>
    isRight(text) ? undefined : problem

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

const FORMATS: Readonly<Record<string, TextTest>> = {
  dns1123Label: dnsLabel,
  dns1123Subdomain: dnsSubdomain,
  dns1035Label,
  qualifiedName,
  dns1123LabelPrefix: asPrefix(dnsLabel),
  dns1123SubdomainPrefix: asPrefix(dnsSubdomain),
  dns1035LabelPrefix: asPrefix(dns1035Label),
  labelValue,
  uri: as('must be a URL', isUrl),
  uuid: as('does not match the UUID format', text => UUID.test(text)),
  byte: as('invalid base64', text => text !== '' && isBase64(text)),
  date: as('invalid date', isDate),
  datetime: as('invalid datetime', isDateTime),
}

export function addFormats(library: Library): void {
  const { environment, add, addNamespace } = library
  const optional = findOptional(library)
  const own = 'kubernetes.Format'
  environment.registerType(own, Format)
  environment.registerOperator(`${own} == ${own}`, (a: Format, b: Format) => a === b)
  const namespace = addNamespace('format')
  const formats = new Map(Object.entries(FORMATS).map(([name, test]) => [name, new Format(test)]))
  for (const [name, format] of formats) add(`${namespace}.${name}(): ${own}`, () => format)
  add(`${namespace}.named(string): optional<${own}>`, (_: unknown, name: string) => optional(formats.get(name)))
  add(`${own}.validate(string): optional<list<string>>`, ({ test }: Format, text: string) => {
    const problem = test(text)
    return optional(problem === undefined ? undefined : [problem])
  })
}
