// One page without a network: builds, findings with their lines, what was not examined; filtered by rule, severity and build.
import { escapeMarkup as markup } from '../../command/markup.ts'
import { renderPage, type Tab } from '../../command/page.ts'
import type { Finding, Report } from '../findings/finding.ts'
import { describeRule } from '../rules/described.ts'
import { describeComparison } from './comparison.ts'
import { countByRule, groupUnexamined } from './group.ts'
import { activeFindings, type Format, plural, type ReportContext } from './report.ts'

const html: Format = (report, context) => {
  const { errors, warnings, resources, builds, files } = report.summary
  const title = errors || warnings ? `${plural(errors, 'error')}, ${plural(warnings, 'warning')}` : 'No problems'
  return renderPage({
    title: `${title} · ${report.tool.name}`,
    heading: title,
    level: errors ? 'error' : warnings ? 'warning' : 'fine',
    intro: `<p>${plural(resources, 'resource')} from ${plural(builds, 'build')}, ${plural(files, 'file')} · ${markup(describeTools(report))}</p>
${describeCoverage(report)}
${describeComparison(report)
  .map(sentence => `<p>${markup(sentence)}</p>`)
  .join('\n')}`,
    tabs: [makeTab(report, context)],
  })
}
export default html

/** The findings as a tab of a page, which may have others beside it. */
export const makeTab = (report: Report, context: ReportContext): Tab => {
  const findings = activeFindings(report)
  return {
    name: 'findings',
    title: 'Findings',
    count: findings.length,
    content: `<nav>
${listButtons('severity', ['error', 'warning'])}
${listSelect(
  'rule',
  'all rules',
  countByRule(findings).map(({ ruleId }) => ruleId),
)}
${listSelect(
  'build',
  'all builds',
  findings.flatMap(({ occurrences }) => occurrences.map(({ build }) => build)),
)}
<input type="search" id="text" placeholder="file, name or text" aria-label="search">
<output id="count"></output>
</nav>
<main>
${errorsFirst(findings)
  .map(finding => describeFinding(finding, context))
  .join('\n')}
</main>
${listBuilds(findings)}
${listUnexamined(report)}`,
    script: SCRIPT,
  }
}

const errorsFirst = (findings: readonly Finding[]): readonly Finding[] =>
  [...findings].sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'))

const describeTools = ({ tool }: Report): string =>
  [
    tool.version && `${tool.name} ${tool.version}`,
    tool.kustomize && `kustomize ${tool.kustomize}`,
    `Kubernetes ${tool.kubernetes}`,
  ]
    .filter(Boolean)
    .join(' · ')

function describeCoverage({ coverage, summary }: Report): string {
  const { roots, rendered, partial, files, examined } = coverage
  const parts = [
    `${rendered} of ${plural(roots, 'root')} rendered${partial ? ` (${partial} in part)` : ''}`,
    `${examined} of ${plural(files, 'file')} that they read examined`,
    summary.notExamined ? `<a href="#unexamined">${summary.notExamined} things not examined</a>` : '',
    summary.suppressed ? `${summary.suppressed} suppressed` : '',
  ]
  return `<p>${parts.filter(Boolean).join(' · ')}</p>`
}

const listButtons = (name: string, values: readonly string[]): string =>
  values
    .map(
      value =>
        `<label class="${value}"><input type="checkbox" name="${name}" value="${value}" checked> ${value}s</label>`,
    )
    .join('\n')

function listSelect(name: string, all: string, values: readonly string[]): string {
  const options = [...new Set(values)].sort().map(value => `<option>${markup(value)}</option>`)
  return `<select id="${name}" aria-label="${name}"><option value="">${all}</option>${options.join('')}</select>`
}

function describeFinding(finding: Finding, { prefix, textOf }: ReportContext): string {
  const { ruleId, severity, message, remediation, location, resource, occurrences, chain } = finding
  const builds = [...new Set(occurrences.map(({ build }) => build))]
  const who = resource ? `${resource.kind} ${resource.name}` : ''
  const steps = chain.map(({ file, line, role }) => `${role} ${file}:${line}`)
  const data = `data-severity="${severity}" data-rule="${markup(ruleId)}" data-build="${markup(JSON.stringify(builds))}"`
  return `<article class="${severity}" ${data}>
<h2><span class="level">${severity}</span> ${markup(message)}</h2>
<p class="place"><code>${markup(`${prefix}${location.file}:${location.line}:${location.column}`)}</code> ${markup(who)}</p>
${frame(textOf(location.file), location)}
<p class="remedy">${markup(remediation)}</p>
<details><summary>${markup(ruleId)}</summary>
<p>${markup(describeRule(ruleId).why)}</p>
${builds.length ? `<p>In ${builds.map(build => `<code>${markup(build)}</code>`).join(', ')}</p>` : ''}
${steps.length > 1 ? `<p>Written by ${steps.map(step => `<code>${markup(step)}</code>`).join(' → ')}</p>` : ''}
</details>
</article>`
}

/** The line with two around it, what is meant marked. */
function frame(text: string | undefined, { line, column, endLine, endColumn }: Finding['location']): string {
  if (text === undefined) return ''
  const lines = text.split('\n', line + 2)
  const first = Math.max(line - 2, 1)
  const rows = lines.slice(first - 1).map((raw, index) => {
    const number = first + index
    const shown = raw.replace(/\r$/, '').slice(0, 300)
    if (number !== line) return row(number, markup(shown))
    const end = endLine === line ? Math.max(endColumn, column + 1) : shown.length + 1
    const [before, marked, after] = [shown.slice(0, column - 1), shown.slice(column - 1, end - 1), shown.slice(end - 1)]
    return row(number, `${markup(before)}<mark>${markup(marked)}</mark>${markup(after)}`)
  })
  return `<pre>${rows.join('\n')}</pre>`
}

const row = (number: number, content: string): string => `<span class="number">${number}</span>${content}`

function listBuilds(findings: readonly Finding[]): string {
  const counts = new Map<string, { errors: number; warnings: number; namespaces: Set<string> }>()
  for (const { severity, occurrences } of findings) {
    for (const build of new Set(occurrences.map(one => one.build))) {
      const entry = counts.get(build) ?? { errors: 0, warnings: 0, namespaces: new Set() }
      if (severity === 'error') entry.errors++
      else entry.warnings++
      for (const { namespace } of occurrences.filter(one => one.build === build))
        if (namespace) entry.namespaces.add(namespace)
      counts.set(build, entry)
    }
  }
  if (counts.size === 0) return ''
  const rows = [...counts]
    .sort(([, a], [, b]) => b.errors - a.errors || b.warnings - a.warnings)
    .map(
      ([build, { errors, warnings, namespaces }]) =>
        `<tr><td><code>${markup(build)}</code></td><td>${markup([...namespaces].join(', '))}</td><td>${errors}</td><td>${warnings}</td></tr>`,
    )
  return `<section><h2>Builds with findings</h2>
<table><thead><tr><th>build</th><th>namespaces</th><th>errors</th><th>warnings</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table></section>`
}

function listUnexamined({ notExamined }: Report): string {
  if (notExamined.length === 0) return ''
  const groups = groupUnexamined(notExamined).map(({ reason, entries }) => {
    const items = entries.map(
      ({ file, line, detail }) => `<li><code>${markup(`${file}:${line}`)}</code> ${markup(detail ?? '')}</li>`,
    )
    return `<details><summary>${entries.length} × ${markup(reason)}</summary><ul>${items.join('')}</ul></details>`
  })
  return `<section id="unexamined"><h2>Not examined</h2>\n${groups.join('\n')}</section>`
}

/** No text of a finding gets in here: it reads what the page already shows. */
const SCRIPT = `
const articles = [...document.querySelectorAll('#findings article')]
const rule = document.getElementById('rule'), build = document.getElementById('build')
const text = document.getElementById('text'), count = document.getElementById('count')
function show() {
  const severities = [...document.querySelectorAll('[name=severity]:checked')].map(one => one.value)
  const wanted = text.value.trim().toLowerCase()
  let shown = 0
  for (const article of articles) {
    const fits = severities.includes(article.dataset.severity) && (!rule.value || article.dataset.rule === rule.value) &&
      (!build.value || JSON.parse(article.dataset.build).includes(build.value)) && (!wanted || article.textContent.toLowerCase().includes(wanted))
    article.hidden = !fits
    if (fits) shown++
  }
  count.textContent = shown + ' of ' + articles.length
}
document.querySelector('#findings nav').addEventListener('input', show)
show()
`
