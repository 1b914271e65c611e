// Reads YAML that stands in a text, with the scalars of Go's parser, which Argo CD uses.
import { parseText } from '../../source/yaml/parse.ts'

/** The first document; undefined where there is none. Throws SyntaxError for what is not YAML. */
export function readYaml(text: string): unknown {
  const { documents, fault } = parseText(text, 'kubectl')
  if (fault) throw new SyntaxError(fault.message)
  return documents[0]
}
