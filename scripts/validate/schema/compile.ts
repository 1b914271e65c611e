// Turns one definition into JavaScript text with ajv. Definitions call each other by name when they run, so each can be
// compiled, cached and loaded alone, and only those that a document reaches ever are.

import { Ajv, type KeywordCxt } from 'ajv'
import { _, strConcat } from 'ajv/dist/compile/codegen/index.js'
import namesModule from 'ajv/dist/compile/names.js'
import standaloneModule from 'ajv/dist/standalone/index.js'
import { formats } from './formats.ts'
import { definitionOf, type JsonSchema } from './json-schema.ts'
import { compilePattern } from './re2.ts'

// Both are CommonJS with a `default` of their own.
const names = (namesModule as unknown as { default: typeof namesModule.default }).default
const standalone = standaloneModule as unknown as typeof standaloneModule.default

const inherited = new RegExp(`"(${Object.getOwnPropertyNames(Object.prototype).join('|')})"`)

/**
 * A function from a definition's schema to the body of a function of `require` and `check` that returns an ajv
 * validator. `require` has to know `formats` and `re2` (and parts of ajv's run time); `check` is called for references.
 */
export function createCompiler(): (schema: JsonSchema) => string {
  const ajv = createAjv(false)
  let careful: Ajv | undefined
  return schema => {
    // A field may be called `constructor`, which every object seems to have. Telling own fields apart costs a third.
    const needsCare = inherited.test(JSON.stringify(schema))
    if (needsCare) careful ??= createAjv(true)
    const compiler = needsCare && careful ? careful : ajv
    return toFactoryBody(standalone(compiler, compiler.compile(schema)))
  }
}

function createAjv(ownProperties: boolean): Ajv {
  const ajv = new Ajv({
    allErrors: true,
    messages: false,
    strict: false,
    meta: false,
    validateSchema: false,
    addUsedSchema: false,
    logger: false,
    ownProperties,
    formats,
    code: {
      source: true,
      optimize: false,
      formats: _`require("formats").formats`,
      regExp: Object.assign((source: string) => Object.assign(compilePattern(source), { toString: () => source }), {
        code: 'require("re2").compilePattern',
      }),
      // ajv would load each text as soon as it is made; only the text is wanted.
      process: () => 'return () => {}',
    },
  })
  ajv.removeKeyword('$ref')
  ajv.addKeyword({ keyword: '$ref', schemaType: 'string', code: callDefinition })
  return ajv
}

function callDefinition({ gen, schema, data, it }: KeywordCxt): void {
  const path = strConcat(names.instancePath, it.errorPath)
  gen.assign(names.vErrors, _`check(${definitionOf(schema)}, ${data}, ${path}, ${names.vErrors})`)
  gen.assign(names.errors, _`${names.vErrors} === null ? 0 : ${names.vErrors}.length`)
}

/** The validator comes last, named by what comes first. Parentheses make V8 compile it at once, and keep that. */
function toFactoryBody(code: string): string {
  const head = /^"use strict";module\.exports = (\w+);module\.exports\.default = \1;/.exec(code)
  const start = code.indexOf(`function ${head?.[1]}(`)
  if (!head || start < 0) throw new Error('ajv writes modules of another shape')
  return `"use strict";${code.slice(head[0].length, start)}return (${code.slice(start)})`
}
