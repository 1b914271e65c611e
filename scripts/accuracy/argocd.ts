// Holds what validate says of a tree against what Argo CD's own code said of the same objects.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { Finding } from '../validate/findings/finding.ts'
import { type ValidateOptions, validate } from '../validate/run.ts'

type Mapping = Readonly<Record<string, unknown>>

/** One fact: objects, and what Argo CD makes of them. tests/corpus/argocd/README.md describes it. */
export interface ArgocdCase {
  readonly id: string
  readonly kind: string
  readonly note?: string
  readonly verdict: 'accepted' | 'refused' | 'ignored'
  readonly input: {
    readonly project?: Mapping
    readonly application?: Mapping
    readonly applicationset?: Mapping
    readonly clusters?: readonly Mapping[]
    readonly resources?: readonly Mapping[]
    readonly resourcesIn?: string
    readonly files?: Readonly<Record<string, string>>
  }
  readonly detail: {
    readonly layer?: string
    readonly message?: string
    readonly ignored?: readonly string[]
    readonly applications?: readonly Mapping[]
  }
}

/** How a report agrees with a fact. */
export type Agreement =
  | 'agrees'
  /** Argo CD refuses, and there is no finding that says so. */
  | 'missed'
  /** Argo CD does not refuse, and there is an error. */
  | 'false alarm'
  /** Argo CD takes it and does nothing with it, and nothing says so. */
  | 'not told'

const CORPUS = fileURLToPath(new URL('../../tests/corpus/argocd/cases.jsonl.gz', import.meta.url))

/** Neither is a matter of the tree: a cluster that only the installation knows, YAML that Argo CD's parser reads. */
const OPTIONAL = ['cluster not declared', 'file: duplicate key']
const ORIGIN = 'https://github.com/acme/platform.git'

export function readArgocdCases(path = CORPUS): readonly ArgocdCase[] {
  const bytes = readFileSync(path)
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as ArgocdCase)
}

/** Writes the objects of a case as a repository: `argocd/` has those of an administrator, the rest is what is synced. */
export function writeTree({ input }: ArgocdCase, root: string): void {
  const write = (name: string, content: string): void => {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  const asDocuments = (objects: readonly Mapping[]): string =>
    objects.map(object => `${JSON.stringify(object, null, 2)}\n`).join('---\n')
  for (const name of ['project', 'application', 'applicationset'] as const) {
    const object = input[name]
    if (object) write(`argocd/${name}.yaml`, asDocuments([object]))
  }
  if (input.clusters?.length) write('argocd/clusters.yaml', asDocuments(input.clusters))
  const folder = decideFolder(input)
  if (input.resources?.length && folder !== undefined)
    write(join(folder, 'resources.yaml'), asDocuments(input.resources))
  for (const [name, content] of Object.entries(input.files ?? {})) write(name, content)
  write('.git/config', `[remote "origin"]\n\turl = ${ORIGIN}\n`)
}

/** Where the resources lie; undefined where every source is a chart of a registry. */
function decideFolder({ application, resourcesIn }: ArgocdCase['input']): string | undefined {
  if (resourcesIn) return resourcesIn
  if (!application) return 'app'
  const spec = (application.spec ?? {}) as Mapping
  const hydrator = spec.sourceHydrator as Mapping | undefined
  const sources = hydrator
    ? [hydrator.drySource]
    : Array.isArray(spec.sources) && spec.sources.length > 0
      ? (spec.sources as unknown[])
      : [spec.source]
  const all = sources.filter((one): one is Mapping => typeof one === 'object' && one !== null)
  if (all.length > 0 && all.length === sources.length && all.every(one => one.chart && !one.path)) return undefined
  const path = all.map(one => one.path).find((one): one is string => typeof one === 'string' && one !== '') ?? 'app'
  return path.startsWith('/') || path.startsWith('..') ? 'app' : path
}

/** What the API server or a kubelet says of an object that Argo CD merely passes on. */
const isBesideArgocd = ({ ruleId, resource }: Finding): boolean =>
  ['api-validation', 'invalid-image'].includes(ruleId) && !resource?.apiVersion.startsWith('argoproj.io/')

export function judge(fact: ArgocdCase, findings: readonly Finding[]): Agreement {
  const isPassedOn = fact.verdict !== 'refused'
  const errors = findings.filter(one => one.severity === 'error' && !(isPassedOn && isBesideArgocd(one)))
  const isOptional = fact.note !== undefined && OPTIONAL.includes(fact.note)
  if (isOptional) return 'agrees'
  if (fact.verdict === 'accepted') return errors.length > 0 ? 'false alarm' : 'agrees'
  if (fact.verdict === 'ignored') return errors.length > 0 ? 'false alarm' : findings.length > 0 ? 'agrees' : 'not told'
  // Only argocd-server says no to these, and what Git brings does not pass through it.
  if (fact.detail.layer === 'argocd-api') {
    return findings.length > 0 ? 'agrees' : 'missed'
  }
  return errors.length > 0 ? 'agrees' : 'missed'
}

export interface Judged {
  readonly fact: ArgocdCase
  readonly findings: readonly Finding[]
  readonly agreement: Agreement
}

/** Validates one tree for each case, a few at a time, in the order given. */
export async function measureArgocd(
  cases: readonly ArgocdCase[],
  options: Pick<ValidateOptions, 'machine' | 'parallelism'>,
): Promise<readonly Judged[]> {
  const folder = mkdtempSync(join(tmpdir(), 'argocd-facts-'))
  const judged: Judged[] = []
  const queue = cases.map((fact, index) => ({ fact, index })).reverse()
  const work = async (): Promise<void> => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const { fact, index } = next
      const root = join(folder, String(index))
      writeTree(fact, root)
      const tool = { name: 'accuracy', version: '0' }
      const { report } = await validate({ root, paths: [], machine: options.machine, parallelism: 1, tool })
      judged[index] = { fact, findings: report.findings, agreement: judge(fact, report.findings) }
      rmSync(root, { recursive: true, force: true })
    }
  }
  try {
    await Promise.all(Array.from({ length: options.parallelism }, work))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return judged
}

export interface ArgocdRow {
  readonly kind: string
  readonly cases: number
  readonly agree: number
  /** Errors where Argo CD does not refuse. */
  readonly falseAlarms: number
  /** Of what Argo CD takes and ignores: how much of it, and how much a finding tells. */
  readonly ignored: number
  readonly told: number
}

/** The agreement by kind, and all of it at the end. */
export function countArgocd(judged: readonly Judged[]): readonly ArgocdRow[] {
  const count = (kind: string, some: readonly Judged[]): ArgocdRow => {
    const ignored = some.filter(({ fact }) => fact.verdict === 'ignored')
    return {
      kind,
      cases: some.length,
      agree: some.filter(({ agreement }) => agreement === 'agrees').length,
      falseAlarms: some.filter(({ agreement }) => agreement === 'false alarm').length,
      ignored: ignored.length,
      told: ignored.filter(({ findings }) => findings.length > 0).length,
    }
  }
  const byKind = Map.groupBy(judged, ({ fact }) => fact.kind)
  return [...[...byKind].map(([kind, some]) => count(kind, some)), count('all', judged)]
}

/** A table for people. */
export function printArgocd(rows: readonly ArgocdRow[]): string {
  const percent = (part: number, whole: number): string => (whole === 0 ? '' : `${((100 * part) / whole).toFixed(1)} %`)
  const lines = rows.map(
    ({ kind, cases, agree, falseAlarms, ignored, told }) =>
      `| ${kind} | ${cases} | ${percent(agree, cases)} | ${falseAlarms} | ${percent(told, ignored)} |`,
  )
  return [
    '| Argo CD | cases | verdicts agree | false alarms | told of ignored |',
    '| --- | --: | --: | --: | --: |',
    ...lines,
  ].join('\n')
}
