// One page without a network: builds, findings with their lines, what was not examined; filtered by rule, severity, environment and build.
import { escapeMarkup as markup } from '../../command/markup.ts'
import { renderPage, type Tab } from '../../command/page.ts'
import { isUsualEnvironment } from '../../tree/environments/usual.ts'
import type { Finding, Report } from '../findings/finding.ts'
import { describeRule } from '../rules/described.ts'
import { describeComparison } from './comparison.ts'
import { countByRule, groupFindings, groupUnexamined, pathsBeside } from './group.ts'
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
  const builds = findings.flatMap(({ occurrences }) => occurrences.map(({ build }) => build))
  // As `severity` in validation.yaml has it: a folder on the way to the build.
  const environments = builds.flatMap(build => build.split('/').filter(isUsualEnvironment))
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
${environments.length ? listSelect('environment', 'all environments', environments) : ''}
${listSelect('build', 'all builds', builds)}
<input type="search" id="text" placeholder="file, name or text" aria-label="search">
<output id="count"></output>
</nav>
<main>
${groupFindings(findings)
  .map(group => describeGroup(group.findings, context))
  .join('\n')}
</main>
${listBuilds(findings)}
${listUnexamined(report, context)}`,
    script: SCRIPT,
  }
}

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

/** One article for findings that say the same, as in the terminal: the first with its lines, then where the others are. */
function describeGroup(findings: readonly [Finding, ...Finding[]], { prefix, textOf }: ReportContext): string {
  const [first, ...others] = findings
  const { ruleId, severity, message, remediation, location, resource, chain } = first
  const builds = buildsOf(first)
  const who = resource ? `${resource.kind} ${resource.name}` : ''
  const steps = chain.map(({ file, line, role }) => `${role} ${file}:${line}`)
  const items = others.map(one => {
    const { location: at, resource: object } = one
    const more = [object ? `${object.kind} ${object.name}` : '', ...pathsBeside(one, first)].filter(Boolean).join(' ')
    return `<li ${dataOf(one)}><code>${markup(`${prefix}${at.file}:${at.line}`)}</code> ${markup(more)}</li>`
  })
  const same = items.length
    ? `<details class="same"><summary>The same at ${plural(items.length, 'more place')}</summary><ul>${items.join('\n')}</ul></details>\n`
    : ''
  return `<article class="${severity}" data-severity="${severity}" data-rule="${markup(ruleId)}" ${dataOf(first)}>
<h2><span class="level">${severity}</span> ${markup(message)}</h2>
<p class="place"><code>${markup(`${prefix}${location.file}:${location.line}:${location.column}`)}</code> ${markup(who)}</p>
${frame(textOf(location.file), location)}
<p class="remedy">${markup(remediation)}</p>
${same}<details><summary>${markup(ruleId)}</summary>
<p>${markup(describeRule(ruleId).why)}</p>
${builds.length ? `<p>In ${builds.map(build => `<code>${markup(build)}</code>`).join(', ')}</p>` : ''}
${steps.length > 1 ? `<p>Written by ${steps.map(step => `<code>${markup(step)}</code>`).join(' → ')}</p>` : ''}
</details>
</article>`
}

const buildsOf = ({ occurrences }: Finding): readonly string[] => [...new Set(occurrences.map(({ build }) => build))]

const dataOf = (finding: Finding): string => `data-build="${markup(JSON.stringify(buildsOf(finding)))}"`

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

function listUnexamined({ notExamined }: Report, { prefix }: ReportContext): string {
  if (notExamined.length === 0) return ''
  const groups = groupUnexamined(notExamined).map(({ reason, entries }) => {
    const items = entries.map(
      ({ file, line, detail }) => `<li><code>${markup(`${prefix}${file}:${line}`)}</code> ${markup(detail ?? '')}</li>`,
    )
    return `<details><summary>${entries.length} × ${markup(reason)}</summary><ul>${items.join('')}</ul></details>`
  })
  return `<section id="unexamined"><h2>Not examined</h2>\n${groups.join('\n')}</section>`
}

/** No text of a finding gets in here: it reads what the page already shows. */
const SCRIPT = `
const articles = [...document.querySelectorAll('#findings article')]
const rule = document.getElementById('rule'), build = document.getElementById('build')
const environment = document.getElementById('environment')
const text = document.getElementById('text'), count = document.getElementById('count')
const buildsOf = one => JSON.parse(one.dataset.build)
const parts = articles.map(article => {
  const others = [...article.querySelectorAll('.same li')]
  const listed = article.querySelector('.same')?.textContent ?? ''
  const own = article.textContent.replace(listed, '').toLowerCase()
  return { article, own, builds: buildsOf(article), others: others.map(item => ({ item, text: item.textContent.toLowerCase(), builds: buildsOf(item) })) }
})
const total = parts.reduce((sum, { others }) => sum + 1 + others.length, 0)
function show() {
  const severities = [...document.querySelectorAll('[name=severity]:checked')].map(one => one.value)
  const wanted = text.value.trim().toLowerCase()
  const isThere = one => (!build.value || one === build.value) && (!environment?.value || one.split('/').includes(environment.value))
  const isIn = builds => (!build.value && !environment?.value) || builds.some(isThere)
  let shown = 0
  for (const { article, own, builds, others } of parts) {
    const fits = severities.includes(article.dataset.severity) && (!rule.value || article.dataset.rule === rule.value)
    let found = fits && isIn(builds) && own.includes(wanted) ? 1 : 0
    for (const { item, text, builds } of others) {
      item.hidden = !fits || !isIn(builds) || !(own.includes(wanted) || text.includes(wanted))
      if (!item.hidden) found++
    }
    article.hidden = found === 0
    shown += found
  }
  count.textContent = shown + ' of ' + total
}
document.querySelector('#findings nav').addEventListener('input', show)
show()
`
