// One page that needs no network: a heading, and tabs that commands fill, each with what filters it.
import { escapeMarkup as markup } from './markup.ts'

export interface Tab {
  /** An identifier of the page. */
  readonly name: string
  readonly title: string
  readonly count: number
  /** Markup; every text of a tree in it is escaped. */
  readonly content: string
  /** Runs once; no text of a tree may be in it. */
  readonly script?: string
}

export interface Page {
  readonly title: string
  readonly heading: string
  readonly level: 'error' | 'warning' | 'fine'
  /** Markup below the heading. */
  readonly intro: string
  /** The first is shown; one alone needs no bar. */
  readonly tabs: readonly Tab[]
}

export function renderPage({ title, heading, level, intro, tabs }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${markup(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1 class="${level}">${markup(heading)}</h1>
${intro}
</header>
${tabs.length > 1 ? listTabs(tabs) : ''}${tabs.map(renderTab).join('\n')}
<script>${[...tabs.flatMap(({ script }) => (script ? [`{${script}}`] : [])), ...(tabs.length > 1 ? [SCRIPT] : [])].join('\n')}</script>
</body>
</html>
`
}

const listTabs = (tabs: readonly Tab[]): string =>
  `<div class="tabs" role="tablist">${tabs
    .map(
      ({ name, title, count }, index) =>
        `<button role="tab" aria-controls="${name}" aria-selected="${index === 0}">${markup(title)} <small>${count}</small></button>`,
    )
    .join('')}</div>\n`

const renderTab = ({ name, content }: Tab, index: number): string =>
  `<div id="${name}" class="tab"${index === 0 ? '' : ' hidden'}>\n${content}\n</div>`

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --error: #c62828; --warning: #9a5b00; --fine: #2e7d32; --soft: #8881; --mark: #ffd54f88 }
@media (prefers-color-scheme: dark) { :root { --error: #ff8a80; --warning: #ffb74d; --fine: #81c784; --mark: #ffd54f55 } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere }
h1 { margin: 0; font-size: 1.6rem } h2 { font-size: 1rem; margin: 0 } section > h2 { font-size: 1.2rem; margin: 2rem 0 .5rem }
h1.error, .error .level { color: var(--error) } h1.warning, .warning .level { color: var(--warning) } h1.fine { color: var(--fine) }
header p { margin: .2rem 0 } a { color: inherit }
nav { position: sticky; top: 0; background: Canvas; display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; padding: .75rem 0; border-bottom: 1px solid var(--line); z-index: 1 }
nav select { max-width: 16rem } nav input[type=search] { flex: 1; min-width: 10rem } nav select, nav input { font: inherit; padding: .15rem .3rem }
article { border: 1px solid var(--line); border-left: 4px solid var(--error); border-radius: 4px; padding: .75rem 1rem; margin: .75rem 0 }
article.warning { border-left-color: var(--warning) } article[hidden] { display: none }
.level { text-transform: uppercase; font-size: .75rem; letter-spacing: .05em } .place { margin: .25rem 0; overflow-wrap: anywhere } .remedy { margin: .5rem 0 }
pre { background: var(--soft); padding: .5rem; margin: .5rem 0; overflow-x: auto; font-size: 13px; border-radius: 4px }
.number { display: inline-block; min-width: 3.5ch; margin-right: 1ch; text-align: right; opacity: .65; user-select: none }
mark { background: var(--mark); color: inherit; border-radius: 2px } summary { cursor: pointer } details { margin: .25rem 0 } details p { margin: .3rem 0 }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere }
.tabs { display: flex; gap: .25rem; margin-top: .75rem; border-bottom: 1px solid var(--line) } .tabs button { font: inherit; background: none; border: 0; border-bottom: 3px solid transparent; padding: .3rem .75rem; cursor: pointer; color: inherit }
.tabs button[aria-selected=true] { border-color: currentColor; font-weight: 600 } .tab[hidden] { display: none } .tab td { vertical-align: top; font-size: 13px } .danger { color: var(--error) } .caution { color: var(--warning) }
`

const SCRIPT = `
const buttons = [...document.querySelectorAll('[role=tab]')]
for (const button of buttons) button.addEventListener('click', () => {
  for (const one of buttons) {
    one.setAttribute('aria-selected', String(one === button))
    document.getElementById(one.getAttribute('aria-controls')).hidden = one !== button
  }
})
`
