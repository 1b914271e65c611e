// A stand-in for docker, kind, minikube and the like: writes down how it was called, and gives a recorded answer.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Answer } from './machine.ts'

const [folder = '', name = '', ...args] = process.argv.slice(2)
const line = [name, ...args].join(' ')
const log = `${folder}/calls`
const before = readFileSync(log, 'utf8').split('\n')
appendFileSync(log, `${line.replaceAll('\n', ' ')}\n`)

const answers = JSON.parse(readFileSync(`${folder}/answers.json`, 'utf8')) as readonly Answer[]
const happened = (pattern: string): boolean => before.some(call => new RegExp(pattern).test(call))
const answer = answers.find(
  ({ call, after, until }) =>
    new RegExp(call).test(line) &&
    (after === undefined || happened(after)) &&
    (until === undefined || !happened(until)),
)
if (answer === undefined) {
  appendFileSync(`${folder}/unexpected`, `${line}\n`)
  process.stderr.write(`no answer was recorded for: ${line}\n`)
  process.exit(97)
}
if (answer.kubeconfig !== undefined) {
  const at = args.indexOf('--kubeconfig')
  const file = at >= 0 ? args[at + 1] : process.env.KUBECONFIG
  mkdirSync(dirname(file ?? ''), { recursive: true })
  writeFileSync(file ?? '', answer.kubeconfig)
}
process.stdout.write(answer.stdout ?? '')
process.stderr.write(answer.stderr ?? '')
process.exitCode = answer.exit ?? 0
// Ended by the signal that a command sends to what it runs.
if (answer.hangs === true) setInterval(() => {}, 1000)
