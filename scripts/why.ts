// `npm run why`: which line wrote a field of a build.
import { resolve } from 'node:path'
import { type Command, repositoryRoot, runCommand, text } from './command/frame.ts'
import { usageProblem } from './command/problem.ts'

const usage = `Usage: npm run why -- [options] BUILD [KIND/NAME [/FIELD/PATH]]

Says which line wrote a value of a build.

  npm run why -- overlays/prod Deployment/flask-api-deployment /spec/replicas
  npm run why -- flask-api-prod Deployment/flask-api-deployment

BUILD is a folder with a kustomization, or the name of an Application: what Argo CD renders, with the settings of the
Application. It prints the value, who wrote it first, who changed it and who wrote it last. Without a field it prints the
resource as YAML, without a resource all of the build, and beside each line the one that wrote it, coloured by layer.

  --root DIR       the tree (default: this repository)
  --format FORMAT  text (default) or json, one object a field on a line
  -h, --help       this text

Exit code: 0 answered; 1 the build cannot be rendered; 2 there is no such build, resource or field.
`

export const command: Command = {
  usage,
  takesPositionals: true,
  options: { root: { type: 'string' }, format: { type: 'string' } },
  async run(values, { positionals, start, terminal }) {
    const [build, resource, pointer, ...others] = positionals
    if (build === undefined || others.length > 0)
      throw usageProblem('why takes a build, a resource and a field', 'See --help')
    const format = text(values, 'format') ?? 'text'
    if (format !== 'text' && format !== 'json') throw usageProblem(`--format ${format}: text or json`)
    const { explain } = await import('./why/explain.ts')
    const { printField, toJson } = await import('./why/print.ts')
    const { printResources } = await import('./why/print-resource.ts')
    const given = text(values, 'root')
    const root = given === undefined ? repositoryRoot : resolve(start, given)
    const answer = await explain({ root, build, resource, pointer })
    if (format === 'json') for (const field of answer.fields) terminal.print(`${toJson(field)}\n`)
    else
      terminal.print(
        pointer === undefined
          ? printResources(answer.resources, terminal.hasColor)
          : printField(answer, terminal.hasColor),
      )
    return 0
  },
}

if (import.meta.main) await runCommand(command)
